package linesearch

import (
	"github.com/steepest/steepest/plugins/internal/flat"
	"github.com/steepest/steepest/sdk"
)

// Along searches from the weights of a model along d on this step's batch, each trial of which is an ask for a gradient.
func (w Wolfe) Along(m sdk.Model, d []float64, slope, trial float64) Point {
	moved := make([]float64, len(d))
	at := func(step float64) Point {
		flat.Scale(moved, step, d)
		g := make([]float64, len(d))
		loss := m.AskGradient(moved, sdk.ThisBatch, g)
		return Point{Loss: loss, Slope: flat.Dot(g, d), Gradient: g}
	}
	return w.Find(at, Point{Loss: m.Loss, Slope: slope, Gradient: m.Grad}, trial)
}

// Check says what is wrong with the constants of the hyperparameters c1 and c2.
func Check(c1, c2 float64) error {
	if c1 < c2 {
		return nil
	}
	return sdk.Fault("c1", "c1 is not less than c2", "there need not be a step with both conditions: choose 0 < c1 < c2 < 1")
}

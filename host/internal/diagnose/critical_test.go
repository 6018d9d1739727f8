package diagnose

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
)

// TestCriticalPoints: of Himmelblau's function they are those of the literature, noise of the gradient or not; near its maximum, where it begins, the
// search leads to that.
func TestCriticalPoints(t *testing.T) {
	f, _ := problem.Functions.Find("himmelblau")
	plain := f.Problem([]float64{-0.2, -0.9})
	for _, p := range []problem.Problem{plain, problem.WithNoise(plain, 3)} {
		near(t, measured(t, &criticalPoints, model.Settings{"starts": 200}, p, 0, []float64{-0.2, -0.9}, nil, 0), 1e-6, map[string]float64{
			"critical_minima": 4, "critical_saddles": 4, "critical_maxima": 1, "critical_degenerate": 0, "critical_unconverged": 0, "critical_alternating_sum": 1,
			"critical_correlation": 0.83458752}) // of the published losses
		near(t, measured(t, &criticalPoint, nil, p, 0, []float64{-0.2, -0.9}, nil, 0), 1e-8, map[string]float64{
			"critical_loss": 181.61652152258262, "critical_index": 2, "critical_index_share": 1, "critical_zero_share": 0, "critical_distance": 0.07449651744548422})
	}
	// Of a quadratic it is the one there is, at the origin: its eigenvalues are those of the matrix.
	q := quadratic(t, mat.NewDense(3, 3, []float64{2, 0, 0, 0, -3, 0, 0, 0, 0}))
	near(t, measured(t, &criticalPoint, nil, q, 0, []float64{3, 4, 0}, nil, 0), 1e-12, map[string]float64{
		"critical_loss": 0, "critical_index": 1, "critical_index_share": 1. / 3, "critical_zero_share": 1. / 3, "critical_smallest_eigenvalue": -3, "critical_distance": 5})
}

// TestNoCriticalPoint: where the search leads to none nothing is measured, which is another thing than a value that is no number.
func TestNoCriticalPoint(t *testing.T) {
	f := &problem.Function{Eval: func(x, g []float64) float64 {
		if g != nil {
			g[0] = 1
		}
		return x[0]
	}, Hessian: func(_ []float64, dst *mat.SymDense) { dst.SetSym(0, 0, 0) }}
	if got := measured(t, &criticalPoint, nil, f.Problem([]float64{1}), 0, []float64{1}, nil, 0); len(got) != 0 {
		t.Errorf("of a straight line: %v", got)
	}
}

package problem

import (
	"github.com/steepest/steepest/host/internal/dataset"
)

const tiltRows = 10_000

// tilted is a function of two variables with the plane of a data row added,
//
//	f(u, v; x, y) = f(u, v) + u x + v y
//
// where x and y ~ N(0, 1) are drawn for 10,000 training rows, first all x and then all y. The test row is x = y = 0.
// DeepOBS calls these problems two_d_rosenbrock, two_d_beale and two_d_branin.
func tilted(f *Function, start ...float64) *StochasticFunction {
	return &StochasticFunction{Name: "deepobs-" + f.Name, Rows: tiltRows, tensors: 2,
		Lowest: func(part Part) (float64, bool) {
			if part != Validation {
				return 0, false // the planes of a batch have no lowest point
			}
			value, _, ok := f.Lowest(len(start)) // the test row adds nothing to the function
			return value, ok
		},
		make: func(how dataset.Batching) Problem { return newTilted(f, start, how) }}
}

func newTilted(f *Function, start []float64, how dataset.Batching) Problem {
	random := newRandomState(trainingSeed)
	rows := make([][]float64, tiltRows)
	for j := range 2 {
		for i := range rows {
			if j == 0 {
				rows[i] = make([]float64, 2)
			}
			rows[i][j] = random.normal()
		}
	}
	eval := func(theta, mean []float64, _ float64, g []float64) float64 {
		loss := f.Eval(theta, g) + theta[0]*mean[0] + theta[1]*mean[1]
		for i := range g {
			g[i] += mean[i]
		}
		return loss
	}
	return &stochastic{start: start, batching: how,
		training: newSample(rows, nil),
		test:     newSample([][]float64{{0, 0}}, nil), open: func() averaged { return averaged{eval, f.Hessian} }}
}

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

// TestCriticalPointsByIndex: Himmelblau's minima, saddles and maximum have the index 0, 1 and 2, and the medians of the published losses; of many parameters
// ranges of the index are classes.
func TestCriticalPointsByIndex(t *testing.T) {
	f, _ := problem.Functions.Find("himmelblau")
	near(t, measured(t, &criticalPoints, model.Settings{"starts": 200}, f.Problem([]float64{-0.2, -0.9}), 0, []float64{-0.2, -0.9}, nil, 0), 1e-6, map[string]float64{
		"critical_points_by_index[0]": 4, "critical_points_by_index[1]": 4, "critical_points_by_index[2]": 1,
		"critical_loss_by_index[0]": 0, "critical_loss_by_index[1]": (104.0152 + 67.71915) / 2, "critical_loss_by_index[2]": 181.6165})
	// Of a saddle alone no other index has a loss, but each has a number.
	got := measured(t, &criticalPoints, model.Settings{"starts": 3}, quadratic(t, mat.NewDense(2, 2, []float64{2, 0, 0, -3})), 0, []float64{3, 4}, nil, 0)
	near(t, got, 0, map[string]float64{"critical_points_by_index[0]": 0, "critical_points_by_index[1]": 1})
	if loss, is := got["critical_loss_by_index[0]"]; is {
		t.Errorf("no minimum was found, and its loss is %v", loss)
	}
	for parameters, want := range map[int]struct {
		width, classes int
		last           string
	}{1: {1, 2, "1"}, 40: {1, 41, "40"}, 41: {2, 21, "40-41"}, 42: {2, 22, "42"}, 2000: {49, 41, "1960-2000"}} {
		width, names := indexClasses(parameters)
		if width != want.width || len(names) != want.classes || names[len(names)-1] != want.last || parameters/width >= len(names) {
			t.Errorf("of %d parameters: %d wide, %v", parameters, width, names)
		}
	}
}

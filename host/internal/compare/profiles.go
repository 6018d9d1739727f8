package compare

import (
	"math"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/statistics"
)

// Profile is a performance profile: the share of problems on which an optimizer takes at most x times the steps of the best. Its score is
// AlgoPerf's.
type Profile struct {
	Optimizer string   `json:"optimizer"`
	Costs     []Number `json:"steps_to_target"` // medians on each problem; infinite where half of the runs did not get there
	Score     Number   `json:"score"`
	Staircase
}

var profiles = statistic{name: "profiles", across: profile, whole: profilesTable}

func profile(c *Comparison) {
	costs := make([][]float64, len(c.Across.rows))
	for i, rows := range c.Across.rows {
		for j, r := range rows {
			cost := math.NaN()
			for _, t := range r.ToTarget {
				if t.Measure == measure.StepsToTarget {
					cost = float64(t.Median.Value)
				}
			}
			if math.IsNaN(cost) || c.Problems[j].target == nil {
				return // a problem without a target
			}
			costs[i] = append(costs[i], cost)
		}
	}
	if len(costs) < 2 {
		return
	}
	scores := statistics.AlgoPerfScores(costs)
	for i, s := range statistics.Profiles(costs) {
		p := Profile{Optimizer: c.Across.Optimizers[i], Score: Number(scores[i]), Staircase: staircase(s)}
		for _, x := range costs[i] {
			p.Costs = append(p.Costs, Number(x))
		}
		c.Across.Profiles = append(c.Across.Profiles, p)
	}
}

func staircase(s statistics.Staircase) (out Staircase) {
	for i, x := range s.X {
		out.X, out.Y = append(out.X, Number(x)), append(out.Y, Number(s.Y[i]))
	}
	return out
}

// at is the share at x.
func (s Staircase) at(x float64) (y Number) {
	for i, from := range s.X {
		if float64(from) <= x {
			y = s.Y[i]
		}
	}
	return y
}

func profilesTable(c *Comparison) []Table {
	t := Table{Title: "performance profiles over problems, by steps to target", Columns: []string{"", "fastest", "within 1.5", "within 2", "within 4", "AlgoPerf score"},
		Notes: []string{"Share of problems on which it takes at most so many times the steps of the best; other optimizers in the comparison may change it."}}
	for _, p := range c.Across.Profiles {
		t.Rows = append(t.Rows, []Cell{{Text: p.Optimizer}, number("within_1", p.at(1)), number("within_1.5", p.at(1.5)), number("within_2", p.at(2)),
			number("within_4", p.at(4)), number("score", p.Score)})
	}
	return []Table{t}
}

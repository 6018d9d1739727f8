package compare

import (
	"math"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/statistics"
)

// Reached is the share of an optimizer's runs, on all problems, that met their target after at most x gradient evaluations, or steps where those
// are not known.
type Reached struct {
	Optimizer string `json:"optimizer"`
	Measure   string `json:"measure"`
	Runs      int    `json:"runs"`
	Staircase
}

var reached = statistic{name: "reached", across: reach, whole: reachedTable}

func reach(c *Comparison) {
	measured := 1
	for _, rows := range c.Across.rows {
		for j, r := range rows {
			if c.Problems[j].target == nil {
				return
			}
			for _, seed := range r.seeds {
				if u := r.units[seed]; u.known[0] && !u.known[1] {
					measured = 0
				}
			}
		}
	}
	for i, rows := range c.Across.rows {
		var xs []float64
		for _, r := range rows {
			for _, seed := range r.seeds {
				u := r.units[seed]
				switch {
				case !u.known[measured]:
				case u.times[measured].Reached:
					xs = append(xs, u.times[measured].At)
				default:
					xs = append(xs, math.Inf(1))
				}
			}
		}
		if len(xs) > 0 {
			c.Across.Reached = append(c.Across.Reached, Reached{c.Across.Optimizers[i], toTargets[measured], len(xs), staircase(statistics.ECDF(xs))})
		}
	}
}

func reachedTable(c *Comparison) []Table {
	t := Table{Title: "targets reached over problems", Columns: []string{"", "measure", "runs", "25 % after", "50 % after", "75 % after", "share in the end"},
		Notes: []string{"Of all runs on all problems; those that missed their target count among them."}}
	for _, r := range c.Across.Reached {
		name := r.Measure
		if name == measure.StepsToTarget {
			name = "steps"
		}
		last := Number(0)
		if n := len(r.Y); n > 0 {
			last = r.Y[n-1]
		}
		cells := []Cell{{Text: r.Optimizer}, {Text: name}, whole("runs", r.Runs)}
		for _, share := range []struct {
			name string
			x    float64
		}{{"reached_25", .25}, {"reached_50", .5}, {"reached_75", .75}} {
			x := Number(math.Inf(1))
			for i := len(r.Y) - 1; i >= 0 && float64(r.Y[i]) >= share.x-1e-12; i-- {
				x = r.X[i]
			}
			cell := number(share.name, x)
			if math.IsInf(float64(x), 1) {
				cell.Text = "never"
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, append(cells, number("share", last)))
	}
	return []Table{t}
}

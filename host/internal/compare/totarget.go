package compare

import (
	"fmt"
	"math"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/statistics"
)

// ToTarget is what the runs of a row spent until they met the target: no run is dropped. One whose budget ran out is censored there; one that
// diverged or stopped on a plateau never gets there.
type ToTarget struct {
	Measure  string   `json:"measure"`
	Median   Estimate `json:"median"` // infinite if half of the runs did not get there
	Reached  int      `json:"reached"`
	Censored int      `json:"censored"`
	Never    int      `json:"never"`
	Unknown  int      `json:"unknown"` // failed or did not end: in no number
	Words    string   `json:"words"`
}

var toTarget = statistic{name: "to_target", each: countToTarget, table: toTargetTable}

// toTargets are the measures of the way to the target.
var toTargets = [...]string{measure.StepsToTarget, "gradient_evaluations_to_target", "training_seconds_to_target"}

func countToTarget(c *Comparison, p *Problem) {
	if p.target == nil {
		return
	}
	for _, r := range p.Rows {
		for i, name := range toTargets {
			t := ToTarget{Measure: name}
			var times []statistics.Time
			for _, seed := range r.seeds {
				u := r.units[seed]
				if !u.known[i] {
					t.Unknown++
					continue
				}
				times = append(times, u.times[i])
				switch {
				case u.times[i].Reached:
					t.Reached++
				case math.IsInf(u.times[i].At, 1):
					t.Never++
				default:
					t.Censored++
				}
			}
			if len(times) == 0 {
				continue
			}
			t.Median = estimate(statistics.MedianTime(times, c.Confidence), 1)
			t.Words = t.words(len(times))
			r.ToTarget = append(r.ToTarget, t)
		}
	}
}

// words never show a figure over the lucky runs alone.
func (t ToTarget) words(n int) string {
	way, _ := measure.Measure{Quantity: t.Measure}.Find(nil)
	unit := way.Unit
	switch {
	case t.Reached == 0:
		return "not reached"
	case math.IsInf(float64(t.Median.Value), 1):
		return fmt.Sprintf("not reached by half of the runs [%s, %s]", late(t.Median.Low), late(t.Median.High))
	case n == 1:
		return shownIn(unit, t.Median.Value)
	}
	return interval(unit, &t.Median, late)
}

// cell is what stands in a table.
func (t ToTarget) cell() Cell {
	numbers := []Named{{t.Measure, t.Median.Value}}
	if t.Median.N > 1 && t.Reached > 0 { // else there is no interval
		numbers = append(numbers, Named{t.Measure + "_low", t.Median.Low}, Named{t.Measure + "_high", t.Median.High})
	}
	return Cell{t.Words, numbers}
}

func late(x Number) string {
	if math.IsInf(float64(x), 1) {
		return "never"
	}
	return shown(x)
}

func toTargetTable(_ *Comparison, p *Problem) Table {
	t := Table{Title: "to target " + p.Target, Columns: []string{"", "reached", "steps", "gradient evaluations", "time of training", "coverage"},
		Notes: []string{"Median with interval over all runs: what the budget ended is censored there, and what diverged or stopped on a plateau never gets there."}}
	for _, r := range p.Rows {
		cells := []Cell{{Text: r.Name}, none, none, none, none, none}
		for _, x := range r.ToTarget {
			for i, name := range toTargets {
				if name == x.Measure {
					cells[2+i] = x.cell()
				}
			}
			if x.Measure == measure.StepsToTarget {
				cells[1] = Cell{fmt.Sprintf("%d/%d", x.Reached, x.Median.N), []Named{{"reached", Number(x.Reached)}, {"n", Number(x.Median.N)}}}
				cells[5] = coverage(x.Measure, &x.Median)
			}
		}
		if len(r.ToTarget) > 0 {
			t.Rows = append(t.Rows, cells)
		}
	}
	return t
}

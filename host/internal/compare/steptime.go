package compare

import (
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/statistics"
)

// StepPart is how long a part of a step took in the ended runs of a row, in seconds.
type StepPart struct {
	Part   string   `json:"part"` // gradient, optimizer or transport
	Median Estimate `json:"median"`
}

var stepTime = statistic{name: "step_time", each: timeSteps, table: stepTimeTable}

var stepParts = []struct {
	name string
	of   func(record.StepTime) time.Duration
}{
	{"gradient", func(t record.StepTime) time.Duration { return t.Gradient }},
	{"optimizer", func(t record.StepTime) time.Duration { return t.Optimizer }},
	{"transport", func(t record.StepTime) time.Duration { return t.Transport }},
}

func timeSteps(c *Comparison, p *Problem) {
	for _, r := range p.Rows {
		for _, part := range stepParts {
			var xs []float64
			for _, s := range r.all {
				if o := s.Outcome; o.Status.Ended() && o.Time != (record.StepTime{}) {
					xs = append(xs, part.of(o.Time).Seconds())
				}
			}
			if len(xs) > 0 {
				r.Time = append(r.Time, StepPart{part.name, estimate(statistics.Median(xs, c.Confidence), 1)})
			}
		}
	}
}

func stepTimeTable(_ *Comparison, p *Problem) Table {
	t := Table{Title: "time of a step", Columns: []string{"", "gradient", "optimizer", "transport"},
		Notes: []string{"Gradient in the host, update rule in the plugin, transport between them; medians over runs of medians over steps."}}
	for _, r := range p.Rows {
		if len(r.Time) == 0 {
			continue
		}
		cells := []Cell{{Text: r.Name}}
		for _, x := range r.Time {
			cells = append(cells, ranged(x.Part+"_seconds", "seconds", &x.Median))
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

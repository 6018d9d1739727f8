package execute

import (
	"time"

	"github.com/steepest/steepest/host/internal/plan"
)

// recordBytes is about as much as a run takes on disk beside its points: its record, and what is left of blocks.
const recordBytes = 8 << 10

// Estimate is how long runs take here with so many at once, and how many bytes on disk, by the costs of a probe. Runs without costs are
// left out; known tells whether there are any with.
func Estimate(costs map[[2]string]Cost, jobs []plan.Job, atOnce int) (total time.Duration, bytes int64, known bool) {
	for _, j := range jobs {
		c, probed := costs[[2]string{j.Problem, j.Optimizer.Base}]
		if !probed {
			continue
		}
		known = true
		steps, spent := j.Pause(), time.Duration(j.Pause())*c.Step
		if j.Limit() > 0 { // the steps are as many as that suffices for
			steps, spent = min(int(j.Limit()/max(c.Step, 1)), steps), j.Limit()
		}
		total += spent + c.Rest
		bytes += int64(j.Workload.Record.Points.Count(steps)*c.Row + recordBytes)
	}
	return total / time.Duration(max(min(atOnce, len(jobs)), 1)), bytes, known
}

package report

import (
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/terminal"
)

const (
	sparkColumns = 16
	mostLines    = 8 // of optimizers at once

	// longestName keeps lines so short that a terminal has to become very narrow before it breaks them: it may leave pieces of those above.
	longestName = 18
)

// losses are what is kept of a run's train loss for the display: the last one, and the last in each part of the run. The training
// loop writes them and the display reads them.
type losses struct {
	last  atomic.Uint64
	parts [sparkColumns]atomic.Uint32
}

func newLosses() *losses {
	l := &losses{}
	l.last.Store(math.Float64bits(math.NaN()))
	for i := range l.parts {
		l.parts[i].Store(math.Float32bits(float32(math.NaN())))
	}
	return l
}

// note keeps the loss of a point.
func (l *losses) note(j plan.Job, p *record.Sample) {
	if record.TrainLoss >= len(p.Values) {
		return
	}
	x, measured := p.Values[record.TrainLoss].Get()
	if !measured {
		return
	}
	share := float64(p.Step) / float64(max(j.Steps, 1))
	if limit := j.Limit(); limit > 0 {
		share = max(share, float64(p.Wall)/float64(limit))
	}
	l.last.Store(math.Float64bits(x))
	l.parts[min(max(int(share*sparkColumns), 0), sparkColumns-1)].Store(math.Float32bits(float32(x)))
}

// contender is an optimizer on a problem, with the runs of it that have begun and did not fail.
type contender struct {
	name   string
	meters []*Meter
}

func nameOf(j plan.Job) string {
	if j.Problem == "" {
		return j.Optimizer.Name
	}
	return j.Problem + ": " + j.Optimizer.Name
}

// median of the runs' losses so far, NaN if none is known. A run that is NaN is infinitely bad.
func median(meters []*Meter, loss func(*losses) float64) float64 {
	var values []float64
	for _, m := range meters {
		if x := loss(m.losses); !math.IsNaN(x) {
			values = append(values, x)
		}
	}
	if len(values) == 0 {
		return math.NaN()
	}
	return quantile.Median(values)
}

func (c *contender) now() float64 {
	return median(c.meters, func(l *losses) float64 { return math.Float64frombits(l.last.Load()) })
}

// spark are blocks as high as the median loss was in each part of the runs, on a logarithmic scale where it is positive.
func (c *contender) spark() string {
	var y [sparkColumns]float64
	low, high := math.Inf(1), math.Inf(-1)
	for i := range y {
		y[i] = median(c.meters, func(l *losses) float64 { return float64(math.Float32frombits(l.parts[i].Load())) })
		if y[i]-y[i] == 0 {
			low, high = min(low, y[i]), max(high, y[i])
		}
	}
	a := axes{low: low, high: high, log: low > 0 && high > logFrom*low}
	blocks := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range y {
		switch {
		case math.IsNaN(v):
			b.WriteByte(' ')
		case v > high:
			b.WriteRune('↑')
		case !(high > low):
			b.WriteRune(blocks[0])
		default:
			b.WriteRune(blocks[int(math.Round(a.share(v)*float64(len(blocks)-1)))])
		}
	}
	return b.String()
}

// standings has a line for each optimizer, or for as many as there is room for: those that run, and then the best.
func (b *Bar) standings(columns, rows int) (lines []string) {
	room := min(rows/4, mostLines) // so that they stay on the screen when it becomes half as wide and they are broken
	shown := slices.DeleteFunc(slices.Clone(b.contenders), func(c *contender) bool { return len(c.meters) == 0 })
	if room < 1 || columns < 2*sparkColumns {
		return nil
	}
	if len(shown) > room {
		shown = b.chosen(shown, room)
	}
	width := 0
	names := make([]string, len(shown))
	for i, c := range shown {
		names[i] = text.Snip(terminal.Escape(c.name), min(columns-sparkColumns-12, longestName), "…")
		width = max(width, text.StringWidth(names[i]))
	}
	for i, c := range shown {
		lines = append(lines, text.Pad(names[i], width, ' ')+" "+text.AlignRight.Apply(number(c.now()), 9)+" "+c.spark())
	}
	return lines
}

// chosen are those that run now, and the best of the others, in their order.
func (b *Bar) chosen(all []*contender, room int) []*contender {
	rank := map[*contender]float64{}
	for _, c := range all {
		if rank[c] = c.now(); math.IsNaN(rank[c]) {
			rank[c] = math.Inf(1)
		}
	}
	for _, m := range b.running {
		rank[b.contender(m.run)] = math.Inf(-1)
	}
	var ranks []float64
	for _, c := range all {
		ranks = append(ranks, rank[c])
	}
	slices.Sort(ranks)
	return slices.DeleteFunc(all, func(c *contender) bool { return rank[c] > ranks[room-1] })[:room]
}

// contender is the one that a run belongs to; it is added at the end if it is new.
func (b *Bar) contender(j plan.Job) *contender {
	name := nameOf(j)
	c := b.named[name]
	if c == nil {
		c = &contender{name: name}
		b.contenders = append(b.contenders, c)
		b.named[name] = c
	}
	return c
}

// forget takes a run out of its optimizer's median: it failed, or begins again.
func (b *Bar) forget(j plan.Job) {
	c := b.contender(j)
	c.meters = slices.DeleteFunc(c.meters, func(m *Meter) bool { return m.run.ID == j.ID })
}

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

// losses are what is kept of a run's train loss for the display: the last one, and after it the last in each part of the run; NaN
// where none is known. The training loop writes them and the display reads them.
type losses [1 + sparkColumns]atomic.Uint64

func newLosses() *losses {
	l := &losses{}
	for i := range l {
		l[i].Store(math.Float64bits(math.NaN()))
	}
	return l
}

// note keeps the loss of a point. One that is NaN is infinitely bad.
func (l *losses) note(j plan.Job, p *record.Sample) {
	if record.TrainLoss >= len(p.Values) {
		return
	}
	x, measured := p.Values[record.TrainLoss].Get()
	if !measured {
		return
	}
	if math.IsNaN(x) {
		x = math.Inf(1)
	}
	share := float64(p.Step) / float64(max(j.Steps, 1))
	if limit := j.Limit(); limit > 0 {
		share = max(share, float64(p.Wall)/float64(limit))
	}
	l[0].Store(math.Float64bits(x))
	l[1+min(max(int(share*sparkColumns), 0), sparkColumns-1)].Store(math.Float64bits(x))
}

func (l *losses) at(i int) float64 { return math.Float64frombits(l[i].Load()) }

// contender is an optimizer on a problem, with the runs of it that have begun and did not fail.
type contender struct {
	name    string
	running []*Meter
	ended   [1 + sparkColumns][]float64 // the losses of those that ended, each in order: they become many
}

func nameOf(j plan.Job) string {
	if j.Problem == "" {
		return j.Optimizer.Name
	}
	return j.Problem + ": " + j.Optimizer.Name
}

// end takes in how a run ended.
func (c *contender) end(m *Meter) {
	for i := range c.ended {
		c.ended[i] = insert(c.ended[i], m.losses.at(i))
	}
}

// insert puts a loss in its place, if it is known.
func insert(losses []float64, x float64) []float64 {
	if math.IsNaN(x) {
		return losses
	}
	at, _ := slices.BinarySearch(losses, x)
	return slices.Insert(losses, at, x)
}

// median is that of the losses at one of their places, NaN if none is known.
func (c *contender) median(i int) float64 {
	all := slices.Clone(c.ended[i])
	for _, m := range c.running {
		all = insert(all, m.losses.at(i))
	}
	return quantile.Of(all, 0.5)
}

// now is the median of the last losses.
func (c *contender) now() float64 { return c.median(0) }

// spark are blocks as high as the median loss was in each part of the runs, on a logarithmic scale where it is positive.
func (c *contender) spark() string {
	var y [sparkColumns]float64
	low, high := math.Inf(1), math.Inf(-1)
	for i := range y {
		y[i] = c.median(1 + i)
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
	shown := slices.DeleteFunc(slices.Clone(b.contenders), func(c *contender) bool { return len(c.running)+len(c.ended[0]) == 0 })
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

// leave takes a run out of those that go on, and returns what was known of it; nil if it did not begin.
func (b *Bar) leave(j plan.Job) (m *Meter) {
	is := func(m *Meter) bool { return m.run.ID == j.ID }
	if i := slices.IndexFunc(b.running, is); i >= 0 {
		m = b.running[i]
		b.running = slices.Delete(b.running, i, i+1)
	}
	c := b.contender(j)
	c.running = slices.DeleteFunc(c.running, is)
	return m
}

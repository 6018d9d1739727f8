package exporter

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/metrics"
	"github.com/steepest/steepest/metrics/remote"
)

// ahead is how far a point may be ahead of its time. Receivers refuse what is more than 10 minutes ahead of theirs, and clocks differ.
const ahead = 9 * time.Minute

// feed gives the points of one run, from its record.
type feed struct {
	sending *sending
	folder  *store.Folder
	run     string // its folder's name
	info    metrics.Info

	started, resumed time.Time     // by its record, and by this program, zero if it did not
	before           time.Duration // that it took until then

	mu      sync.Mutex // of what follows
	tail    *store.Tail
	at      store.Sent // what was read last
	again   bool       // the row of that point comes again, with its update
	waiting int        // points that were read since the receiver answered
	unsure  bool       // whether anything was
	columns []string   // of the quantities
	series  []series   // of the columns, as far as any are sent
	used    map[remote.Series]bool
	over    bool // this program records no more of it
	ended   bool // nor does any other
	drained bool // all that it records was read
	faulty  bool
	gone    bool // another feed goes on
}

var _ remote.Feed = (*feed)(nil)

// series are the labels of a column; they are empty if it is not sent.
type series struct {
	column string
	labels remote.Series
}

// The first two series of a run.
const (
	stepSeries = iota
	epochSeries
	quantitySeries
)

// newFeed reads the record of a run behind a point, in the first of the folders that is there.
func (s *sending) newFeed(folder *store.Folder, info metrics.Info, started time.Time, at store.Sent, dirs ...string) *feed {
	f := &feed{sending: s, folder: folder, run: filepath.Base(dirs[0]), info: info, started: started, at: at, again: len(at.Columns) > 0,
		used: map[remote.Series]bool{}}
	after := at.Step
	if f.again {
		after--
	}
	f.tail = store.NewTail(after, dirs...)
	return f
}

// time is when a point was recorded, in milliseconds since 1970.
func (f *feed) time(wall time.Duration) int64 {
	if !f.resumed.IsZero() && wall > f.before {
		return f.resumed.Add(wall - f.before).UnixMilli()
	}
	return f.started.Add(wall).UnixMilli()
}

// Fill implements remote.Feed.
func (f *feed) Fill(r *remote.Request) (more bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.faulty || f.gone {
		return false, nil
	}
	if more, err = f.fill(r); err != nil {
		f.faulty = true
		return false, err
	}
	if f.drained = f.over && !more; f.drained && !f.unsure {
		f.done()
	}
	return more, nil
}

func (f *feed) fill(r *remote.Request) (more bool, err error) {
	columns, err := f.tail.Quantities()
	if columns == nil {
		return false, err
	}
	if !slices.Equal(columns, f.columns) {
		f.columns, f.series = columns, f.name(columns)
	}
	samples := f.sending.scratch(len(f.series))
	quantities := len(f.series) - quantitySeries
	room, thinned, ms := max(1, r.Room()/len(f.series)), 0, int64(0)
	wanted := func(step int, wall time.Duration) bool {
		if f.again {
			return true
		}
		due := f.time(wall)
		if ms = max(due, f.at.Time+1); ms > due+ahead.Milliseconds() {
			thinned++
			return false
		}
		return true
	}
	take := func(p *store.Point) bool {
		f.take(p, ms, samples)
		room--
		return room > 0
	}
	more, err = f.tail.Next(quantities, wanted, take)
	if err == nil && f.over && !more { // the last point is sent in any case
		var p *store.Point
		if p, err = f.tail.Passed(quantities); p != nil && err == nil {
			thinned--
			f.take(p, f.at.Time+1, samples)
		}
	}
	f.sending.count(sums{thinned: thinned})
	for i, s := range f.series {
		if samples[i].Len() > 0 {
			f.used[s.labels], f.unsure = true, true
			r.Add(s.labels, &samples[i])
		}
	}
	return more, err
}

// take adds what is known of a point, and was not sent of it before.
func (f *feed) take(p *store.Point, ms int64, samples []remote.Samples) {
	var before []string
	if f.again && p.Step == f.at.Step {
		before, ms = f.at.Columns, f.at.Time
	} else {
		if f.again { // it does not come again
			ms = max(f.time(p.Wall), f.at.Time+1)
		}
		f.waiting++
	}
	f.again, f.at.Step, f.at.Time, f.at.Columns = false, p.Step, ms, nil
	complete := false
	add := func(i int, v record.Value) {
		x, measured := v.Get()
		if s := f.series[i]; measured && s.labels != "" {
			complete = complete || s.column == updateColumn
			f.at.Columns = append(f.at.Columns, s.column)
			if !slices.Contains(before, s.column) {
				samples[i].Add(ms, x)
			}
		}
	}
	add(stepSeries, record.Measured(float64(p.Step)))
	add(epochSeries, p.Epoch)
	for i, v := range p.Values {
		add(quantitySeries+i, v)
	}
	if complete {
		f.at.Columns = nil
	}
}

// updateColumn has a value in the rows that are complete. Others are made again when a run is gone on with.
var updateColumn = record.Standard()[record.UpdateNorm].Name

// name gives the columns their series.
func (f *feed) name(columns []string) []series {
	all := []series{f.seriesOf("step", stepMetric, ""), f.seriesOf("epoch", epochMetric, "")}
	last, scheduled := len(all), 0
	for _, column := range columns {
		s := f.seriesOf(column, column, "")
		if name, is := strings.CutPrefix(column, record.HyperparameterPrefix); is && scheduled < metrics.MaxScheduled {
			s = f.seriesOf(column, hyperparameterMetric, name)
			scheduled++
		}
		if all = append(all, s); s.labels != "" {
			last = len(all)
		}
	}
	return all[:last]
}

func (f *feed) seriesOf(column, quantity, hyperparameter string) series {
	d, known := f.sending.metrics[quantity]
	if !known {
		return series{column: column}
	}
	labels := append([]remote.Label{{Name: remote.MetricName, Value: d.Name}}, f.sending.common...)
	for _, name := range d.Labels {
		value := f.info.Value(name)
		if name == "hyperparameter" {
			value = hyperparameter
		}
		labels = append(labels, remote.Label{Name: name, Value: metrics.Label(value)})
	}
	return series{column, remote.NewSeries(labels...)}
}

// Settle implements remote.Feed.
func (f *feed) Settle(refused error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if refused != nil {
		f.sending.count(sums{refused: f.waiting})
	}
	if f.waiting, f.unsure = 0, false; f.drained {
		f.done()
	} else {
		f.keep()
	}
}

// keep notes how far the run was sent, for a program that goes on with it.
func (f *feed) keep() {
	if err := f.folder.KeepSent(f.run, f.at); err != nil {
		f.sending.note(remote.Fails, err)
	}
}

// done forgets a run of which all is sent, unless another program may go on with it.
func (f *feed) done() {
	if f.ended {
		f.folder.AllSent(f.run)
	} else {
		f.keep()
	}
	f.sending.forget(f)
}

// leave lets another feed go on from where this one is.
func (f *feed) leave() store.Sent {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone, f.over = true, true
	f.sending.forget(f)
	return f.at
}

// end says that this program records no more of the run, but one that paused may go on.
func (f *feed) end(status record.Status) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over, f.ended = status != record.Paused, status.Over()
}

// left is how many points were not sent.
func (f *feed) left() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waiting + f.tail.Left()
}

// Over implements remote.Feed.
func (f *feed) Over() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.over
}

// Last implements remote.Feed.
func (f *feed) Last() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at.Time
}

// End implements remote.Feed.
func (f *feed) End(ended func(remote.Series)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.used {
		if !f.gone {
			ended(s)
		}
	}
}

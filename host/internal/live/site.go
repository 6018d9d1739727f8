package live

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"html/template"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/page"
	"github.com/steepest/steepest/host/internal/store"
)

var (
	//go:embed live.html
	source string
	//go:embed live.css
	style string
	//go:embed live.js
	script string

	layout = template.Must(template.New("live").Parse(source))
)

// While runs go on, looking takes at most one part in share of the time, and making reports another. Neither is done more often than this.
const (
	share       = 200
	lookEvery   = time.Second
	reportEvery = 5 * time.Second
)

// What is in a report besides the steps of the runs takes about as long as reading so many.
const besides = 100_000

// site is the page of one results folder. Nothing is read while nobody looks at it.
type site struct {
	pages *Pages
	dir   string
	began time.Time

	looking sync.Mutex // of what follows: one looks at a time
	watch   *store.Watch
	memory  memory
	looked  time.Time
	took    time.Duration

	mu       sync.Mutex // of what follows
	now      *state
	changed  chan struct{} // closed when now is another
	watchers int
	busy     bool // whether it is looked again and again
	report   *report
	building chan struct{} // closed when the report that is being made is; nil if none is
	spent    time.Duration // on reports
	fetched  int           // how often the page was fetched since that report was made
}

// state is how things stand.
type state struct {
	name     string
	parts    map[string]string // of the page, in HTML, by their names
	spoken   string            // for those who do not see them
	going    bool              // whether runs go on
	makers   int               // how many programs make runs
	report   int               // the number of the report to be seen
	changes  int               // of the records, as a watch counts them
	steps    int               // that are on record
	finished bool              // whether the server ends
}

// report is the page without what is live, as of some time.
type report struct {
	number        int
	before, after []byte
	name          string
	has           page.Extent
	changes       int
	steps         int // that were on record, as far as that was known
	made          time.Time
	took          time.Duration
	err           error
}

func newSite(p *Pages, dir string) *site {
	return &site{pages: p, dir: dir, began: time.Now(), watch: store.NewWatch(dir), memory: memory{met: map[string]bool{}}, changed: make(chan struct{})}
}

// check makes the first report.
func (s *site) check(ctx context.Context) error {
	r := s.build(ctx, &state{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report = r
	return r.err
}

// due tells whether another report is to be made: the records changed since, and no run goes on, or there is time for it.
func (s *site) due(now *state) bool {
	switch r := s.report; {
	case r == nil:
		return true
	case now.changes == r.changes:
		return false
	case !now.going:
		return true
	default:
		return time.Since(r.made) >= reportEvery && s.spent+r.next(now.steps) <= time.Since(s.began)/share
	}
}

// next is how long the next report will probably take: longer than the last one, by the steps that came since.
func (r *report) next(steps int) time.Duration {
	return time.Duration(r.took.Seconds() * float64(steps+besides) / float64(r.steps+besides) * float64(time.Second))
}

// build makes a report.
func (s *site) build(ctx context.Context, now *state) *report {
	began := time.Now()
	r := &report{number: 1, changes: now.changes, steps: now.steps, name: filepath.Base(s.dir), made: began}
	s.mu.Lock()
	last := s.report
	s.mu.Unlock()
	if last != nil {
		r.number = last.number + 1
	}
	p, has, err := page.Open(ctx, s.dir)
	var b bytes.Buffer
	if err == nil {
		r.name, r.has = p.Name, has
		err = p.WriteIn(&b, page.Frame{Top: template.HTML(s.pages.id), Style: style, Script: script})
	}
	var cut bool
	if r.before, r.after, cut = bytes.Cut(b.Bytes(), []byte(s.pages.id)); err == nil && !cut {
		err = errors.New("the page has no place for what is live")
	}
	if err != nil && last != nil { // what was there is better than nothing
		r.before, r.after, r.name, r.has = last.before, last.after, last.name, last.has
	}
	r.took, r.err = time.Since(began), err
	return r
}

// renew begins to make another report, if it is due. It returns when it is made, nil if none is being made.
func (s *site) renew(now *state) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.building == nil && (s.report == nil || s.pages.ctx.Err() == nil) && s.due(now) {
		done := make(chan struct{})
		s.building = done
		go func() {
			r := s.build(s.pages.ctx, now)
			s.mu.Lock()
			s.report, s.building, s.fetched, s.spent = r, nil, 0, s.spent+r.took
			s.mu.Unlock()
			close(done)
		}()
	}
	if s.building == nil {
		return nil
	}
	return s.building
}

// look finds out how things stand, unless that was found out just now.
func (s *site) look() *state {
	s.looking.Lock()
	defer s.looking.Unlock()
	s.mu.Lock()
	last, r := s.now, s.report
	s.mu.Unlock()
	if last != nil && time.Since(s.looked) < s.pause() && (r == nil || last.report == r.number) {
		return last
	}
	began := time.Now()
	next := s.see(r)
	if last != nil && s.pages.ctx.Err() != nil {
		return last // the end was shown, and this look was cut off
	}
	s.looked = time.Now()
	s.took = s.looked.Sub(began)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now = next; last == nil || !last.same(next) {
		close(s.changed)
		s.changed = make(chan struct{})
	}
	return next
}

// pause is how long nothing is looked at after a look.
func (s *site) pause() time.Duration { return max(lookEvery, share*s.took) }

// same tells whether there is nothing else to be seen.
func (s *state) same(other *state) bool {
	for name, text := range s.parts {
		if other.parts[name] != text {
			return false
		}
	}
	return s.report == other.report && s.going == other.going && s.makers == other.makers && s.finished == other.finished
}

// see looks at the records.
func (s *site) see(r *report) *state {
	v := view{Report: r}
	if r == nil {
		v.Report = &report{name: filepath.Base(s.dir)}
	}
	makers, _ := store.Programs(s.dir)
	seen, err := s.watch.Look(s.pages.ctx)
	if err != nil {
		v.Fault = err.Error()
	}
	runs := s.memory.runs(v.Report.has.Jobs, seen)
	s.memory.sample(runs)
	for _, one := range runs {
		v.Going = v.Going || one.state() == running
		if one.over() {
			v.Over++
		}
	}
	v.All, v.Counts = len(runs), counts(runs)
	v.Rows, v.Left = rows(runs)
	v.Logs = logs(runs)
	if v.Figures, v.LeftFigures, err = figures(v.Report.name, runs); err != nil {
		v.Fault = err.Error()
	}
	next := &state{name: v.Report.name, parts: map[string]string{}, spoken: sentence(v.Counts), going: v.Going, makers: len(makers), report: v.Report.number, changes: s.watch.Changes()}
	for _, one := range runs {
		next.steps += one.reached().Step
	}
	for _, name := range []string{"counts", "curves", "runs", "left", printedPart, "asof"} {
		next.parts[name] = part(name, v)
	}
	return next
}

// printedPart is the part of what plugins printed.
const printedPart = "log"

// view is what the templates show.
type view struct {
	Going       bool
	Fault       string
	All, Over   int
	Counts      []count
	Rows        []row
	Left        []count
	Logs        []printed
	Figures     []drawing
	LeftFigures int
	Report      *report
}

// What templates show of a report.

func (r *report) Number() int      { return r.number }
func (r *report) Time() time.Time  { return r.made }
func (r *report) Has() page.Extent { return r.has }
func (r *report) Error() string {
	if r.err == nil {
		return ""
	}
	return r.err.Error()
}

func part(name string, data any) string {
	var b strings.Builder
	if err := layout.ExecuteTemplate(&b, name, data); err != nil {
		return template.HTMLEscapeString(err.Error())
	}
	return b.String()
}

// page answers with the whole page, as things stand.
func (d door) page(s *site, w http.ResponseWriter, r *http.Request) {
	now := s.look()
	if made := s.renew(now); made != nil && now.report == 0 {
		select { // there is nothing to be seen without it
		case <-made:
		case <-r.Context().Done():
			return
		}
		now = s.look()
	}
	s.mu.Lock()
	report := s.report
	s.fetched++
	s.mu.Unlock()
	if report.before == nil {
		http.Error(w, report.err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", page.Frame{Script: script, Style: style}.Policy()+"; frame-ancestors 'none'")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
	also := d.also
	if also != "" && r.PathValue("number") != "" {
		also = "../" + also
	}
	top := part("top", map[string]any{"Parts": htmlParts(now.parts), "Server": d.id, "Token": d.token, "Also": also, "Report": report.number})
	for _, b := range [][]byte{report.before, []byte(top), report.after} {
		if _, err := w.Write(b); err != nil {
			return
		}
	}
}

// htmlParts are those that templates made, which escaped them.
func htmlParts(parts map[string]string) map[string]template.HTML {
	all := map[string]template.HTML{}
	for name, text := range parts {
		all[name] = template.HTML(text)
	}
	return all
}

// stop asks the programs that make runs to stop.
func (d door) stop(s *site, w http.ResponseWriter, _ *http.Request) {
	asked, err := store.RequestStop(s.dir)
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case len(asked) == 0:
		http.Error(w, "No program makes runs here any more.", http.StatusConflict)
	default:
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "The runs stop within seconds, each with a checkpoint; the same command goes on with them.")
	}
}

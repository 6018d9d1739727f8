package exporter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/metrics"
	"github.com/steepest/steepest/metrics/remote"
)

// RemoteFlag is the flag by which metrics are sent, and RemoteConfigFlag says how their receiver is to be asked.
const (
	RemoteFlag       = "remote-write"
	RemoteConfigFlag = "remote-write.config.file"
)

// What is sent of a point beside its quantities.
const (
	stepMetric           = "steepest_run_step"
	epochMetric          = "steepest_run_epoch"
	hyperparameterMetric = "steepest_hyperparameter"
)

// sending sends all points of all runs from their records, and what else there is in the registry. A nil one sends nothing.
type sending struct {
	receiver *remote.Receiver
	sender   *remote.Sender
	notes    io.Writer
	common   []remote.Label
	metrics  map[string]metrics.Definition // of points, by their columns
	samples  []remote.Samples              // reused

	mu    sync.Mutex
	feeds map[*feed]bool // of which not all is sent
	dirs  map[string]bool
	sums  sums
	noted map[remote.Trouble]bool
}

// sums count points.
type sums struct{ refused, thinned int }

// checkRemote judges where metrics are to be sent.
func (o *Options) checkRemote(given func(flag string) bool) (err error) {
	const example = "give a URL such as http://127.0.0.1:9090/api/v1/write"
	switch {
	case o.Remote == "" && given(RemoteFlag):
		return fmt.Errorf("--%s is empty; %s", RemoteFlag, example)
	case o.Remote == "" && o.RemoteConfig != "":
		return fmt.Errorf("--%s does nothing without a receiver; add --%s, or leave it out", RemoteConfigFlag, RemoteFlag)
	case o.Remote == "":
		return nil
	}
	version, _ := store.Version()
	agent := "steepest/" + version
	if o.receiver, err = remote.NewReceiver(o.Remote, "", agent); err != nil {
		return fmt.Errorf("--%s: %w; %s", RemoteFlag, err, example)
	}
	if o.receiver, err = remote.NewReceiver(o.Remote, o.RemoteConfig, agent); err != nil {
		return fmt.Errorf("--%s %s: %w; docs/metrics.md shows a right one", RemoteConfigFlag, o.RemoteConfig, err)
	}
	return nil
}

// send begins to send, if that is wanted.
func (x *Exporter) send(ctx context.Context, registry prometheus.Gatherer) error {
	r := x.options.receiver
	if r == nil {
		return nil
	}
	s := &sending{receiver: r, notes: x.notes, metrics: map[string]metrics.Definition{}, feeds: map[*feed]bool{}, dirs: map[string]bool{},
		noted:  map[remote.Trouble]bool{},
		common: []remote.Label{{Name: "job", Value: "steepest"}, {Name: "instance", Value: Instance()}}}
	of := map[string]bool{stepMetric: true, epochMetric: true, hyperparameterMetric: true}
	for i, d := range metrics.Definitions(x.quantities) {
		switch {
		case i < len(x.quantities) && !x.quantities[i].Final:
			of[d.Name], s.metrics[x.quantities[i].Name] = true, d
		case of[d.Name]:
			s.metrics[d.Name] = d
		}
	}
	var err error
	s.sender, err = remote.Start(ctx, r, remote.Options{Gatherer: registry, Except: func(name string) bool { return of[name] }, Common: s.common, Note: s.note})
	if err != nil {
		return fmt.Errorf("--%s: %s takes no metrics: %s; a Prometheus does at /api/v1/write, if it is started with --web.enable-remote-write-receiver",
			RemoteFlag, r.Name, inOneLine(err))
	}
	_, _ = fmt.Fprintf(x.notes, "metrics go to %s\n", r.Name)
	x.sending = s
	return nil
}

func inOneLine(err error) string {
	return terminal.Escape(strings.TrimRight(strings.Join(strings.Fields(err.Error()), " "), ": ")) // behind which an answer may be empty
}

// note says once what is wrong.
func (s *sending) note(t remote.Trouble, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noted[t] {
		return
	}
	s.noted[t] = true
	var text string
	switch t {
	case remote.Waits:
		text = "%s does not take metrics now: %s; they are sent when it does\n"
	case remote.Refuses:
		text = "%s refuses some of the metrics: %s\n"
	default:
		text = "not all metrics can be sent to %s: %s\n"
	}
	_, _ = fmt.Fprintf(s.notes, "note: "+text, s.receiver.Name, inOneLine(err))
}

// scratch are so many empty lists of samples, for the one goroutine that sends.
func (s *sending) scratch(n int) []remote.Samples {
	for len(s.samples) < n {
		s.samples = append(s.samples, remote.Samples{})
	}
	for i := range n {
		s.samples[i].Reset()
	}
	return s.samples[:n]
}

func (s *sending) count(more sums) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sums.refused += more.refused
	s.sums.thinned += more.thinned
}

func (s *sending) forget(f *feed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.feeds, f)
}

func (s *sending) add(f *feed) *feed {
	s.mu.Lock()
	s.feeds[f] = true
	s.dirs[f.folder.Dir] = true
	s.mu.Unlock()
	f.keep()
	s.sender.Add(f)
	return f
}

// rest sends what an earlier program left of a run that is over.
func (s *sending) rest(folder *store.Folder, r store.Run, info metrics.Info) {
	at := folder.Sent(filepath.Base(r.Dir))
	m, err := folder.Record(r.Job)
	if err != nil || at == nil || at.To != s.receiver.Name {
		return
	}
	f := s.newFeed(folder, info, m.Started, *at, r.Dir)
	f.over, f.ended = true, true
	s.add(f)
}

// follow sends what is recorded of a run from now on, and what an earlier program left. last followed it in this program, if it began before.
func (s *sending) follow(last *feed, folder *store.Folder, r store.Run, info metrics.Info, files *store.Recorder) *feed {
	m, place := files.Manifest(), r.Dir
	step, wall := files.Recorded()
	at := store.Sent{To: s.receiver.Name, Execution: m.Execution, Step: step}
	known := folder.Sent(filepath.Base(files.Dir()))
	if last != nil {
		known = new(last.leave())
	}
	if known != nil && known.To == at.To && known.Execution == at.Execution {
		at = *known
	}
	f := s.newFeed(folder, info, m.Started, at, slices.Compact([]string{files.Dir(), place})...)
	if step >= 0 {
		f.resumed, f.before = time.Now(), wall
	}
	return s.add(f)
}

// silence is how long the end of a program sends without a word. Tests are in a hurry.
var silence = 2 * time.Second

// finish waits until all is sent, and says what was not.
func (s *sending) finish(ctx context.Context) {
	if s == nil {
		return
	}
	waits := time.AfterFunc(silence, func() {
		if ctx.Err() == nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			_, _ = fmt.Fprintf(s.notes, "waiting until all is sent to %s, unless it takes nothing for %s; Ctrl-C ends it\n", s.receiver.Name,
				terminal.Duration(remote.Patience))
		}
	})
	err := s.sender.Finish(ctx)
	waits.Stop()
	s.mu.Lock()
	feeds, sums, dirs := slices.Collect(maps.Keys(s.feeds)), s.sums, slices.Sorted(maps.Keys(s.dirs))
	s.mu.Unlock()
	missing := sums.refused
	for _, f := range feeds {
		missing += f.left()
	}
	why := "refused"
	switch {
	case errors.Is(err, remote.ErrNoProgress):
		why = err.Error()
	case err != nil:
		why = "interrupted"
	}
	switch {
	case missing > 0:
		_, _ = fmt.Fprintf(s.notes, "note: %d points are not at %s: %s\n", missing, s.receiver.Name, why)
	case err != nil:
		_, _ = fmt.Fprintf(s.notes, "note: the last metrics are not at %s: %s\n", s.receiver.Name, why)
	}
	if sums.thinned > 0 {
		_, _ = fmt.Fprintf(s.notes, "note: %d points were left out, which would be more than %s ahead of their time: there can be one in a millisecond\n",
			sums.thinned, terminal.Duration(ahead))
	}
	if missing+sums.thinned > 0 && len(dirs) > 0 {
		_, _ = fmt.Fprintf(s.notes, "note: all points are on the disk; see docs/metrics.md for how to add them after %s\n",
			terminal.Command([]string{"steepest", "export", "--format", "openmetrics"}, dirs...))
	}
}

package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/steepest/steepest/host/internal/terminal"
)

const (
	heartbeat  = 15 * time.Second
	retryAfter = 2 * time.Second // a browser that lost the connection tries again

	// So long the end of a program waits for those who look, however short or long it was.
	leastPatience = 500 * time.Millisecond
	mostPatience  = 3 * time.Second
)

// event is what a page is told: the parts that changed, and which report there is.
type event struct {
	Server   string            `json:"server"`
	Report   int               `json:"report"`
	Makers   int               `json:"makers"` // programs that can be asked to stop
	Spoken   string            `json:"spoken"`
	Parts    map[string]string `json:"parts,omitempty"`
	Finished bool              `json:"finished,omitempty"`
}

// events tells a browser what changes, as server-sent events. Whoever is slow is told the last state, not each.
func (d door) events(s *site, w http.ResponseWriter, r *http.Request) {
	if !s.join() {
		w.Header().Set("Retry-After", "60")
		http.Error(w, fmt.Sprintf("%d windows look at this already; close some.", maxWatchers), http.StatusServiceUnavailable)
		return
	}
	defer s.leave()
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	write := func(b []byte) bool {
		_ = control.SetWriteDeadline(time.Now().Add(writeTimeout))
		_, err := w.Write(b)
		return err == nil && control.Flush() == nil
	}
	if !write(fmt.Appendf(nil, "retry: %d\n\n", retryAfter.Milliseconds())) {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var last *state
	for {
		s.mu.Lock()
		now, changed := s.now, s.changed
		s.mu.Unlock()
		if now != nil && (last == nil || !last.same(now)) {
			if !write(d.message(last, now)) || now.finished {
				return
			}
			last = now
		}
		select {
		case <-changed:
		case <-beat.C:
			if !write([]byte(": still here\n\n")) {
				return
			}
		case <-r.Context().Done():
			return
		case <-s.pages.ctx.Done():
			return
		}
	}
}

// message is an event for a page that knows an earlier state, or none.
func (d door) message(last, now *state) []byte {
	e := event{Server: d.id, Report: now.report, Makers: now.makers, Spoken: now.spoken, Finished: now.finished, Parts: map[string]string{}}
	for name, text := range now.parts {
		if (last == nil || last.parts[name] != text) && !(d.readOnly() && name == printedPart) {
			e.Parts[name] = text
		}
	}
	b, _ := json.Marshal(e) // texts can always be written
	return bytes.Join([][]byte{[]byte("data: "), b, []byte("\n\n")}, nil)
}

// join takes one more who is told what changes, unless there are too many.
func (s *site) join() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages.watching.Add(1) > maxWatchers {
		s.pages.watching.Add(-1)
		return false
	}
	if s.watchers++; !s.busy {
		s.busy = true
		go s.follow()
	}
	return true
}

func (s *site) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers--
	s.pages.watching.Add(-1)
}

// follow looks again and again, as long as somebody is told.
func (s *site) follow() {
	for {
		now := s.look()
		made := s.renew(now)
		s.looking.Lock()
		pause := s.pause()
		s.looking.Unlock()
		select {
		case <-time.After(pause):
		case <-made: // which is to be seen at once
		case <-s.pages.ctx.Done():
		}
		s.mu.Lock()
		if s.watchers == 0 || s.pages.ctx.Err() != nil {
			s.busy = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}

// conclude lets whoever is looking see how things stand at last: the runs of this program are over. The last report is made where it is not the runs that
// would seem to take longer by it.
func (s *site) conclude() {
	s.mu.Lock()
	watchers, last := s.watchers, s.report
	s.mu.Unlock()
	if watchers == 0 {
		return
	}
	patience := min(max(leastPatience, time.Since(s.began)/share), mostPatience)
	over := time.After(patience)
	s.expire()
	now := *s.look()
	now.going = false
	if last == nil || last.next(now.steps) < patience {
		if made := s.renew(&now); made != nil {
			select {
			case <-made:
			case <-over:
			}
			s.expire()
			s.look()
		}
	}
	for range 300 { // until the page is fetched by those who are told that there is another one
		s.mu.Lock()
		enough := s.fetched >= s.watchers || s.report == last
		s.mu.Unlock()
		if enough {
			break
		}
		select {
		case <-over:
		case <-time.After(patience / 300):
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	end := *s.now
	end.finished = true
	if s.report != nil && s.report.changes != end.changes {
		end.parts = maps.Clone(end.parts)
		end.parts["asof"] += part("late", terminal.Command([]string{"steepest", "report"}, s.dir))
	}
	s.now = &end
	close(s.changed)
	s.changed = make(chan struct{})
}

// expire lets the next look find out everything.
func (s *site) expire() {
	s.looking.Lock()
	defer s.looking.Unlock()
	s.looked = time.Time{}
}

package remote

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Feed gives samples that wait somewhere until they can be sent. Its methods are called by one goroutine, one after another.
type Feed interface {
	// Fill adds samples to a request, about as many as it has room for, and tells whether there may be more at once.
	Fill(r *Request) (more bool, err error)
	// Settle says that what Fill added since the last call was taken by the receiver, or refused.
	Settle(refused error)
	// Over tells whether there will never be more. It is asked after a Fill that said that there is no more at once.
	Over() bool
	// Last is the time of the last sample in milliseconds since 1970, 0 if there is none.
	Last() int64
	// End calls ended for each series that has samples.
	End(ended func(Series))
}

// Every is how often the registry is sent, and feeds are asked for more.
const Every = time.Second

// lookback is how long a series that ends without a word is seen by those who query Prometheus.
const lookback = 5 * time.Minute

// Patience is how long the end of a program waits for a receiver that takes nothing.
const Patience = time.Minute

// interruptPatience is how long the beginning of a program waits for an answer, and its end after an interrupt. Tests are in a hurry.
var interruptPatience = 5 * time.Second

// ErrNoProgress says that the receiver took nothing for too long.
var ErrNoProgress = errors.New("it took nothing for " + Patience.String())

// Trouble is what keeps samples from being taken.
type Trouble int

// The troubles.
const (
	Waits   Trouble = iota // the receiver cannot be reached, or asks for patience: all is sent when it does
	Refuses                // it does not take what it was sent, whenever that is
	Fails                  // samples could not be read
	troubles
)

// Options say what is sent.
type Options struct {
	Gatherer prometheus.Gatherer
	Except   func(metric string) bool // of the registry, what feeds give
	Common   []Label                  // of the registry's series
	Note     func(Trouble, error)     // told once of each
}

// Sender sends what a registry has every second, and what feeds give, with one request at a time: all samples of a series in the order of
// their times. What is not sent yet waits where feeds have it.
type Sender struct {
	receiver *Receiver
	note     func(Trouble, error)
	registry registry
	at       int64 // of the registry's samples that were sent last
	request  Request
	parts    []part
	noted    [troubles]bool
	going    []Feed
	ended    []Feed // that are still to be seen

	cancel context.CancelCauseFunc
	wake   chan time.Time
	finish chan struct{}
	done   chan struct{}
	err    error // why not all was sent

	mu       sync.Mutex
	added    []Feed
	progress time.Time // when the receiver answered last
}

// part is what one feed has in the request.
type part struct {
	feed       Feed
	begin, end int
}

// Start sends what the registry has at once, to find out whether the receiver takes it, and begins to send. The error says why it does not;
// it is nil if the receiver only cannot be reached now, or
// the context ended before it answered.
func Start(ctx context.Context, receiver *Receiver, o Options) (*Sender, error) {
	s := &Sender{receiver: receiver, note: o.Note, registry: registry{o.Gatherer, o.Except, o.Common, nil},
		wake: make(chan time.Time, 1), finish: make(chan struct{}), done: make(chan struct{})}
	first, cancel := context.WithTimeout(ctx, interruptPatience)
	defer cancel()
	s.noted[Refuses] = true // by the error
	if refused, _ := s.state(first, time.Now().UnixMilli()); refused != nil {
		return nil, refused
	}
	s.noted[Refuses] = false
	ctx, s.cancel = context.WithCancelCause(context.WithoutCancel(ctx)) // an interrupt ends the runs, whose ends are to be sent
	go func() {
		defer close(s.done)
		s.err = s.run(ctx)
	}()
	return s, nil
}

// Add adds a feed.
func (s *Sender) Add(f Feed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.added = append(s.added, f)
}

// Wake sends soon what the registry has, as of now: there is something new in it that must be known before a second is over.
func (s *Sender) Wake() {
	select {
	case s.wake <- time.Now():
	default: // it is about to be sent
	}
}

// Finish returns when all is sent and all series are said to have ended. The error is that of the context a little after that ended, or
// ErrNoProgress. No feed may be added any more, and feeds are the caller's again.
func (s *Sender) Finish(ctx context.Context) error {
	close(s.finish)
	began, interrupted := time.Now(), time.Time{}
	tick := time.NewTicker(Every / 10)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			s.cancel(nil)
			return s.err
		case now := <-tick.C:
			s.mu.Lock()
			last := s.progress
			s.mu.Unlock()
			switch {
			case now.Sub(began) >= Patience && now.Sub(last) >= Patience:
				s.cancel(ErrNoProgress)
			case ctx.Err() == nil:
			case interrupted.IsZero():
				interrupted = now
			case now.Sub(interrupted) >= interruptPatience:
				s.cancel(ctx.Err())
			}
		}
	}
}

// run sends until all is over.
func (s *Sender) run(ctx context.Context) error {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	now, last := time.Now(), false
	busy := make(chan struct{})
	close(busy)
	for {
		all, err := s.round(ctx, now, last)
		var more chan struct{}
		switch {
		case err != nil:
			return err
		case last:
			return s.end(ctx)
		case !all:
			more = busy
		}
		select {
		case now = <-s.wake:
		case <-s.finish:
			now, last = time.Now(), true
		case <-tick.C:
			now = time.Now()
		case <-more:
			now = time.Now()
		}
	}
}

// round sends what the registry has, as of now, and what feeds have, until none has more, and tells whether that is so. Else a second passed, and another
// round is due; the last one goes on for as long as it takes.
func (s *Sender) round(ctx context.Context, now time.Time, last bool) (all bool, err error) {
	begin := time.Now()
	if _, err := s.state(ctx, now.UnixMilli()); err != nil {
		return false, err
	}
	s.mu.Lock()
	s.going, s.added = append(s.going, s.added...), nil
	s.mu.Unlock()
	s.ended = slices.DeleteFunc(s.ended, func(f Feed) bool { return f.Last() < begin.Add(-lookback).UnixMilli() })
	for asked := slices.Clone(s.going); len(asked) > 0; {
		if now := time.Now(); now.Sub(begin) >= Every {
			if !last {
				return false, nil
			}
			if _, err := s.state(ctx, now.UnixMilli()); err != nil {
				return false, err
			}
			begin = now
		}
		asked = s.fill(asked)
		if err := s.post(ctx); err != nil {
			return false, err
		}
	}
	return true, nil
}

// fill asks feeds for samples until the request is full. It returns those that may have more, behind those that were not asked.
func (s *Sender) fill(asked []Feed) []Feed {
	s.clear()
	for n := len(asked); n > 0 && s.request.Room() > 0; n-- {
		f, begin := asked[0], len(s.request.b)
		asked = asked[1:]
		over := f.Over() // before it is asked for the rest
		more, err := f.Fill(&s.request)
		if err != nil {
			s.say(Fails, err)
		}
		s.add(f, begin)
		switch {
		case more:
			asked = append(asked, f)
		case over:
			s.going = slices.DeleteFunc(s.going, func(other Feed) bool { return other == f })
			s.ended = append(s.ended, f)
		}
	}
	return asked
}

// add notes that a feed added to the request what begins there, if that is anything.
func (s *Sender) add(f Feed, begin int) {
	if end := len(s.request.b); end > begin {
		s.parts = append(s.parts, part{f, begin, end})
	}
}

// post sends the request. If it is refused, what one feed has may be the reason: then each is sent for itself.
func (s *Sender) post(ctx context.Context) error {
	refused, err := s.send(ctx, s.request.b)
	if err != nil {
		return err
	}
	for _, p := range s.parts {
		alone := refused
		if refused != nil && len(s.parts) > 1 {
			if alone, err = s.send(ctx, s.request.b[p.begin:p.end]); err != nil {
				return err
			}
		}
		p.feed.Settle(alone)
	}
	return nil
}

// state sends what the registry has now, at a time. What is refused of it is not sent again.
func (s *Sender) state(ctx context.Context, ms int64) (refused, err error) {
	return s.each(ctx, ms, func(add func(Series, float64)) {
		if err := s.registry.gather(add); err != nil {
			s.say(Fails, err)
		}
	})
}

// each sends a sample of each of some series at a time, or a little later.
func (s *Sender) each(ctx context.Context, ms int64, series func(add func(Series, float64))) (refused, err error) {
	s.at = max(ms, s.at+1)
	s.clear()
	flush := func() {
		if err == nil {
			var r error
			if r, err = s.send(ctx, s.request.b); r != nil {
				refused = r
			}
		}
		s.clear()
	}
	var one Samples
	series(func(series Series, value float64) {
		one.Reset()
		one.Add(s.at, value)
		if s.request.Add(series, &one); s.request.Room() == 0 {
			flush()
		}
	})
	flush()
	return refused, err
}

// repeat is how often the state at the end is sent for times to come.
const repeat = time.Minute

// end says that all series have ended, behind the last sample of any, which may be ahead of the time. What the registry has is repeated until there, so
// that what is known of runs is known at all their points.
func (s *Sender) end(ctx context.Context) error {
	end := s.at
	feeds := append(s.ended, s.going...)
	for _, f := range feeds {
		end = max(end, f.Last())
	}
	for ms := s.at + repeat.Milliseconds(); ms < end; ms += repeat.Milliseconds() {
		if _, err := s.state(ctx, ms); err != nil {
			return err
		}
	}
	_, err := s.each(ctx, end+1, func(add func(Series, float64)) {
		for series := range s.registry.shown {
			add(series, Stale)
		}
	})
	if err != nil {
		return err
	}
	var one Samples
	one.Add(s.at, Stale)
	s.clear()
	for _, f := range feeds {
		begin := len(s.request.b)
		f.End(func(series Series) { s.request.Add(series, &one) })
		s.add(f, begin)
		if s.request.Room() == 0 {
			if err := s.post(ctx); err != nil {
				return err
			}
			s.clear()
		}
	}
	return s.post(ctx)
}

// send sends a message until it is taken or refused. The error is that of the context.
func (s *Sender) send(ctx context.Context, m message) (refused, err error) {
	if len(m) == 0 {
		return nil, nil
	}
	refused, err = s.receiver.send(ctx, m, func(err error) { s.say(Waits, err) })
	if refused != nil {
		s.say(Refuses, refused)
	}
	if err == nil {
		s.mu.Lock()
		s.progress = time.Now()
		s.mu.Unlock()
	}
	return refused, err
}

func (s *Sender) clear() {
	s.request.reset()
	s.parts = s.parts[:0]
}

// say notes a trouble once.
func (s *Sender) say(t Trouble, err error) {
	if !s.noted[t] {
		s.noted[t] = true
		s.note(t, err)
	}
}

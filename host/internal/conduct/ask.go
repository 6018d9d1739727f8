package conduct

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
)

// Sampler chooses trials, knowing how good earlier ones were. Of a trial that it did not choose it is told too: it was chosen before.
type Sampler interface {
	// Ask asks for a value of each axis of an optimizer's space; ok is false if no more trials of it are wanted.
	Ask(ctx context.Context, w *config.Workload, o config.Optimizer, trial int) (values map[string]any, ok bool, err error)
	// Tell tells how good a trial was.
	Tell(w *config.Workload, t plan.Trial)
	// Repeated tells that what was chosen for a trial had been chosen before. It is asked again.
	Repeated(w *config.Workload, o config.Optimizer, trial int, before config.Optimizer)
	// Fault is an error about what was chosen last.
	Fault(err error) error
}

// mostRepeated is how often in a row a sampler may choose what it chose before.
const mostRepeated = 100

// asking is what passes between the stages and a sampler.
type asking struct {
	Sampler
	recalled bool
	told     map[key]bool
	release  func() // lets other programs have trials chosen; nil before this one does
}

// choose makes this program the one that has trials chosen. What another one chose meanwhile is on record.
func (s *Stages) choose(ctx context.Context) (err error) {
	if s.asking.release, err = s.folder.Choose(ctx); err != nil {
		return err
	}
	return s.recall()
}

// recall takes in the trials that are on record, in the order in which they were chosen. One that no longer lies in its space is none.
func (s *Stages) recall() error {
	recorded, err := s.folder.Proposed()
	if err != nil {
		return err
	}
	for _, w := range s.plan.Workloads {
		trials := recorded[w.Name]
		slices.SortFunc(trials, func(a, b config.Optimizer) int { return cmp.Or(a.Trial-b.Trial, cmp.Compare(a.Name, b.Name)) })
		for _, o := range w.Optimizers {
			for _, t := range trials {
				values := map[string]any{}
				for _, c := range t.Choices {
					values[c.Key] = c.Value
				}
				if o.Space != nil && t.Base == o.Base && len(w.Proposed(o).Trials) < w.Trials(o) {
					_, _, _ = w.Propose(o, values, t.Trial)
				}
			}
		}
	}
	return nil
}

// tell tells of the trials that are known now.
func (s *Stages) tell(stage plan.Stage) {
	for _, study := range stage.Studies {
		for _, t := range study.Trials {
			w := s.workload(study.Problem)
			at := key{w.Name + "\x00" + t.Base, t.Trial}
			if t.Proposed && t.Known && !s.asking.told[at] {
				s.asking.told[at] = true
				s.asking.Tell(w, t)
			}
		}
	}
}

// ask has trials chosen. At first it only makes sure that no other program does: which ones are wanted then may be others.
func (s *Stages) ask(ctx context.Context, asks []plan.Ask) error {
	if s.asking.Sampler != nil && s.asking.release == nil {
		return s.choose(ctx)
	}
	for _, a := range asks {
		if s.asking.Sampler == nil {
			return fmt.Errorf("no program chooses the trials of %s; name one with --trials-from", a.Optimizer.Base)
		}
		p := a.Workload.Proposed(a.Optimizer)
		for more, repeated := a.Trials, 0; more > 0; {
			number := 1
			if n := len(p.Trials); n > 0 {
				number = p.Trials[n-1].Trial + 1
			}
			values, ok, err := s.asking.Ask(ctx, a.Workload, a.Optimizer, number)
			if err != nil {
				return err
			}
			if !ok {
				p.Over = true
				break
			}
			trial, again, err := a.Workload.Propose(a.Optimizer, values, 0)
			switch {
			case err != nil:
				return s.asking.Fault(err)
			case !again:
				more, repeated = more-1, 0
				continue
			}
			if repeated++; repeated == mostRepeated {
				return s.asking.Fault(fmt.Errorf("that was chosen before, as were the %d before it; choose others, or say that there are no more", mostRepeated-1))
			}
			s.asking.Repeated(a.Workload, a.Optimizer, number, trial)
		}
	}
	return nil
}

func (s *Stages) workload(problem string) *config.Workload {
	return s.plan.Workloads[slices.IndexFunc(s.plan.Workloads, func(w *config.Workload) bool { return w.Name == problem })]
}

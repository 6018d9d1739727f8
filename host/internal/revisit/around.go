package revisit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/landscape"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/seed"
	"github.com/steepest/steepest/proto"
)

// Last stands for the last step of a run.
const Last = -1

// Look says from where is looked around.
type Look struct {
	Step    int    // after which the weights are those of the run; [Last]
	Seed    uint64 // of what is drawn at random here
	Command string
}

// around is what is needed to look around the run's weights, and what is known of what will be found.
func (r *Run) around(weights []float64, l Look) (landscape.Around, landscape.Found) {
	return landscape.Around{Problem: r.Problem, Tree: r.Tree, Weights: weights, Random: seed.New(l.Seed).Branch("landscape").Rand(), Progress: r.with.Progress},
		landscape.Found{Run: r.Manifest.Run, Identity: r.Identity, Step: l.Step, Seed: l.Seed, Command: l.Command}
}

// resolve fills in the last step.
func (r *Run) resolve(l Look) (Look, error) {
	var err error
	if l.Step == Last {
		l.Step, err = r.Last()
	}
	return l, err
}

// Spectrum finds the eigenvalues of the Hessian at a step of the run. name is that of a file for it.
func (r *Run) Spectrum(ctx context.Context, l Look, s landscape.Spectral) (found landscape.Spectrum, name string, err error) {
	if l, err = r.resolve(l); err != nil {
		return found, "", err
	}
	weights, err := r.Weights(ctx, l.Step)
	if err != nil {
		return found, "", err
	}
	a, about := r.around(weights[0], l)
	found, err = a.Spectrum(ctx, s)
	about.Kind, about.Loss, about.Notes, about.Weights = found.Kind, found.Loss, found.Notes, r.Notes
	found.Found = about
	return found, fileName(landscape.SpectrumKind, l, s), err
}

// Critical searches critical points from the weights at a step of the run and around them. name is that of a file for them.
func (r *Run) Critical(ctx context.Context, l Look, starts int, noise float64) (found landscape.CriticalPoints, name string, err error) {
	if l, err = r.resolve(l); err != nil {
		return found, "", err
	}
	weights, err := r.Weights(ctx, l.Step)
	if err != nil {
		return found, "", err
	}
	a, about := r.around(weights[0], l)
	found, err = a.CriticalAround(ctx, seed.New(l.Seed).Branch("landscape"), starts, noise)
	if found.Around != nil {
		about.Loss = found.Around.Loss
	}
	about.Kind, about.Weights = found.Kind, r.Notes
	found.Around, found.Seed, found.Problem = &about, l.Seed, cmp.Or(r.Called, r.Manifest.Problem.Kind)
	return found, fileName(landscape.CriticalKind, l, []any{starts, noise}), err
}

// Slicing says what a slice is.
type Slicing struct {
	Along      string
	Dimensions int
	landscape.Grid
	Others []*Run   `json:"-"` // between which it is, with the run
	With   []string // their identities
}

// Check refuses what cannot be asked for between a run and so many others, and fills in what was not said.
func (s *Slicing) Check(others int) error {
	if !slices.Contains(landscape.Alongs, s.Along) {
		return fmt.Errorf("--along %q is unknown; %s", s.Along, proto.DidYouMean(s.Along, landscape.Alongs))
	}
	if between := s.Along == landscape.AlongRuns; between != (others > 0) || others > 2 {
		if between {
			return errors.New("a slice along runs is the line between two runs, or the plane of three; name their folders")
		}
		return fmt.Errorf("a slice along %s is of one run; name one, or write --along runs", s.Along)
	}
	if s.Along == landscape.AlongRuns {
		if s.Dimensions != 0 && s.Dimensions != others {
			return fmt.Errorf("--dimensions %d is not that of a slice between %d runs; leave it out", s.Dimensions, others+1)
		}
		s.Dimensions = others
	}
	if s.Dimensions == 0 {
		s.Dimensions = map[bool]int{true: 2, false: 1}[s.Along == landscape.AlongTrajectory]
	}
	if s.Dimensions < 1 || s.Dimensions > 2 {
		return fmt.Errorf("--dimensions %d is out of range; give 1 or 2", s.Dimensions)
	}
	if s.Points == 0 {
		s.Points = map[int]int{1: 41, 2: 31}[s.Dimensions]
	}
	if s.Points < 3 || s.Points > 1001 {
		return fmt.Errorf("--points %d is out of range; give 3 to 1001", s.Points)
	}
	return nil
}

// Slice finds the loss along a line or on a plane through the weights of the run. name is that of a file for it.
func (r *Run) Slice(ctx context.Context, l Look, s Slicing) (found landscape.Slice, name string, err error) {
	if l, err = r.resolve(l); err != nil {
		return found, "", err
	}
	steps := []int{l.Step}
	if s.Along == landscape.AlongTrajectory {
		steps = r.way(l.Step)
	}
	weights, err := r.Weights(ctx, steps...)
	if err != nil {
		return found, "", err
	}
	a, about := r.around(weights[len(weights)-1], l)
	var p landscape.Plane
	switch s.Along {
	case landscape.AlongRandom:
		p = a.RandomDirections(s.Dimensions)
	case landscape.AlongEigenvectors:
		p, err = a.Eigenvectors(ctx, s.Dimensions)
	case landscape.AlongTrajectory:
		p, err = a.Way(steps, weights, s.Dimensions)
	case landscape.AlongRuns:
		p, err = r.between(ctx, a, s.Others)
	}
	if err != nil {
		return found, "", err
	}
	for _, o := range s.Others {
		s.With = append(s.With, o.Identity)
	}
	found, err = a.Evaluate(ctx, p, s.Grid)
	about.Kind, about.Loss, about.Notes, about.Weights = found.Kind, found.Loss, found.Notes, r.Notes
	found.Found = about
	return found, fileName(fmt.Sprintf("%s-%s-%dd", landscape.SliceKind, s.Along, s.Dimensions), l, s), err
}

// wayPoints and wayNumbers bound how many weights of a way are kept: 256 MB.
const wayPoints, wayNumbers = 101, 1 << 25

// way are the steps of a way that are looked at, evenly spaced.
func (r *Run) way(last int) (steps []int) {
	points := max(min(wayPoints, wayNumbers/problem.Size(r.Layout()), last+1), min(3, last+1))
	for i := range points {
		steps = append(steps, i*last/max(points-1, 1))
	}
	return slices.Compact(steps)
}

// between is the line to the end of another run, or the plane of two.
func (r *Run) between(ctx context.Context, a landscape.Around, others []*Run) (p landscape.Plane, err error) {
	var ends []landscape.End
	var names []string
	split := false
	for _, o := range others {
		if change := plan.Change(r.Manifest.Problem.WithoutPaths(), o.Manifest.Problem.WithoutPaths()); change != "" {
			return p, fmt.Errorf("%s and %s are on different problems: %s; name runs on the same", r.Dir, o.Dir, change)
		}
		last, err := o.Last()
		if err != nil {
			return p, err
		}
		weights, err := o.Weights(ctx, last)
		if err != nil {
			return p, err
		}
		r.Notes = append(r.Notes, o.Notes...)
		split = split || o.Seed != r.Seed
		ends, names = append(ends, landscape.End{Name: o.Manifest.Run, Weights: weights[0]}), append(names, o.Manifest.Run)
	}
	if p, err = a.Between(r.Manifest.Run, ends...); err != nil {
		return p, err
	}
	if _, data := r.Problem.(problem.Batched); split && data {
		p.Notes = append(p.Notes, fmt.Sprintf("The training examples are those of %s; %s may have had others, by other seeds.", r.Manifest.Run, registry.Sentence(names, "and")))
	}
	return p, nil
}

// fileName is that of a result's file: what it is of, and the beginning of a hash of all that was asked.
func fileName(what string, l Look, asked any) string {
	b, _ := json.Marshal([]any{l.Seed, asked}) // plain numbers and texts
	sum := sha256.Sum256(b)
	return fmt.Sprintf("%s-step%d-%s", what, l.Step, hex.EncodeToString(sum[:4]))
}

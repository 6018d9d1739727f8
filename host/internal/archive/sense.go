package archive

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/steepest/steepest/host/internal/query"
	"github.com/steepest/steepest/proto"
)

// sense finds out, from all runs that it is asked of, whether a condition could hold of any.
type sense struct {
	query    query.Query
	any      bool              // there are runs
	known    map[string]bool   // names of which something is known
	texts    map[string]bool   // names of what is not always a number
	examples map[string]string // of the numbers
}

func newSense(q query.Query) *sense {
	return &sense{q, false, map[string]bool{}, map[string]bool{}, map[string]string{}}
}

// take takes in what is known of a run.
func (s *sense) take(of query.Fields) {
	s.any = true
	for _, name := range s.query.Names() {
		for _, x := range of(name) {
			s.known[name] = true
			switch {
			case !isNumber(x):
				s.texts[name] = true
			case x != "+Inf" || s.examples[name] == "":
				s.examples[name] = x
			}
		}
	}
}

// judge is an error if the condition makes no sense: it asks for what nothing is known of, or compares something with what that never is.
func (s *sense) judge(ctx context.Context, places []place) error {
	for _, name := range s.query.Names() {
		if s.any && !s.known[name] {
			return fmt.Errorf("no run has a %s; %s", name, proto.DidYouMean(name, others(ctx, places, name)))
		}
	}
	for _, c := range s.query.Comparisons() {
		if err := s.suits(c); err != nil {
			return err
		}
	}
	return nil
}

// suits is an error if something is compared with what it can never be: numbers with a text, or a status with none.
func (s *sense) suits(c query.Comparison) error {
	switch {
	case c.Operator == "~":
		return nil
	case c.Name == "status" && !slices.Contains(statuses, c.Value):
		return fmt.Errorf("there is no status %q; %s", c.Value, proto.DidYouMean(c.Value, statuses))
	case isNumber(c.Value) || s.texts[c.Name] || s.examples[c.Name] == "":
		return nil
	}
	return fmt.Errorf("%s is a number, such as %s, and %q is none; write one without a unit", c.Name, s.examples[c.Name], c.Value)
}

// others are names of which something is known.
func others(ctx context.Context, places []place, than string) (names []string) {
	for _, p := range places {
		for r, err := range p.Runs(ctx) {
			if err != nil {
				continue
			}
			for _, name := range Names(r) {
				if name != than && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

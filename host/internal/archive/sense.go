package archive

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/query"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/proto"
)

// sense finds out, from all runs that it is asked of, whether a condition could hold of any.
type sense struct {
	query query.Query
	any   bool            // there are runs
	of    map[string]*met // by names of which something is known
}

// met is what was met under a name.
type met struct {
	number string          // one of its values that are numbers
	texts  map[string]bool // the others, as far as they are few
}

// mostTexts bounds how many texts are kept of a name.
const mostTexts = 1000

func newSense(q query.Query) *sense { return &sense{q, false, map[string]*met{}} }

// take takes in what is known of a run.
func (s *sense) take(of query.Fields) {
	s.any = true
	for _, name := range s.query.Names() {
		for _, x := range of(name) {
			m := s.of[name]
			if m == nil {
				m = &met{texts: map[string]bool{}}
				s.of[name] = m
			}
			switch {
			case !isNumber(x) && len(m.texts) < mostTexts:
				m.texts[x] = true
			case isNumber(x) && (x != "+Inf" || m.number == ""):
				m.number = x
			}
		}
	}
}

// judge is an error if the condition makes no sense: it asks for what nothing is known of, or compares something with what that never is.
func (s *sense) judge(ctx context.Context, places []place) error {
	for _, name := range s.query.Names() {
		if s.any && s.of[name] == nil {
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

// suits is an error if something is compared with what it can never be.
func (s *sense) suits(c query.Comparison) error {
	m, value := s.of[c.Name], c.Value
	ordered := strings.HasPrefix(c.Operator, "<") || strings.HasPrefix(c.Operator, ">")
	switch {
	case c.Operator == "~":
		return nil
	case c.Name == "status" && !slices.Contains(statuses, value):
		return fmt.Errorf("there is no status %q; %s", value, proto.DidYouMean(value, statuses))
	case c.Name == "started":
		return startedSuits(c, ordered)
	case m == nil:
		return nil
	case m.number != "" && len(m.texts) == 0 && !isNumber(value):
		return fmt.Errorf("%s is a number, such as %s, and %q is none; write one without a unit", c.Name, m.number, value)
	case ordered && m.number == "":
		return fmt.Errorf("%s is a text, such as %q, which is not less or more than another; compare it with =, !=, or ~ for a part of it", c.Name,
			slices.Min(slices.Collect(maps.Keys(m.texts))))
	case ordered && (!isNumber(value) || strings.EqualFold(strings.TrimLeft(value, "+-"), "nan")):
		return fmt.Errorf("%q is not less or more than anything; compare %s with a number", value, c.Name)
	case m.number == "" && isBoolean(m.texts) && !isBoolean(map[string]bool{value: true}):
		return fmt.Errorf("%s is true or false, and never %q; write %s = true", c.Name, value, c.Name)
	}
	if i := record.Standard().Index(strings.TrimPrefix(c.Name, finalPrefix)); i >= 0 && record.Standard()[i].Range == record.Share {
		x, _ := strconv.ParseFloat(value, 64)
		if want, ok := measure.Limit(record.Standard()[i], x); !ok {
			return fmt.Errorf("%s is never %s; it is %s", c.Name, value, want)
		}
	}
	return nil
}

// startedSuits judges a comparison with a time: that is written as far as it matters where times are ordered, and else whole.
func startedSuits(c query.Comparison, ordered bool) error {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02", "2006-01", "2006"} {
		if _, err := time.Parse(form, c.Value); err == nil && (ordered || form == time.RFC3339) {
			return nil
		}
	}
	return fmt.Errorf("started is a time such as 2026-11-25T14:00:00Z, which %q is not; write started > 2026-11-25, or started ~ 2026-11-25", c.Value)
}

func isBoolean(texts map[string]bool) bool {
	return !slices.ContainsFunc(slices.Collect(maps.Keys(texts)), func(x string) bool { return x != "true" && x != "false" })
}

// hint says, if no run was found, which value that was asked for no run has, and which one it is like; empty if there is none of that kind.
func (s *sense) hint() string {
	for _, c := range s.query.Comparisons() {
		m := s.of[c.Name]
		if c.Operator != "=" || m == nil || m.number != "" || m.texts[c.Value] || len(m.texts) == mostTexts {
			continue
		}
		if like := proto.Nearest(c.Value, slices.Sorted(maps.Keys(m.texts))); like != "" {
			return fmt.Sprintf("no run has the %s %q; did you mean %q?", c.Name, c.Value, like)
		}
	}
	return ""
}

// others are names of which something is known.
func others(ctx context.Context, places []place, than string) (names []string) {
	for _, p := range places {
		for r, err := range p.runs(ctx) {
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

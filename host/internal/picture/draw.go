package picture

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/proto"
)

// Drawn is a figure, and what distinguishes its file from those of other figures and problems; empty where there is one alone.
type Drawn struct {
	figure.Figure
	Suffix string
}

// DrawAll makes several figures.
func (r *Results) DrawAll(list []Options) (all []Drawn, err error) {
	for _, o := range list {
		figures, err := r.Draw(o)
		if err != nil {
			return nil, err
		}
		for _, f := range figures {
			if o.Name != "" {
				f.Suffix = "-" + o.Name + f.Suffix
			}
			all = append(all, f)
		}
	}
	return all, nil
}

// Draw makes the figures that are asked for: one for each problem, or for the one that is named, or one over all.
func (r *Results) Draw(o Options) (all []Drawn, err error) {
	k, ok := Kinds.Find(o.Kind)
	if !ok {
		return nil, unfit(proto.DidYouMean(o.Kind, Kinds.Names()), "there is no kind of figure %q", o.Kind)
	}
	if k.Across != nil && (k.Each == nil || o.Together || strings.HasPrefix(o.Against, problemKey)) {
		f, err := withAlso(o, func(o Options) (figure.Figure, error) { return k.Across(r, o) })
		if err != nil {
			return nil, err
		}
		return []Drawn{{f, ""}}, nil
	}
	var names []string
	for _, p := range r.Problems {
		names = append(names, p.Workload.Name)
	}
	for _, p := range r.Problems {
		if o.Problem != "" && !claim.Names(o.Problem, p.Workload.Name, names) {
			continue
		}
		one, suffix := o, ""
		if o.Problem != p.Workload.Name && len(r.Problems) > 1 {
			suffix = "-" + fileName(p.Workload.Name)
			if o.Title != "" {
				one.Title += ", " + p.Workload.Name
			}
		}
		f, err := k.Draw(p, one)
		if err != nil {
			return nil, err
		}
		all = append(all, Drawn{f, suffix})
	}
	if len(all) == 0 {
		return nil, unfit(proto.DidYouMean(o.Problem, names), "there is no problem %q with runs", o.Problem)
	}
	return all, nil
}

// Draw makes the figure of one problem; of a kind that is drawn over several there is none.
func (k Kind) Draw(p Problem, o Options) (figure.Figure, error) {
	p, err := p.of(o.Optimizer)
	if err != nil {
		return nil, err
	}
	return withAlso(o, func(o Options) (figure.Figure, error) { return k.Each(p, o) })
}

// withAlso is a figure, with a second measure on the same axes and in the dress that are asked for.
func withAlso(o Options, draw func(Options) (figure.Figure, error)) (figure.Figure, error) {
	f, err := draw(o)
	if err == nil && o.Also != "" {
		var other figure.Figure
		o.Measure = o.Also
		if other, err = draw(o); err == nil {
			f, err = both(f, other)
		}
	}
	if err != nil {
		return nil, err
	}
	return dressed(f, o), nil
}

// of is the problem with the runs of one optimizer alone, by its name or that of one variant; with all if that is empty.
func (p Problem) of(optimizer string) (Problem, error) {
	if optimizer == "" {
		return p, nil
	}
	var names []string
	var own []Variant
	for _, v := range p.Variants {
		if names = append(names, v.Series.Name); v.Series.Name == optimizer || Base(v.Optimizer) == optimizer {
			own = append(own, v)
		}
	}
	if p.Variants = own; len(own) == 0 {
		return p, unfit(proto.DidYouMean(optimizer, names), "there is no optimizer %q", optimizer)
	}
	return p, nil
}

// dressed is a figure with the title and the scales that are asked for.
func dressed(f figure.Figure, o Options) figure.Figure {
	return figure.Dressed(f, figure.Dress{Title: o.Title, X: scale(o.XScale), Y: scale(o.YScale)})
}

// scale tells whether an axis is to be logarithmic; nil if that is left open.
func scale(s claim.Scale) *bool {
	if s == "" {
		return nil
	}
	log := s == claim.Log
	return &log
}

// Write writes a figure to a file, whole or not at all.
func (d Drawn) Write(path string, o figure.Options) error {
	return atomicfile.Write(path, func(w io.Writer) error { return figure.Write(w, d.Figure, o) })
}

// Boxed tells of which letters the file has boxes, since the font lacks them, and what would show them; empty if there are none.
func (d Drawn) Boxed(o figure.Options) (string, error) {
	letters, err := figure.Boxed(d.Figure, o)
	if len(letters) == 0 {
		return "", err
	}
	var all []string
	for _, r := range letters[:min(len(letters), 8)] {
		all = append(all, fmt.Sprintf("%c (%U)", r, r))
	}
	if more := len(letters) - len(all); more > 0 {
		all = append(all, fmt.Sprintf("%d others", more))
	}
	return fmt.Sprintf("the font lacks %s: boxes stand for them; write an SVG, which is shown with the reader's fonts", registry.Sentence(all, "and")), nil
}

// fileName is a name with "-" in place of all that is no letter, digit or dot.
func fileName(name string) string {
	return strings.Trim(strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) || c == '.' {
			return unicode.ToLower(c)
		}
		return '-'
	}, name), "-.")
}

// Sizes are those of figures by their names.
var Sizes = map[string]figure.Size{"one-column": figure.OneColumn, "two-columns": figure.TwoColumns, "screen": figure.Screen}

// Document lists the kinds of figures, for manuals.
func Document() (text string) {
	for _, k := range Kinds {
		text += fmt.Sprintf("| `%s` | %s |\n", k.Name, k.Help)
	}
	return text
}

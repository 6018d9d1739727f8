package picture

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/proto"
)

// Drawn is a figure, and what distinguishes its file from those of other problems; empty where there is one alone.
type Drawn struct {
	figure.Figure
	Suffix string
}

// Draw makes the figures of a kind: one for each problem, or for the one that is named, or one over all.
func (r *Results) Draw(k Kind, problem string, o Options) (all []Drawn, err error) {
	if k.Across != nil {
		f, err := k.Across(r, o)
		return []Drawn{{f, ""}}, err
	}
	var names []string
	for _, p := range r.Problems {
		names = append(names, p.Workload.Name)
		if problem != "" && p.Workload.Name != problem {
			continue
		}
		f, err := k.Each(p, o)
		if err != nil {
			return nil, err
		}
		suffix := ""
		if problem == "" && len(r.Problems) > 1 {
			suffix = "-" + fileName(p.Workload.Name)
		}
		all = append(all, Drawn{f, suffix})
	}
	if len(all) == 0 {
		return nil, unfit(proto.DidYouMean(problem, names), "there is no problem %q with runs", problem)
	}
	return all, nil
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

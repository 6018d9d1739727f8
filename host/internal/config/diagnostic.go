// Package config turns an experiment file into an Experiment. It is strict: every key, type, range, plugin, hyperparameter
// and file is checked before anything runs, and all that is wrong is reported at once, each with its place and remedy.
package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Diagnostic is one thing wrong with an experiment file, or hardly meant in it.
type Diagnostic struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1
	Column  int    `json:"column"` // from 1, in characters
	Length  int    `json:"-"`      // of the offending text, in characters
	Source  string `json:"source"` // the line it stands in
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
}

// String is the diagnostic as a person reads it, over several lines.
func (d Diagnostic) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s\n", d.File, d.Line, d.Column, d.Message)
	if strings.TrimSpace(d.Source) != "" {
		number := fmt.Sprint(d.Line)
		// Tabs stay tabs, so that the mark stands below the text however wide a tab is.
		indent := []rune(d.Source)[:min(max(d.Column-1, 0), len([]rune(d.Source)))]
		for i, c := range indent {
			if c != '\t' {
				indent[i] = ' '
			}
		}
		fmt.Fprintf(&b, "  %s | %s\n  %*s | %s%s\n", number, d.Source, len(number), "", string(indent),
			strings.Repeat("^", max(d.Length, 1)))
	}
	fmt.Fprintf(&b, "  remedy: %s", d.Remedy)
	return b.String()
}

// Errors are all the things wrong with a file, in the order of the file.
type Errors []Diagnostic

func (e Errors) Error() string {
	var parts []string
	for _, d := range e {
		parts = append(parts, d.String())
	}
	return strings.Join(parts, "\n\n")
}

func (e Errors) sorted() Errors {
	slices.SortStableFunc(e, func(a, b Diagnostic) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return e
}

// DidYouMean names the candidate that is nearest to a misspelt word, or else lists them all.
func DidYouMean(word string, candidates []string) string {
	best, distance := "", 3
	for _, c := range candidates {
		if d := levenshtein.Distance(strings.ToLower(word), strings.ToLower(c), nil); d < distance && d < len(c) {
			best, distance = c, d
		}
	}
	list := "one of " + strings.Join(candidates, ", ")
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q? It can be %s", best, list)
	case len(candidates) == 1:
		return fmt.Sprintf("it can only be %q", candidates[0])
	}
	return "use " + list
}

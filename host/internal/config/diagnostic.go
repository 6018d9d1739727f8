// Package config turns an experiment file into an Experiment. It is strict: every key, type, range, plugin, hyperparameter
// and file is checked before anything runs, and all that is wrong is reported at once, each with its place and remedy.
package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/steepest/steepest/host/internal/terminal"
)

// Diagnostic is one thing wrong with an experiment file, or hardly meant in it.
type Diagnostic struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1
	Column  int    `json:"column"` // from 1, in characters
	Length  int    `json:"-"`      // of the offending text, in characters
	Source  string `json:"source"` // the line it stands in; of a long one what is around the column
	Message string `json:"message"`
	Remedy  string `json:"remedy"`

	cause   error  // nil if there is none beside the message
	lacks   string // the path of the key that is missing, if that is what is wrong
	skipped int    // characters of the line before Source
	rank    int    // of the text: the experiment's own file first
	choice  string // what is the same for all values of a set; "" of what is in none
}

// String is the diagnostic as a person reads it, over several lines, without the control characters of the file.
func (d Diagnostic) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s\n", terminal.Escape(d.File), d.Line, d.Column,
		strings.ReplaceAll(terminal.EscapeLines(clipped(d.Message)), "\n", "\n    ")) // several lines are a plugin's last words
	if strings.TrimSpace(d.Source) != "" {
		number := fmt.Sprint(d.Line)
		source := []rune(d.Source)
		before := source[:min(max(d.Column-1-d.skipped, 0), len(source))]
		mark := strings.Repeat("^", max(min(d.Length, len(source)-len(before)), 1))
		fmt.Fprintf(&b, "  %s | %s\n  %*s | %s%s\n", number, shown(source), len(number), "", blank(before), mark)
	}
	fmt.Fprintf(&b, "  remedy: %s", terminal.Escape(clipped(d.Remedy)))
	return b.String()
}

// clipped is a text without the middle if it is very long because a value of the file is.
func clipped(text string) string {
	const most = 2000 // bytes
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most/2], "") + " … " + strings.ToValidUTF8(text[len(text)-most/2:], "")
	}
	return text
}

// shown is a line of a file, with a symbol in place of each character that is not to be shown, so that columns keep their
// places.
func shown(source []rune) string {
	out := slices.Clone(source)
	for i, r := range out {
		if r != '\t' && terminal.Escape(string(r)) != string(r) {
			out[i] = '·'
			if r < ' ' {
				out[i] = '␀' + r // the symbol for the control character
			}
		}
	}
	return string(out)
}

// blank is as wide as the text. Tabs stay tabs, so that a mark stands below what follows however wide a tab is.
func blank(text []rune) string {
	var b strings.Builder
	for _, r := range text {
		switch kind := width.LookupRune(r).Kind(); {
		case r == '\t':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // drawn above or below the character before
		case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// excerptLength is how many characters of a line are kept.
const excerptLength = 160

// excerpt is a line, or what is around the column of a long one, and how many of its characters are left out before that.
func excerpt(line string, column int) (text string, skipped int) {
	if len(line) <= excerptLength {
		return line, 0
	}
	runes := []rune(line)
	skipped = max(min(column-1-excerptLength/2, len(runes)-excerptLength), 0)
	runes = runes[skipped:min(skipped+excerptLength, len(runes))]
	return string(runes), skipped
}

// mostShown is how many errors of a file are shown, and mostExcerpts how many have their line with them.
const mostShown, mostExcerpts = 50, 1000

// Errors are all the things wrong with a file, in the order of the file.
type Errors []Diagnostic

func (e Errors) Error() string {
	var parts []string
	for _, d := range e[:min(len(e), mostShown)] {
		parts = append(parts, d.String())
	}
	if more := len(e) - mostShown; more > 0 {
		parts = append(parts, fmt.Sprintf("%s: %d more errors, not shown", terminal.Escape(e[0].File), more))
	}
	return strings.Join(parts, "\n\n")
}

// Unwrap returns the errors that files and data sets gave.
func (e Errors) Unwrap() []error {
	var causes []error
	for _, d := range e {
		if d.cause != nil {
			causes = append(causes, d.cause)
		}
	}
	return causes
}

// sorted are the errors in the order of the files, each once: several variants may have the same.
func (e Errors) sorted() Errors {
	e = slices.Clone(e) // compacting would leave empty ones behind
	slices.SortStableFunc(e, func(a, b Diagnostic) int {
		return cmp.Or(a.rank-b.rank, a.Line-b.Line, a.Column-b.Column)
	})
	return slices.CompactFunc(e, func(a, b Diagnostic) bool {
		return a.rank == b.rank && a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	}).together()
}

// values and numbers are what may differ between the messages, and the remedies, of the same mistake.
var values, numbers = regexp.MustCompile(`"(\\.|[^"\\])*"|` + numbers.String()), regexp.MustCompile(`[-+]?\b\d[\w.+-]*|\b(true|false|inf|nan)\b`)

// together are sorted errors with one in place of those that several values of a set have in common.
func (e Errors) together() Errors {
	type mistake struct{ choice, message, remedy string }
	seen, more := map[mistake]int{}, map[int]int{}
	var kept Errors
	for _, d := range e {
		m := mistake{d.choice, values.ReplaceAllString(d.Message, "0"), numbers.ReplaceAllString(d.Remedy, "0")}
		if first, again := seen[m]; again && d.choice != "" {
			more[first]++
			continue
		}
		seen[m] = len(kept)
		kept = append(kept, d)
	}
	for i, n := range more {
		kept[i].Message += fmt.Sprintf(" (and %d more of the set)", n)
	}
	return kept
}

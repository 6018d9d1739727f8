package proto

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// What a description may hold at most.
const (
	MaxName            = 64   // bytes of the name of a plugin or a hyperparameter
	MaxHyperparameters = 1000 // of a plugin
	MaxText            = 4096 // bytes of a text for people
	MaxGroups          = 256  // of tensors with hyperparameters of their own, in an instance
)

// Reserved are the keys of [[optimizer]] in experiment files that mean something else there, so that no hyperparameter can
// have their names.
var Reserved = []string{"plugin", "name", "gradient", "group", "search", "initialization", "step_timeout", "start_timeout", "on_plugin_failure",
	"max_asks"}

var (
	pluginName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	hyperName  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// CheckName says what is wrong with the name of a plugin; nil if nothing is.
func CheckName(name string) error {
	if !pluginName.MatchString(name) || len(name) > MaxName {
		return fmt.Errorf("%s is no name for an optimizer; use lower-case letters, digits and single hyphens, such as "+
			"my-rule, at most %d", Quote(name), MaxName)
	}
	return nil
}

// CheckDescription returns what is wrong with what a plugin says of itself, joined; nil if nothing is. Hosts, the SDK and
// the exam ask it, so that what one of them takes the others take too. Every message can be printed.
func CheckDescription(d *v1.DescribeResponse) error {
	faults := []error{CheckName(d.Name)}
	for _, field := range [][2]string{{"version", d.Version}, {"summary", d.Summary}, {"reference", d.Reference},
		{"kernel", d.Kernel}, {"family", d.Family}} {
		faults = append(faults, checkText("its "+field[0], field[1]))
	}
	if n := len(d.Hyperparameters); n > MaxHyperparameters {
		return errors.Join(append(faults, fmt.Errorf("it has %d hyperparameters; at most %d are for people to set", n,
			MaxHyperparameters))...)
	}
	seen := map[string]bool{}
	for _, p := range d.Hyperparameters {
		if seen[p.Name] {
			faults = append(faults, fmt.Errorf("two hyperparameters are called %s; give each a name of its own", Quote(p.Name)))
		}
		seen[p.Name] = true
		if err := CheckHyperparameter(p); err != nil {
			faults = append(faults, fmt.Errorf("hyperparameter %s: %w", Quote(p.Name), err))
		}
	}
	return errors.Join(faults...)
}

// CheckHyperparameter says what is wrong with the schema of one hyperparameter; nil if nothing is.
func CheckHyperparameter(p *v1.Hyperparameter) error {
	numeric := Numeric(p)
	switch {
	case !hyperName.MatchString(p.Name) || len(p.Name) > MaxName:
		return fmt.Errorf("a name has lower-case letters, digits and _, at most %d, and begins with a letter", MaxName)
	case slices.Contains(Reserved, p.Name):
		return fmt.Errorf("%s = ... means something else in experiment files; use another name than %s", p.Name,
			strings.Join(Reserved, ", "))
	case p.Interval != nil && !numeric:
		return errors.New("only numbers have an interval")
	case p.Interval != nil && empty(p.Interval):
		return fmt.Errorf("no number is in the interval %s", FormatInterval(p.Interval))
	case p.Schedulable && !numeric:
		return errors.New("only numbers are schedulable")
	case len(p.Choices) > 0 && p.Type != v1.HyperparameterType_HYPERPARAMETER_TYPE_STRING:
		return errors.New("only strings have choices")
	}
	for i, choice := range p.Choices {
		if choice == "" || slices.Contains(p.Choices[:i], choice) {
			return fmt.Errorf("its choices are %s; each must be there once, and none be empty",
				Quote(strings.Join(p.Choices, ",")))
		}
	}
	for _, text := range append([]string{p.Doc, p.Default.GetText()}, p.Choices...) {
		if err := checkText("it", text); err != nil {
			return err
		}
	}
	if d := CheckValue(p, p.Default); d != nil {
		return fmt.Errorf("its default is not allowed: %s; %s", d.Message, d.Remedy)
	}
	return nil
}

// Numeric tells whether the values of a hyperparameter are numbers.
func Numeric(p *v1.Hyperparameter) bool {
	return p.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT ||
		p.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER
}

// empty tells whether no finite number is in the interval.
func empty(in *v1.Interval) bool {
	return math.IsNaN(in.Low) || math.IsNaN(in.High) || in.Low > in.High || in.Low == in.High && (in.LowOpen || in.HighOpen) ||
		math.IsInf(in.Low, 1) || math.IsInf(in.High, -1)
}

func checkText(whose, text string) error {
	switch {
	case len(text) > MaxText:
		return fmt.Errorf("%s has a text of %d bytes; at most %d are for people to read", whose, len(text), MaxText)
	case !printable(text):
		return fmt.Errorf("%s has the text %s, which cannot be printed", whose, Quote(text))
	}
	return nil
}

// printable tells whether a terminal can be sent the text: of the control characters it has only line feeds and tabs.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r == utf8.RuneError || !unicode.IsGraphic(r) && !strings.ContainsRune("\n\t\u200c\u200d", r)
	})
}

// Quote puts a text from elsewhere in quotes, the beginning of a long one, with escapes for what cannot be printed.
func Quote(s string) string {
	if len(s) > 80 {
		return strconv.Quote(s[:80]) + "..."
	}
	return strconv.Quote(s)
}

package exam

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	pb "google.golang.org/protobuf/proto"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// maxDescription bounds a description, which people are to read.
const maxDescription = 1 << 20

var (
	pluginName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	hyperName  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// describe examines what the plugin says of itself.
func describe(e *examiner) error {
	again, err := e.conn.Client.Describe(e.ctx, &v1.DescribeRequest{})
	if err != nil {
		return &callError{"Describe", err}
	}
	if again.Capabilities == nil {
		again.Capabilities = &v1.Capabilities{}
	}
	d := e.about
	if size := pb.Size(d); size > maxDescription {
		return fmt.Errorf("the description has %d bytes; at most %d are for people to read", size, maxDescription)
	}
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if !pb.Equal(d, again) {
		fault("a second call of Describe gives another answer")
	}
	if !pluginName.MatchString(d.Name) {
		fault("its name is %q; a name has lower-case letters, digits and hyphens", d.Name)
	}
	for _, field := range [][2]string{{"version", d.Version}, {"summary", d.Summary}, {"reference", d.Reference}} {
		what, text := field[0], field[1]
		if strings.TrimSpace(text) == "" {
			fault("it has no %s", what)
		}
		if strings.ContainsAny(text, "\n\r") {
			fault("its %s has several lines", what)
		}
	}
	var names []string
	for _, p := range d.Hyperparameters {
		if slices.Contains(names, p.Name) {
			fault("two hyperparameters are called %q", p.Name)
		}
		names = append(names, p.Name)
		for _, f := range hyperparameterFaults(p) {
			fault("hyperparameter %s: %s", p.Name, f)
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("%s", strings.Join(faults, "; "))
	}
	e.note = fmt.Sprintf("%s %s, hyperparameters %s", d.Name, d.Version, strings.Join(names, ", "))
	return nil
}

func hyperparameterFaults(p *v1.Hyperparameter) []string {
	var faults []string
	if !hyperName.MatchString(p.Name) {
		faults = append(faults, "a name has lower-case letters, digits and underscores")
	}
	if strings.TrimSpace(p.Doc) == "" {
		faults = append(faults, "it has no line that says what it is")
	}
	if in := p.Interval; in != nil {
		switch {
		case !numeric(p):
			faults = append(faults, "only a number has an interval")
		case math.IsNaN(in.Low) || math.IsNaN(in.High) || !(in.Low < in.High || in.Low == in.High && !in.LowOpen && !in.HighOpen):
			faults = append(faults, fmt.Sprintf("the interval %s is empty", proto.FormatInterval(in)))
		}
	}
	if p.Schedulable && !numeric(p) {
		faults = append(faults, "only a number can be schedulable")
	}
	if len(p.Choices) > 0 && p.Type != v1.HyperparameterType_HYPERPARAMETER_TYPE_STRING {
		faults = append(faults, "only a string has choices")
	}
	if d := proto.CheckValue(p, p.Default); d != nil {
		faults = append(faults, "its default is not allowed: "+d.Message)
	}
	return faults
}

func numeric(p *v1.Hyperparameter) bool {
	return p.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT ||
		p.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER
}

package exam

import (
	"fmt"
	"strings"

	pb "google.golang.org/protobuf/proto"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
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
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if !pb.Equal(d, again) {
		fault("a second call of Describe gives another answer")
	}
	if err := proto.CheckDescription(d); err != nil {
		fault("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
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
		names = append(names, p.Name)
		if strings.TrimSpace(p.Doc) == "" {
			fault("hyperparameter %s: it has no line that says what it is", proto.Quote(p.Name))
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("%s", strings.Join(faults, "; "))
	}
	e.note = fmt.Sprintf("%s %s, hyperparameters %s", d.Name, d.Version, strings.Join(names, ", "))
	return nil
}

package exam

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Conventions are the names of the recorded conventions, RULE or RULE/VARIANT.
func Conventions() []string {
	var names []string
	for _, c := range conventions {
		names = append(names, c.name)
	}
	return names
}

// Follow holds a plugin to a recorded convention, such as "adam/eps-outside".
func Follow(ctx context.Context, subject Subject, name string) (*Agreement, error) {
	at := slices.IndexFunc(conventions, func(c convention) bool { return c.name == name })
	if at < 0 {
		return nil, fmt.Errorf("there is no convention %q; there are %s", name, strings.Join(Conventions(), ", "))
	}
	return alone(ctx, subject, func(e *examiner) (*Agreement, error) {
		values, _ := conventions[at].arguments(e.about)
		return e.follow(&conventions[at], values)
	})
}

// Replay holds a plugin to a recorded trajectory: it gets the recorded gradients, and its updates are added up from the
// first point on and compared with every recorded one. values are of hyperparameters beside those of the trajectory. tolerance is the largest difference allowed in a coordinate,
// relative to the largest coordinate of the recorded point; 0 demands equal bits.
func Replay(ctx context.Context, subject Subject, t *Trajectory, values map[string]*v1.Value,
	tolerance float64) (*Agreement, error) {
	return alone(ctx, subject, func(e *examiner) (*Agreement, error) {
		own := t.values(e.about)
		maps.Copy(own, values)
		return e.replay("", t, own, tolerance)
	})
}

// alone runs f on a plugin of its own.
func alone(ctx context.Context, subject Subject, f func(*examiner) (*Agreement, error)) (*Agreement, error) {
	e := &examiner{subject: subject, ctx: ctx}
	defer e.disconnect()
	if err := e.connect(); err != nil {
		return nil, err
	}
	return f(e)
}

func (e *examiner) follow(c *convention, values map[string]*v1.Value) (*Agreement, error) {
	f, err := recorded.Open("torch/rosenbrock_" + c.file + ".csv")
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	t, err := ReadTrajectory(f)
	if err != nil {
		return nil, err
	}
	return e.replay(c.name, t, values, c.tolerance)
}

func (e *examiner) replay(name string, t *Trajectory, values map[string]*v1.Value, tolerance float64) (*Agreement, error) {
	tensors := t.Tensors
	if tensors == nil {
		tensors = e.layout(shape{int64(len(t.Points[0]))})
	}
	request := e.openRequest(values, tensors)
	request.TotalSteps = uint64(len(t.Points) - 1)
	s, err := e.openRequested(e.conn.Planes[0], request)
	if err != nil {
		return nil, err
	}
	copy(s.weights, t.Points[0])
	s.losses = t.Losses
	a := &Agreement{Convention: name, Steps: len(t.Points) - 1}
	agree := func(got, want []float64, when string) error {
		largest := 1e-300 // rounding is in proportion to it: a coordinate may pass through 0
		for _, x := range want {
			largest = max(largest, math.Abs(x))
		}
		for i, x := range want {
			difference := math.Abs(got[i]-x) / largest
			if !(difference <= tolerance) {
				return fmt.Errorf("x%d %s is %.17g, recorded is %.17g: relative difference %.1e, allowed %.1e", i, when, got[i], x, difference, tolerance)
			}
			a.Difference = math.Max(a.Difference, difference)
		}
		return nil
	}
	for k, point := range t.Points[1:] {
		if _, err := s.step(t.Gradients[k]); err != nil {
			return nil, err
		}
		if err := agree(s.weights, point, fmt.Sprintf("after step %d", k+1)); err != nil {
			return nil, err
		}
	}
	if t.Result == nil {
		return a, nil
	}
	result, err := s.locate(v1.StepKind_STEP_KIND_EVALUATION)
	if err != nil {
		return nil, err
	}
	for i, w := range s.weights {
		result[i] += w
	}
	return a, agree(result, t.Result, "of the result")
}

// Trajectory is a run that another implementation recorded.
type Trajectory struct {
	Points    [][]float64  // before each step
	Gradients [][]float64  // at the points
	Losses    []float64    // at the points; nil if they are not on record
	Result    []float64    // what is evaluated after the last step, as long as a point; nil if it is not on record
	Tensors   []*v1.Tensor // of which the points are made; nil if they are one vector
	Batch     int          // how many examples a step has, of a rule that asks; 0 if no asks are to be answered
	Reference string       // which implementation, its version and arguments; empty if that is not on record

	// Hyperparameters are those of the run that are not the plugin's defaults: numbers, booleans and text, as JSON has them.
	Hyperparameters map[string]any
}

// ReadTrajectory reads a CSV file with a header and a row for each step: the point in columns x0, x1, ..., the gradient
// there in columns g0, g1, ..., and the loss in column f; other columns are ignored. Lines before it that begin with # may say
// more, such as
//
//	# reference: torch 2.15.0, torch.optim.AdamW(lr=0.03)
//	# hyperparameters: {"lr": 0.03}
//	# result: [0.25, -1]
//	# tensors: [{"name": "w1", "shape": [2, 1], "role": "ROLE_WEIGHT", "length": 2}]
//
// where the result is what the implementation evaluates after the last step, if that is not the last point, and the tensors are the protocol's messages in JSON.
func ReadTrajectory(r io.Reader) (*Trajectory, error) {
	t, text := &Trajectory{}, bufio.NewReader(r)
	for {
		if next, err := text.Peek(1); err != nil || next[0] != '#' {
			break
		}
		line, _ := text.ReadString('\n')
		if err := t.note(strings.TrimSpace(line[1:])); err != nil {
			return nil, err
		}
	}
	rows, err := csv.NewReader(text).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 3 {
		return nil, errors.New("a trajectory needs a header and at least two rows")
	}
	for number, row := range rows[1:] {
		var x, g []float64
		for i, name := range rows[0] {
			column := &x
			switch {
			case strings.HasPrefix(name, "g"):
				column = &g
			case name == "f":
				column = &t.Losses
			case !strings.HasPrefix(name, "x"):
				continue
			}
			value, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				return nil, fmt.Errorf("row %d: column %s: %w", number+1, name, err)
			}
			*column = append(*column, value)
		}
		if len(x) == 0 || len(x) != len(g) {
			return nil, fmt.Errorf("%d columns x0, x1, ... and %d columns g0, g1, ...; there must be as many of each", len(x), len(g))
		}
		t.Points, t.Gradients = append(t.Points, x), append(t.Gradients, g)
	}
	if t.Losses != nil && len(t.Losses) != len(t.Points) {
		return nil, errors.New("there is more than one column f")
	}
	if t.Result != nil && len(t.Result) != len(t.Points[0]) {
		return nil, fmt.Errorf("its result has %d elements, and its points %d", len(t.Result), len(t.Points[0]))
	}
	n := int64(0)
	for _, tensor := range t.Tensors {
		n += tensor.Length
	}
	if t.Tensors != nil && n != int64(len(t.Points[0])) {
		return nil, fmt.Errorf("its tensors have %d elements, and its points %d", n, len(t.Points[0]))
	}
	return t, nil
}

// values are the hyperparameters as a plugin takes them. What it refuses it refuses.
func (t *Trajectory) values(d *v1.DescribeResponse) map[string]*v1.Value {
	values := map[string]*v1.Value{}
	for name, x := range t.Hyperparameters {
		if number, ok := x.(float64); ok && slices.ContainsFunc(d.Hyperparameters, func(h *v1.Hyperparameter) bool {
			return h.Name == name && h.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER
		}) {
			x = int64(number)
		}
		values[name] = proto.NewValue(x)
	}
	return values
}

// note takes what a line before the table says.
func (t *Trajectory) note(line string) error {
	key, value, _ := strings.Cut(line, ": ")
	switch key {
	case "reference":
		t.Reference = value
	case "batch":
		var err error
		if t.Batch, err = strconv.Atoi(value); err != nil {
			return fmt.Errorf("its batch: %w", err)
		}
	case "hyperparameters":
		if err := json.Unmarshal([]byte(value), &t.Hyperparameters); err != nil {
			return fmt.Errorf("its hyperparameters: %w", err)
		}
	case "result":
		if err := json.Unmarshal([]byte(value), &t.Result); err != nil {
			return fmt.Errorf("its result: %w", err)
		}
	case "tensors":
		var open v1.OpenRequest
		if err := protojson.Unmarshal([]byte(`{"tensors": `+value+`}`), &open); err != nil {
			return fmt.Errorf("its tensors: %w", err)
		}
		t.Tensors = open.Tensors
	}
	return nil
}

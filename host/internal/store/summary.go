package store

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/remedy"
)

// Float is [record.Float].
type Float = record.Float

// Object is a JSON object with the keys of several, in order.
type Object []any

// MarshalJSON joins the objects.
func (o Object) MarshalJSON() ([]byte, error) {
	joined := []byte{'{'}
	for _, part := range o {
		b, err := json.Marshal(part)
		if err != nil {
			return nil, err
		}
		if keys := b[1 : len(b)-1]; len(keys) > 0 && len(joined) > 1 {
			joined = append(append(joined, ','), keys...)
		} else {
			joined = append(joined, keys...)
		}
	}
	return append(joined, '}'), nil
}

// finalPrefix begins the keys of values at the end.
const finalPrefix = "final_"

// Final is an object with what is said of the value of a quantity at the end, under its key.
func Final(quantity string, x any) any { return map[string]any{finalPrefix + quantity: x} }

// Summary is how a run ended. In JSON the values at the end have keys like final_train_loss; those of the standard quantities stand
// first.
type Summary struct {
	ending
	final    map[string]Float
	effort   // of its steps
	toTarget effort
	costs
}

type ending struct {
	Status record.Status `json:"status"`
	Error  string        `json:"error,omitempty"`
	Remedy string        `json:"remedy,omitempty"` // if the error has one
	Reason string        `json:"reason,omitempty"`
	Steps  int           `json:"steps"`
}

// effort has the names of the costs as its keys, and usedKey.
type effort struct{ record.Effort }

const (
	usedKey  = "training_seconds"
	toTarget = "_to_target" // ends the keys of the effort until the target was met
)

// object are the keys and values, with an end to each key.
func (e effort) object(end string) (o Object) {
	for i, q := range record.Costs() {
		if x, known := e.Spent[i].Get(); known {
			o = append(o, map[string]Float{q.Name + end: Float(x)})
		}
	}
	if e.Used > 0 {
		o = append(o, map[string]Float{usedKey + end: Float(e.Used.Seconds())})
	}
	return o
}

// read is the inverse of object.
func (e *effort) read(keys map[string]json.RawMessage, end string) (err error) {
	get := func(key string) (x Float, known bool) {
		text, known := keys[key+end]
		if known {
			err = errors.Join(err, x.UnmarshalJSON(text))
		}
		return x, known
	}
	for i, q := range record.Costs() {
		if x, known := get(q.Name); known {
			e.Spent[i] = record.Measured(float64(x))
		}
	}
	x, _ := get(usedKey)
	e.Used = seconds(float64(x))
	return err
}

func seconds(x float64) time.Duration { return time.Duration(math.Round(x * float64(time.Second))) }

type costs struct {
	Best          bests           `json:"best,omitempty"`
	StepsToTarget *int            `json:"steps_to_target,omitempty"`
	Weights       []record.Digest `json:"weights,omitempty"`
	Restarts      int             `json:"plugin_restarts"`
	WallSeconds   float64         `json:"wall_seconds"`
	StepTime      *StepTime       `json:"step_time,omitempty"` // nil if no step was made
	Diagnosed     []Diagnosed     `json:"diagnosed,omitempty"`
}

// Diagnosed is what a diagnostic took, in the program that ended the run.
type Diagnosed struct {
	Name        string  `json:"name"`
	Points      int     `json:"points"` // at which it measured
	Equivalents float64 `json:"gradient_equivalents"`
	Seconds     float64 `json:"seconds"`
}

// StepTime is in seconds, each the median over steps.
type StepTime struct {
	Gradient  float64 `json:"gradient_seconds"`
	Optimizer float64 `json:"optimizer_seconds"`
	Transport float64 `json:"transport_seconds"`
}

// NewSummary writes an outcome as JSON has it.
func NewSummary(o record.Outcome) Summary {
	s := Summary{ending{Status: o.Status, Reason: o.Reason, Steps: o.Steps}, map[string]Float{}, effort{o.Effort}, effort{o.ToTarget},
		costs{Best: newBests(o.Best), Weights: o.Weights, Restarts: o.Restarts, WallSeconds: o.Wall.Seconds()}}
	for name, v := range o.Final.All() {
		if x, measured := v.Get(); measured {
			s.final[name] = Float(x)
		}
	}
	if o.Err != nil {
		s.Error, s.Remedy = o.Err.Error(), remedy.Of(o.Err)
	}
	for _, d := range o.Diagnosed {
		s.Diagnosed = append(s.Diagnosed, Diagnosed{d.Name, d.Points, d.Equivalents, d.Time.Seconds()})
	}
	if t := o.Time; t != (record.StepTime{}) {
		s.StepTime = &StepTime{t.Gradient.Seconds(), t.Optimizer.Seconds(), t.Transport.Seconds()}
	}
	if o.StepsToTarget >= 0 {
		s.StepsToTarget = &o.StepsToTarget
	}
	return s
}

// outcome is the inverse of NewSummary.
func (s Summary) outcome() record.Outcome {
	o := record.Outcome{Status: s.Status, Reason: s.Reason, Steps: s.Steps, Best: s.Best.known(), StepsToTarget: -1,
		Effort: s.Effort, ToTarget: s.toTarget.Effort, Weights: s.Weights, Restarts: s.Restarts, Wall: seconds(s.WallSeconds)}
	final := make(map[string]record.Value, len(s.final))
	for name, x := range s.final {
		final[name] = record.Measured(float64(x))
	}
	o.Final = record.Named(final)
	if s.Error != "" || s.Status == record.Failed {
		if o.Err = errors.New(s.Error); s.Remedy != "" {
			o.Err = remedy.With(o.Err, s.Remedy)
		}
	}
	for _, d := range s.Diagnosed {
		o.Diagnosed = append(o.Diagnosed, record.Diagnosed{Name: d.Name, Points: d.Points, Equivalents: d.Equivalents, Time: seconds(d.Seconds)})
	}
	if t := s.StepTime; t != nil {
		o.Time = record.StepTime{Gradient: seconds(t.Gradient), Optimizer: seconds(t.Optimizer), Transport: seconds(t.Transport)}
	}
	if s.StepsToTarget != nil {
		o.StepsToTarget = *s.StepsToTarget
	}
	return o
}

// MarshalJSON is described at Summary.
func (s Summary) MarshalJSON() ([]byte, error) {
	o := Object{s.ending}
	names := record.Standard().Finals().Names()
	for _, name := range slices.Sorted(maps.Keys(s.final)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if x, measured := s.final[name]; measured {
			o = append(o, Final(name, x))
		}
	}
	return slices.Concat(o, s.object(""), Object{s.costs}, s.toTarget.object(toTarget)).MarshalJSON()
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (s *Summary) UnmarshalJSON(b []byte) error {
	var known struct {
		ending
		costs
	}
	var keys map[string]json.RawMessage
	err := errors.Join(json.Unmarshal(b, &known), json.Unmarshal(b, &keys))
	s.ending, s.costs = known.ending, known.costs
	s.final, s.effort, s.toTarget = map[string]Float{}, effort{}, effort{}
	err = errors.Join(err, s.read(keys, ""), s.toTarget.read(keys, toTarget))
	for key, text := range keys {
		if name, is := strings.CutPrefix(key, finalPrefix); is {
			var x Float
			err = errors.Join(err, x.UnmarshalJSON(text))
			s.final[name] = x
		}
	}
	return err
}

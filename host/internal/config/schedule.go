package config

import (
	"fmt"
	"math"

	"github.com/steepest/steepest/host/internal/schedule"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Schedule is the schedule of a numeric hyperparameter, constant if the file gives none. It is there after Resolve.
func (s Settings) Schedule(name string) schedule.Schedule {
	if own, ok := s.schedules[name]; ok {
		return own
	}
	return schedule.Constant(proto.Number(s.values[name]))
}

// LearningRate is the hyperparameter that is recorded as such, with a schedule or not.
const LearningRate = "lr"

// Scheduled are the hyperparameters whose schedules the file gives, beside the learning rate, in the order of their names; then those
// of each group, its learning rate too, as they are recorded. They are there after Resolve.
func (o Optimizer) Scheduled() (names []string) {
	for _, name := range o.scheduled {
		if name != LearningRate {
			names = append(names, name)
		}
	}
	for _, g := range o.Groups {
		for _, name := range g.scheduled {
			names = append(names, g.Recorded(name))
		}
	}
	return names
}

// base is the value that stands for a schedule where a plugin asks for one: its first after the warm-up.
func base(p *v1.Hyperparameter, s schedule.Schedule) *v1.Value {
	if w, ok := s.(schedule.Warmup); ok {
		s = w.Then
	}
	if p.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER {
		return proto.NewValue(int64(math.Round(s.At(0))))
	}
	return proto.NewValue(s.At(0))
}

// scheduleReader reads the table of a schedule and keeps every key with its value, times in steps.
type scheduleReader struct {
	*table
	unit   int // steps in the unit of the table's times
	rest   int // of the run after the warm-up; see [schedule.Keys]
	filled map[string]any
}

var _ schedule.Keys = (*scheduleReader)(nil)

// readSchedule turns the table of the hyperparameter p into a schedule, all of whose values over the run lie in p's
// interval. The complete table, with its times in steps, comes back too. Without faults the schedule is not nil.
func (o *Settings) readSchedule(w *Workload, p *v1.Hyperparameter, raw map[string]any) (s schedule.Schedule,
	filled map[string]any) {
	path := join(o.path, p.Name)
	before := len(w.errors)
	r := &scheduleReader{table: &table{document: w.document, path: path, keys: raw}, unit: 1, filled: map[string]any{}}
	if !p.Schedulable {
		r.fault(r.at(path), fmt.Sprintf("%s has no schedule; only numbers do", p.Name),
			proto.Allowed(p))
		return nil, nil
	}
	r.required("schedule", "add schedule = \"cosine\", or another of "+quoted(schedule.Kinds.Names()))
	name := r.choice("schedule", "", schedule.Kinds.Names())
	kind, known := schedule.Kinds.Find(name)
	if !known {
		return nil, nil // of an unknown schedule no key can be judged
	}
	r.filled["schedule"] = name
	var unit string
	if r.fill(keys{unitKey(&unit)}); unit == "epochs" {
		r.unit = max(w.stepsPerEpoch, 1)
		switch {
		case !w.Problem.HasEpochs():
			r.fault(r.place("unit"), fmt.Sprintf("the problem %q has no data and so no epochs", w.Problem.Kind),
				"remove unit and count steps")
		case len(w.Problem.Batching.Milestones) > 0:
			r.fault(r.place("unit"), "the batch size changes, so epochs differ in their numbers of steps",
				"remove unit and count steps")
		}
	}
	warmup, from := readWarmup(r)
	switch {
	case w.Budget.Time > 0:
		r.rest = -1
	case w.Steps > 0:
		if r.rest = w.Steps - warmup; r.rest <= 0 {
			r.fault(r.place("warmup"), fmt.Sprintf("the warm-up takes %d steps, but the run has %d", warmup, w.Steps),
				"shorten the warm-up")
		}
	}
	s = kind.Read(r)
	if _, given := raw["warmup_from"]; given && warmup == 0 {
		r.fault(r.place("warmup_from"), "warmup_from does nothing without warmup", "add warmup = 100, or remove warmup_from")
	}
	r.done()
	if len(w.errors) > before {
		return nil, nil
	}
	if warmup > 0 {
		s = schedule.Warmup{From: from, Steps: warmup, Then: s}
	}
	o.checkRange(w, p, s)
	return s, r.filled
}

// unitKey is what the times of a schedule are counted in.
func unitKey(p *string) key {
	return choiceKey(p, "unit", "steps", []string{"steps", "epochs"}, "what the times of the schedule are counted in")
}

// readWarmup reads how many steps climb to the beginning of a schedule, and from which value.
func readWarmup(k schedule.Keys) (steps int, from float64) {
	return k.Time("warmup", 0, 0), k.Number("warmup_from", 0, nil, "a finite number")
}

// checkRange reports the first step at which a schedule leaves the interval of its hyperparameter.
func (o *Settings) checkRange(w *Workload, p *v1.Hyperparameter, s schedule.Schedule) {
	k := schedule.FirstOutside(s, w.Steps, func(x float64) bool { return proto.Contains(p.Interval, x) })
	if k >= 0 {
		w.Fault(join(o.path, p.Name), fmt.Sprintf("%s = %v at step %d is out of range", p.Name, s.At(k), k),
			fmt.Sprintf("choose a schedule whose values all lie in %s", proto.FormatInterval(p.Interval)))
	}
}

// Given implements [schedule.Keys], as do those that follow.
func (r *scheduleReader) Given(key string) bool { _, given := r.keys[key]; return given }

// Require reports a key that is missing.
func (r *scheduleReader) Require(key, remedy string) { r.required(key, remedy) }

// Ignore makes keys known.
func (r *scheduleReader) Ignore(keys ...string) { r.known = append(r.known, keys...) }

// Rest is what the warm-up leaves of the run.
func (r *scheduleReader) Rest() int { return r.rest }

// Fault reports something wrong with a key or with the table.
func (r *scheduleReader) Fault(key, message, remedy string) {
	at := r.at(r.path)
	if key != "" {
		at = r.place(key)
	}
	r.fault(at, message, remedy)
}

// Number reads a finite number.
func (r *scheduleReader) Number(key string, standard float64, ok func(float64) bool, want string) float64 {
	if ok == nil {
		ok = func(float64) bool { return true }
	}
	x := r.number(key, standard, ok, want)
	r.filled[key] = x
	return x
}

// Needed reads a number that must be given.
func (r *scheduleReader) Needed(key string, ok func(float64) bool, want string) float64 {
	r.required(key, fmt.Sprintf("add %s = 0.1, or another: %s", key, want))
	return r.Number(key, 1, ok, want)
}

// Numbers reads an array of numbers, however many.
func (r *scheduleReader) Numbers(key string) []float64 {
	list, _ := r.keys[key].([]any)
	values := r.numbers(key, make([]float64, len(list)))
	r.filled[key] = values
	return values
}

// Whole reads a whole number.
func (r *scheduleReader) Whole(key string, standard, low int) int {
	i := r.integer(key, standard, low)
	r.filled[key] = i
	return i
}

// Time reads a whole number of units and returns it in steps.
func (r *scheduleReader) Time(key string, standard, low int) int {
	steps := standard
	if _, given := r.lookup(key); given {
		steps = r.toInt(key, join(r.path, key), r.keys[key], max(low, 1), low, math.MaxInt32) * r.unit
	}
	r.filled[key] = steps
	return steps
}

// Times reads an array of times.
func (r *scheduleReader) Times(key string) []int {
	times := r.ints(key, maxValues)
	for i := range times {
		times[i] *= r.unit
	}
	r.filled[key] = times
	return times
}

// Choice reads one of several strings.
func (r *scheduleReader) Choice(key string, choices ...string) string {
	s := r.choice(key, choices[0], choices)
	r.filled[key] = s
	return s
}

package config

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/schedule"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Schedule is the schedule of a numeric hyperparameter, constant if the file gives none. It is there after Resolve.
func (o Optimizer) Schedule(name string) schedule.Schedule {
	if s, ok := o.schedules[name]; ok {
		return s
	}
	return schedule.Constant(proto.Number(o.values[name]))
}

// LearningRate is the hyperparameter that is recorded as such, with a schedule or not.
const LearningRate = "lr"

// Scheduled are the hyperparameters whose schedules the file gives, beside the learning rate, in the order of their names.
// They are there after Resolve.
func (o Optimizer) Scheduled() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(o.schedules)), func(name string) bool { return name == LearningRate })
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
	rest   int // steps of the run after the warm-up; 0 if unknown
	filled map[string]any
}

// readers has the schedules by name. Each reads the keys of its own.
var readers = map[string]func(*scheduleReader) schedule.Schedule{
	"constant":     readConstant,
	"step":         readStep,
	"exponential":  readExponential,
	"polynomial":   readPolynomial,
	"linear":       readLinear,
	"cosine":       readCosine,
	"one-cycle":    readOneCycle,
	"inverse-sqrt": readInverseSqrt,
	"inverse-time": readInverseTime,
	"piecewise":    readPiecewise,
}

// scheduleNames is in the order of the manual.
var scheduleNames = []string{"constant", "step", "exponential", "polynomial", "linear", "cosine", "one-cycle",
	"inverse-sqrt", "inverse-time", "piecewise"}

// readSchedule turns the table of the hyperparameter p into a schedule, all of whose values over the run lie in p's
// interval. The complete table, with its times in steps, comes back too. Without faults the schedule is not nil.
func (o *Optimizer) readSchedule(e *Experiment, p *v1.Hyperparameter, keys map[string]any) (s schedule.Schedule,
	filled map[string]any) {
	path := join(o.path, p.Name)
	before := len(e.document.errors)
	r := &scheduleReader{table: &table{document: e.document, path: path, keys: keys}, unit: 1, filled: map[string]any{}}
	if !p.Schedulable {
		r.fault(r.at(path), fmt.Sprintf("%s has no schedule; only numbers do", p.Name),
			fmt.Sprintf("the default is %s = %s", p.Name, proto.FormatValue(p.Default)))
		return nil, nil
	}
	r.required("schedule", "add schedule = \"cosine\", or another of "+quoted(scheduleNames))
	name := r.choice("schedule", "", scheduleNames)
	if name == "" {
		return nil, nil // of an unknown schedule no key can be judged
	}
	r.filled["schedule"] = name
	if r.choice("unit", "steps", []string{"steps", "epochs"}) == "epochs" {
		r.unit = max(e.stepsPerEpoch, 1)
		switch {
		case !e.Problem.HasEpochs():
			r.fault(r.place("unit"), fmt.Sprintf("the problem %q has no data and so no epochs", e.Problem.Kind),
				"remove unit and count steps")
		case len(e.Problem.Batching.Milestones) > 0:
			r.fault(r.place("unit"), "the batch size changes, so epochs differ in their numbers of steps",
				"remove unit and count steps")
		}
	}
	warmup := r.time("warmup", 0, 0)
	from := r.value("warmup_from", 0)
	if r.rest = e.steps - warmup; e.steps > 0 && r.rest <= 0 {
		r.fault(r.place("warmup"), fmt.Sprintf("the warm-up takes %d steps, but the run has %d", warmup, e.steps),
			"shorten the warm-up")
	}
	s = readers[name](r)
	if _, given := keys["warmup_from"]; given && warmup == 0 {
		r.fault(r.place("warmup_from"), "warmup_from does nothing without warmup", "add warmup = 100, or remove warmup_from")
	}
	r.done()
	if len(e.document.errors) > before {
		return nil, nil
	}
	if warmup > 0 {
		s = schedule.Warmup{From: from, Steps: warmup, Then: s}
	}
	o.checkRange(e, p, s)
	return s, r.filled
}

// checkRange reports the first step at which a schedule leaves the interval of its hyperparameter.
func (o *Optimizer) checkRange(e *Experiment, p *v1.Hyperparameter, s schedule.Schedule) {
	k := schedule.FirstOutside(s, e.steps, func(x float64) bool { return proto.Contains(p.Interval, x) })
	if k >= 0 {
		e.Fault(join(o.path, p.Name), fmt.Sprintf("%s = %v at step %d is out of range", p.Name, s.At(k), k),
			fmt.Sprintf("choose a schedule whose values all lie in %s", proto.FormatInterval(p.Interval)))
	}
}

func positive(x float64) bool { return x > 0 }

// needed reads a number that must be given.
func (r *scheduleReader) needed(key string, ok func(float64) bool, want string) float64 {
	r.required(key, fmt.Sprintf("add %s, %s", key, want))
	x := r.number(key, 1, ok, want)
	r.filled[key] = x
	return x
}

// from reads the value that a schedule begins with.
func (r *scheduleReader) from(key string) float64 {
	return r.needed(key, func(float64) bool { return true }, "a finite number")
}

// value reads any finite number.
func (r *scheduleReader) value(key string, standard float64) float64 {
	x := r.number(key, standard, func(float64) bool { return true }, "a finite number")
	r.filled[key] = x
	return x
}

// time reads a whole number of units of at least low and returns it in steps, in which the default is given.
func (r *scheduleReader) time(key string, standard, low int) int {
	steps := standard
	if _, given := r.lookup(key); given {
		steps = r.toInt(key, join(r.path, key), r.keys[key], max(low, 1), low, math.MaxInt32) * r.unit
	}
	r.filled[key] = steps
	return steps
}

// steps reads the length of a schedule, by default what the warm-up leaves of the run.
func (r *scheduleReader) steps() int { return r.time("steps", max(r.rest, 1), 1) }

// every reads the time that a schedule's factor belongs to.
func (r *scheduleReader) every(standard int) int { return r.time("every", standard, 1) }

func readConstant(r *scheduleReader) schedule.Schedule { return schedule.Constant(r.from("value")) }

func readStep(r *scheduleReader) schedule.Schedule {
	r.required("every", "add every = 100, the steps between two changes")
	return schedule.Step{From: r.from("from"), Factor: r.factor(), Every: r.every(1)}
}

// factor reads the factor of a step. A negative one would change the sign again and again.
func (r *scheduleReader) factor() float64 {
	x := r.number("factor", 0.1, func(x float64) bool { return x >= 0 }, "a factor of at least 0")
	r.filled["factor"] = x
	return x
}

func readExponential(r *scheduleReader) schedule.Schedule {
	_, to := r.keys["to"]
	_, factor := r.keys["factor"]
	s := schedule.Exponential{From: r.from("from")}
	switch {
	case to == factor:
		r.fault(r.at(r.path), "an exponential schedule needs either factor or to",
			"add factor = 0.99, or to = 1e-4, the value at the end")
		r.known = append(r.known, "factor", "every", "to", "steps")
	case factor:
		s.Factor, s.Every = r.needed("factor", positive, "a factor above 0"), r.every(1)
		r.known = append(r.known, "to")
	default:
		end := r.from("to")
		if !(s.From*end > 0) {
			r.fault(r.place("to"), fmt.Sprintf("no exponential leads from %v to %v", s.From, end),
				"choose numbers of the same sign, neither of them 0")
		}
		s.Steps = r.steps()
		s.Factor, s.Every = end/s.From, s.Steps
		r.known = append(r.known, "factor")
	}
	return s
}

func readPolynomial(r *scheduleReader) schedule.Schedule {
	return schedule.Polynomial{From: r.from("from"), To: r.value("to", 0),
		Power: r.needed("power", positive, "a power above 0"),
		Steps: r.steps()}
}

func readLinear(r *scheduleReader) schedule.Schedule {
	return schedule.Polynomial{From: r.from("from"), To: r.value("to", 0), Power: 1, Steps: r.steps()}
}

func readCosine(r *scheduleReader) schedule.Schedule {
	from, to := r.from("from"), r.value("to", 0)
	if _, restarts := r.keys["restart"]; !restarts {
		r.known = append(r.known, "restart")
		if _, given := r.lookup("restart_factor"); given {
			r.fault(r.place("restart_factor"), "restart_factor does nothing without restart",
				"add restart = 100, the steps of the first cycle")
		}
		return schedule.Cosine{From: from, To: to, Steps: r.steps()}
	}
	if _, given := r.lookup("steps"); given {
		r.fault(r.place("steps"), "steps and restart exclude each other", "keep restart, the steps of the first cycle")
	}
	factor := r.integer("restart_factor", 1, 1)
	r.filled["restart_factor"] = factor
	return schedule.CosineRestarts{From: from, To: to, First: r.time("restart", 1, 1), Factor: factor}
}

func readOneCycle(r *scheduleReader) schedule.Schedule {
	peak := r.from("peak")
	from := r.value("from", peak/25)
	s := schedule.OneCycle{From: from, Peak: peak, To: r.value("to", from/1e4), Steps: r.steps()}
	s.Rise = r.number("rise", 0.3, func(x float64) bool { return x > 0 && x < 1 },
		"the share of the steps that climb, above 0 and below 1")
	s.Linear = r.choice("shape", "cosine", []string{"cosine", "linear"}) == "linear"
	if r.rest > 0 && s.Rise*float64(s.Steps) <= 1 {
		r.fault(r.at(r.path), fmt.Sprintf("a rise of %v of %d steps leaves no step to climb", s.Rise, s.Steps),
			"choose a larger rise or more steps")
	}
	r.filled["rise"], r.filled["shape"] = s.Rise, map[bool]string{false: "cosine", true: "linear"}[s.Linear]
	return s
}

func readInverseSqrt(r *scheduleReader) schedule.Schedule {
	return schedule.InverseSqrt{From: r.from("from"), Scale: float64(r.time("scale", 1, 1))}
}

func readInverseTime(r *scheduleReader) schedule.Schedule {
	return schedule.InverseTime{From: r.from("from"), Scale: float64(r.time("scale", 1, 1))}
}

func readPiecewise(r *scheduleReader) schedule.Schedule {
	r.required("values", "add values = [0.1, 0.01]")
	r.required("at", "add at = [100], the step of each value but the first")
	s := schedule.Piecewise{Steps: r.ints("at", 1, maxValues),
		Linear: r.choice("interpolate", "none", []string{"none", "linear"}) == "linear"}
	list, _ := r.keys["values"].([]any)
	s.Values = r.numbers("values", make([]float64, len(list)))
	switch {
	case len(s.Values) != len(s.Steps)+1:
		r.fault(r.place("values"), fmt.Sprintf("there are %d values and %d places", len(s.Values), len(s.Steps)),
			"give one value more than places: the first holds from step 0")
	case !slices.IsSorted(s.Steps) || len(slices.Compact(slices.Clone(s.Steps))) < len(s.Steps):
		r.fault(r.place("at"), "the places are not in ascending order", "sort them, each once")
	}
	for i := range s.Steps {
		s.Steps[i] *= r.unit
	}
	r.filled["values"], r.filled["at"] = s.Values, s.Steps
	r.filled["interpolate"] = map[bool]string{false: "none", true: "linear"}[s.Linear]
	return s
}

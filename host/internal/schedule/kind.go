package schedule

import "github.com/steepest/steepest/host/internal/registry"

// Kind is a schedule that an experiment can name. Each has a file of its own.
type Kind struct {
	Name   string
	Manual []Usage
	Read   func(Keys) Schedule // what the keys say; if they are wrong, the result counts for nothing
}

func (k *Kind) String() string { return k.Name }

// Usage is a row of the manual: keys, the formula of v_k, and whose schedule it is.
type Usage struct{ Keys, Formula, Like string }

// Kinds are the schedules that an experiment can name, in the order of the manual.
var Kinds = registry.List[*Kind]{&constant, &step, &exponential, &polynomial, &linear, &cosine, &oneCycle, &inverseSqrt, &inverseTime, &piecewise}

// Keys are what an experiment says of a schedule. Each key that is read is thereby known, and recorded with its value. What is
// wrong is kept by whoever reads the experiment.
type Keys interface {
	// Given tells whether a key is there.
	Given(key string) bool
	// Require reports a key that is not.
	Require(key, remedy string)
	// Number reads a finite number for which ok holds, unless it is nil; want says in words what that is.
	Number(key string, standard float64, ok func(float64) bool, want string) float64
	// Needed is Number without a default.
	Needed(key string, ok func(float64) bool, want string) float64
	// Numbers reads an array.
	Numbers(key string) []float64
	// Whole reads a whole number of at least low.
	Whole(key string, standard, low int) int
	// Time is Whole in steps, in which the default is given, of what the experiment may count in epochs.
	Time(key string, standard, low int) int
	// Times reads an array of times from step 1 on.
	Times(key string) []int
	// Choice reads one of several strings, the first by default.
	Choice(key string, choices ...string) string
	// Rest is the number of steps that the warm-up leaves of the run; 0 if that is not known, because something is wrong or the run
	// has no steps, and -1 if it never is before the run has ended.
	Rest() int
	// Ignore makes keys known that are not read.
	Ignore(keys ...string)
	// Fault reports something wrong with a key, or with the whole schedule if key is empty.
	Fault(key, message, remedy string)
}

func positive(x float64) bool { return x > 0 }

// from reads the value that a schedule begins with, to the one that it ends with, and steps how long that takes: by default what
// the warm-up leaves of the run.
func from(k Keys) float64 { return k.Needed("from", nil, "a finite number") }
func to(k Keys) float64   { return k.Number("to", 0, nil, "a finite number") }

func steps(k Keys) int {
	rest := k.Rest()
	if rest < 0 && !k.Given("steps") {
		k.Fault("", "the schedule takes as long as the run, of which only the time is given", "add steps = 1000, after which it ends")
	}
	return k.Time("steps", max(rest, 1), 1)
}

// between is a at x = 0 and b at x = 1.
func between(a, b, x float64) float64 { return a + (b-a)*x }

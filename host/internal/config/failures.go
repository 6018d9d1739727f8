package config

// Failures is what is done about runs that fail, which is not what they compute. A run that diverges does not fail: that is its result.
type Failures struct {
	OnFailure string `json:"on_failure"`   // ContinueOnFailure or StopOnFailure
	Most      int    `json:"max_failures"` // after which no run goes on; 0 is any number
	Retries   int    `json:"retries"`      // of a run whose plugin died
}

// What to do when a run fails.
const (
	ContinueOnFailure = "continue" // with the others
	StopOnFailure     = "stop"     // all
)

func (f *Failures) keys() keys {
	return keys{
		choiceKey(&f.OnFailure, "on_failure", ContinueOnFailure, []string{ContinueOnFailure, StopOnFailure},
			"what becomes of the other runs when one fails: they go on, or they stop where they are and can be gone on with"),
		integerKey(&f.Most, "max_failures", 0, 1, unbounded, "after so many failed runs all others stop").or("any number"),
		integerKey(&f.Retries, "retries", 0, 0, unbounded,
			"how often a run is tried again whose plugin did not start, crashed or hung, from its last checkpoint; one that diverges never is"),
	}
}

// readFailures reads [failures].
func (e *Experiment) readFailures(t *table) {
	sub, _ := t.sub("failures")
	sub.read(e.Failures.keys())
	switch {
	case e.Failures.OnFailure != StopOnFailure:
	case e.Failures.Most > 1:
		t.fault(sub.place("max_failures"), `on_failure = "stop" stops at the first failure`, "keep one of the two")
	default:
		e.Failures.Most = 1
	}
}

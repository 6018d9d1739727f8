package record

// Observer is told of a run. It is called by the goroutine that trains.
type Observer interface {
	// Observe is called for each new point, once and in order. An error ends the run, and later observers do not see the point.
	Observe(*Sample) error
	// End is called once. By an error a run that did not fail fails.
	End(Outcome) error
}

// FailureObserver is an observer that wants to hear of failed calls of the plugin too.
type FailureObserver interface {
	Observer
	// PluginFailed says whether the plugin is started again.
	PluginFailed(err error, again bool)
}

// Each is an Observer that is called for each point.
type Each func(*Sample) error

// Observe implements Observer.
func (f Each) Observe(p *Sample) error { return f(p) }

// End implements Observer.
func (Each) End(Outcome) error { return nil }

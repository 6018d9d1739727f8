package problem

// Calendar is implemented by problems whose epochs differ in their numbers of steps, as when the batch size changes.
type Calendar interface {
	// Steps is the number of steps in the first epochs.
	Steps(epochs int) int
	// Epoch is the epoch that a step belongs to, both from 0, and how many steps of that epoch come before it.
	Epoch(step int) (epoch, index int)
	// ExampleGradients is the number of examples in the batches of the first steps.
	ExampleGradients(steps int) int
	// Within is the largest number of steps whose batches have at most so many examples together.
	Within(examples int) int
}

// Steps is the number of steps in the first epochs of a problem.
func Steps(p Problem, epochs int) int {
	if c, ok := p.(Calendar); ok {
		return c.Steps(epochs)
	}
	return epochs * p.StepsPerEpoch()
}

// Epoch is the epoch that a step of a problem belongs to, both from 0, and how many steps of that epoch come before it.
// A problem without data has no epochs: epoch is -1.
func Epoch(p Problem, step int) (epoch, index int) {
	per := p.StepsPerEpoch()
	if per == 0 {
		return -1, step
	}
	if c, ok := p.(Calendar); ok {
		return c.Epoch(step)
	}
	return step / per, step % per
}

// ExampleGradients is the number of examples in the batches of the first steps of a problem, 0 if it has no data.
func ExampleGradients(p Problem, steps int) int {
	if c, ok := p.(Calendar); ok {
		return c.ExampleGradients(steps)
	}
	return 0
}

// StepsWithin is the largest number of steps of a problem whose batches have at most so many examples together, 0 if it has no data.
func StepsWithin(p Problem, examples int) int {
	if c, ok := p.(Calendar); ok {
		return c.Within(examples)
	}
	return 0
}

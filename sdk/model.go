package sdk

// Model is all tensors at one step, as a rule sees them that was given to [NewJoint]. Its slices are valid until step returns.
type Model struct {
	Tensors []Tensor

	// K, Steps and Loss are those of each tensor.
	K, Steps int
	Loss     float64
	// Grad, Weights and Update are those of all tensors, one after the other: the tensors' are parts of them.
	Grad, Weights, Update []float64

	asker *asker                   // nil unless the rule asks
	base  func(gradient []float64) // nil unless it was given to [Around]
}

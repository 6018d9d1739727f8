package config

// Gradient is what is done to each gradient before the optimizer sees it; at most one field is not 0.
type Gradient struct {
	ClipNorm  float64 `json:"clip_norm,omitempty"`  // the largest Euclidean norm
	ClipValue float64 `json:"clip_value,omitempty"` // the largest absolute value of a component
}

// readGradient reads [gradient], or the gradient of an optimizer, which takes its place.
func readGradient(t *table) Gradient {
	positive := func(x float64) bool { return x > 0 }
	g := Gradient{
		ClipNorm:  t.number("clip_norm", 0, positive, "a norm above 0, such as 1.0; leave it out for no clipping"),
		ClipValue: t.number("clip_value", 0, positive, "a value above 0, such as 0.5; leave it out for no clipping"),
	}
	if g.ClipNorm > 0 && g.ClipValue > 0 {
		t.fault(t.place("clip_value"), "clip_norm and clip_value exclude each other", "keep one of them")
	}
	t.done()
	return g
}

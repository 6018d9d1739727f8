package transform

import "math"

var clipValue = Kind{
	Name:  "clip_value",
	Limit: "a value above 0, such as 0.5; leave it out for no clipping",
	Help:  "each component is brought into [−value, value]",
	Make:  ClipValue,
}

// ClipValue brings every component into [−limit, limit], which changes the direction: torch's clip_grad_value_, optax.clip.
func ClipValue(limit float64) Transform {
	return func(g []float64, _ float64) {
		for i, x := range g {
			g[i] = math.Max(-limit, math.Min(limit, x))
		}
	}
}

package config

import "github.com/steepest/steepest/host/internal/seed"

var randomSearch = searchKind{
	name:  "random",
	help:  "`trials` times a value from each set, each as likely as the others, drawn from `seed`",
	draws: true,
	keys:  drawKeys,
	trials: drawn(func(root seed.Tree) func(int) float64 {
		return func(trial int) float64 { return float64(root.Index(trial).Uint64()>>11) / (1 << 53) }
	}),
}

package config

import (
	"fmt"
	"sync"

	"github.com/steepest/steepest/host/internal/transform"
)

// Gradient is what is done to each gradient before the optimizer sees it: the limit of at most one transform, by its name.
type Gradient map[string]float64

// gradientNode is what a gradient table is.
var gradientNode = sync.OnceValue(func() node { return gradientKeys(Gradient{}).closed() })

// readGradient reads [gradient], or the gradient of an optimizer, which takes its place.
func readGradient(t *table) Gradient {
	g := Gradient{}
	t.read(gradientKeys(g))
	return g
}

// gradientKeys are the transforms, of which there can be one.
func gradientKeys(g Gradient) (list keys) {
	first := ""
	for _, k := range transform.Kinds {
		list = append(list, key{name: k.Name, kind: "number above 0", value: node{"type": "number", "exclusiveMinimum": 0}, help: k.Help,
			read: func(t *table, _ *key) {
				limit := t.number(k.Name, 0, func(x float64) bool { return x > 0 }, k.Limit)
				switch {
				case limit == 0:
				case first != "":
					t.fault(t.place(k.Name), fmt.Sprintf("%s and %s exclude each other", first, k.Name), "keep one of them")
				default:
					first, g[k.Name] = k.Name, limit
				}
			}})
	}
	return list
}

// Transform is nil if the gradient stays as it is.
func (g Gradient) Transform() transform.Transform {
	for _, k := range transform.Kinds {
		if limit := g[k.Name]; limit > 0 {
			return k.Make(limit)
		}
	}
	return nil
}

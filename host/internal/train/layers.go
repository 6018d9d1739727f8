package train

import (
	"strings"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Layer is a part of a vector of parameters: the tensors of one layer of a model.
type Layer struct {
	Name       string
	Begin, End int
}

// Layers joins the tensors of each layer: layer1.weight and layer1.bias are layer1.
func Layers(layout []*v1.Tensor) []Layer {
	var all []Layer
	for _, t := range layout {
		name := t.Name
		if i := strings.LastIndexByte(name, '.'); i > 0 {
			name = name[:i]
		}
		if n := len(all); n == 0 || all[n-1].Name != name {
			all = append(all, Layer{Name: name, Begin: int(t.Offset)})
		}
		all[len(all)-1].End = int(t.Offset + t.Length)
	}
	return all
}

// Norm is that of the layer's part of a vector.
func (l Layer) Norm(v []float64) float64 { return Norm(v[l.Begin:l.End]) }

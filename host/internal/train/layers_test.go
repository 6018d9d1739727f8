package train

import (
	"fmt"
	"testing"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

func TestLayers(t *testing.T) {
	got := Layers([]*v1.Tensor{
		{Name: "layer1.weight", Offset: 0, Length: 6}, {Name: "layer1.bias", Offset: 6, Length: 2},
		{Name: "layer10.weight", Offset: 8, Length: 3}, {Name: "x", Offset: 11, Length: 1},
	})
	if want := "[{layer1 0 8} {layer10 8 11} {x 11 12}]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	if norm := got[1].Norm([]float64{9, 9, 9, 9, 9, 9, 9, 9, 2, -3, 6, 9}); norm != 7 {
		t.Errorf("norm %v", norm)
	}
}

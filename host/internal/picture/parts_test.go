package picture

import (
	"slices"
	"testing"
)

// TestPlacesOf: numbers stand where they are, ranges in their middle, and names of other kinds in their order.
func TestPlacesOf(t *testing.T) {
	for _, x := range []struct {
		columns []string
		want    []float64
	}{
		{[]string{"train_loss", "loss[0]", "loss[2]", "losses[9]", "loss[7]"}, []float64{0, 2, 7}},
		{[]string{"loss[1]", "loss[2-5]", "loss[6-40]"}, []float64{1, 3.5, 23}},
		{[]string{"loss[1]", "loss[layer1.weight]", "loss[layer1.bias]"}, []float64{1, 2, 3}},
		{[]string{"loss[0]", "loss[b-3]"}, []float64{1, 2}},
	} {
		if got := placesOf(partsOf(x.columns, "loss")); !slices.Equal(got, x.want) {
			t.Errorf("%v: %v, want %v", x.columns, got, x.want)
		}
	}
}

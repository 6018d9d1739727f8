package record

import (
	"math"
	"slices"
	"testing"
)

func TestReaches(t *testing.T) {
	for _, c := range []struct {
		better   Better
		x, limit float64
		want     bool
	}{{Less, 1, 1, true}, {Less, 0.9, 1, true}, {Less, 1.1, 1, false}, {More, 1, 1, true}, {More, 1.1, 1, true}, {More, 0.9, 1, false},
		{Less, math.NaN(), 1, false}, {More, math.NaN(), 0, false}, {Less, math.Inf(-1), 1, true}} {
		if got := c.better.Reaches(c.x, c.limit); got != c.want {
			t.Errorf("%v %s %v: %v", c.x, c.better.Sign(), c.limit, got)
		}
	}
}

// TestOrders: the columns, the targets and the values at the end stand in the orders in which people know them.
func TestOrders(t *testing.T) {
	s := append(Standard(), Quantity{Name: "sharpness", Better: Less, Column: true}, Hyperparameter("beta1"))
	var columns []string
	for _, i := range s.Columns() {
		columns = append(columns, s[i].Name)
	}
	for what, c := range map[string][2][]string{
		"columns": {columns, {"train_loss", "gradient_norm", "update_norm", "learning_rate", "validation_loss", "validation_accuracy", "sharpness",
			"hyperparameter.beta1"}},
		"targets": {s.Targets().Names(), {"train_loss", "validation_loss", "validation_accuracy", "gradient_norm", "sharpness"}},
		"finals":  {s.Finals().Names(), {"train_loss", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy", "trained_loss"}},
	} {
		if !slices.Equal(c[0], c[1]) {
			t.Errorf("%s: %q, want %q", what, c[0], c[1])
		}
	}
	if len(Standard()) != len(s)-2 || s.Index("sharpness") != len(s)-2 || s.Index("beta1") != -1 {
		t.Errorf("%d quantities, sharpness at %d", len(s), s.Index("sharpness"))
	}
}

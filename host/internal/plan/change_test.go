package plan

import (
	"slices"
	"testing"
)

// TestChanges: what a reader of two versions of a file would point at, and nothing that is the same in both.
func TestChanges(t *testing.T) {
	before := map[string]any{"budget": map[string]any{"steps": 100}, "seeds": map[string]any{"count": 5},
		"optimizer": []any{map[string]any{"plugin": "sgd", "lr": 0.01}, map[string]any{"plugin": "adam", "name": "a", "lr": map[string]any{"grid": []any{0.1, 0.2}}}}}
	now := map[string]any{"budget": map[string]any{"steps": 200}, "seeds": map[string]any{"count": 5}, "target": map[string]any{"train_loss": 0.1},
		"optimizer": []any{map[string]any{"plugin": "adam", "name": "a", "lr": map[string]any{"grid": []any{0.1, 0.3}}}, map[string]any{"plugin": "sgd", "lr": 0.02}}}
	want := []string{"budget.steps 100 -> 200", "optimizer.a.lr.grid [0.1,0.2] -> [0.1,0.3]", "optimizer.sgd.lr 0.01 -> 0.02",
		`target none -> {"train_loss":0.1}`}
	if got := Changes(before, now); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Changes(nil, now); got != nil {
		t.Errorf("%q", got)
	}
	if got := Changes(now, now); got != nil {
		t.Errorf("%q", got)
	}
}

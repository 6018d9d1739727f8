package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/store"
)

// TestComposite: two plugins with the same rule, each over some of the tensors, make the bits that one makes over all, on each data plane;
// tensors whose plugin stands still do not move; and the schedule of a group is on record.
func TestComposite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const text = `
[problem]
kind = "mlp"
dataset = "xor"
hidden = [3, 3]
[budget]
steps = 8
[record]
parameters = true
[[optimizer]]
name = "alone"
plugin = "sgd"
lr = { schedule = "linear", from = 1.0, to = 0.0 }
[[optimizer]]
plugin = "sgd"
lr = { schedule = "linear", from = 1.0, to = 0.0 }
[[optimizer.group]]
name = "inner"
place = "hidden"
plugin = "rogue" # whose rule is the same while it behaves
lr = { schedule = "linear", from = 1.0, to = 0.0 }
[[optimizer]]
name = "turned"
plugin = "rogue"
lr = { schedule = "linear", from = 1.0, to = 0.0 }
[[optimizer.group]]
name = "outer"
tensor = "layer[12].*"
plugin = "sgd"
lr = { schedule = "linear", from = 1.0, to = 0.0 }
[[optimizer]]
name = "still"
plugin = "sgd"
lr = 1
[[optimizer.group]]
role = "bias"
plugin = "rogue"
lr = 0
[[optimizer]]
name = "blind" # but for the biases
plugin = "spsa"
[[optimizer.group]]
role = "bias"
plugin = "sgd"
lr = 1
`
	experiment(t, dir, "x", text, "--data-plane", "shm")
	experiment(t, dir, "x", text, "--data-plane", "inline", "--out", "inline")
	alone := columnsOf(t, runFolder(t, dir, "runs/x/alone-seed1"))
	for _, out := range []string{"runs/x", "inline"} {
		for name, lr := range map[string]string{"sgd-rogue": "hyperparameter.inner.lr", "turned": "hyperparameter.outer.lr"} {
			got := columnsOf(t, runFolder(t, dir, out+"/"+name+"-seed1"))
			for column, want := range alone {
				if column != "wall_seconds" && !slices.Equal(got[column], want) {
					t.Errorf("%s, %s: %s is %q, want %q", out, name, column, got[column], want)
				}
			}
			if want := alone["learning_rate"]; len(got) != len(alone)+1 || !slices.Equal(got[lr], want) || len(want) != 9 {
				t.Errorf("%s, %s: %s is %q, want %q", out, name, lr, got[lr], want)
			}
		}
		biases := 0
		for column, values := range columnsOf(t, runFolder(t, dir, out+"/still-seed1")) {
			if strings.Contains(column, ".bias") {
				if biases++; !slices.Equal(values, slices.Repeat(alone[column][:1], len(values))) {
					t.Errorf("%s: %s is %q", out, column, values)
				}
			} else if strings.Contains(column, ".weight") && values[0] == values[8] {
				t.Errorf("%s: %s stands still", out, column)
			}
		}
		for column, values := range columnsOf(t, runFolder(t, dir, out+"/blind-seed1")) {
			if strings.Contains(column, ".bias") && (values[1] != alone[column][1] || values[1] == values[0]) {
				t.Errorf("%s: beside a plugin without gradients %s goes from %s to %s, want %s", out, column, values[0], values[1], alone[column][1])
			}
		}
		if biases != 3+3+1 {
			t.Errorf("%d biases are on record", biases)
		}
	}
	b, err := os.ReadFile(filepath.Join(runFolder(t, dir, "runs/x/sgd-rogue-seed1"), store.RunFile))
	if err != nil {
		t.Fatal(err)
	}
	var m store.Manifest
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	made := m.Plugins()
	if len(made) != 2 || made[0].Name != "sgd" || made[1].Name != "rogue" || len(made[1].SHA256) != 64 || made[1].SHA256 == made[0].SHA256 || made[1].DataPlane != "shm" ||
		m.Optimizer.Groups[0].Plugin != "rogue" || !slices.Equal(m.Optimizer.Groups[0].Tensors, []string{"layer2.weight", "layer2.bias"}) {
		t.Errorf("the manifest has %+v, %+v", made, m.Optimizer.Groups)
	}
	// Another program of the group's plugin makes another run.
	asked := m.Asked()
	asked.Others["rogue"] = made[0].SHA256
	if part, change := m.Asked().Difference(asked); m.Asked().Identity() != m.Identity || asked.Identity() == m.Identity ||
		part != "plugin binary of a group" || !strings.HasPrefix(change, "rogue ") {
		t.Errorf("%s: %s; %s, want %s", part, change, m.Asked().Identity(), m.Identity)
	}
}

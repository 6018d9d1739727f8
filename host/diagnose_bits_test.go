//go:build unix

package main

import (
	"slices"
	"testing"

	"github.com/steepest/steepest/host/internal/diagnose"
)

// TestDiagnosticsChangeNoBit: with every diagnostic the weights are those of a run with none, also when the host is killed and the run gone on with, and what
// is measured is the same then.
func TestDiagnosticsChangeNoBit(t *testing.T) {
	known(t)
	t.Parallel()
	const plain = `
[problem]
kind = "mlp"
dataset = { name = "two-moons", examples = 50 }
hidden = [4]
validation = 0.2
[budget]
steps = 120
[gradient]
clip_norm = 0.5
[checkpoint]
steps = 7
[[optimizer]]
plugin = "rogue"
mode = "slow"
lr = 0.1
`
	text, names := plain, ""
	for _, k := range diagnose.Kinds {
		text += "[[diagnose]]\nname = \"" + k.Name + "\"\nevery = 5\n"
		if k.Name == "critical-points" {
			text += "starts = 2\n"
		}
		names += k.Name + " "
	}
	measured, killed := disturbed(t, text, 20, 60)
	without, _ := disturbed(t, plain)
	if !slices.Equal(measured.Weights, without.Weights) || !slices.Equal(killed.Weights, without.Weights) || len(without.Weights) == 0 {
		t.Errorf("the weights are %v with diagnostics, %v when killed, %v without", measured.Weights, killed.Weights, without.Weights)
	}
	spent := ""
	for _, d := range measured.Diagnosed {
		if spent += d.Name + " "; d.Points != 25 {
			t.Errorf("%s measured at %d points, want 25", d.Name, d.Points)
		}
	}
	if spent != names {
		t.Errorf("%s measured, want %s", spent, names)
	}
}

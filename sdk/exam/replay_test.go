package exam

import (
	"strings"
	"testing"
)

// FuzzReadTrajectory: what is accepted has as many gradients as points, all of one length.
func FuzzReadTrajectory(f *testing.F) {
	f.Add("step,x0,x1,f,g0,g1\n0,-1.5,2,12.5,-155,-50\n1,0.05,2.5,624.6,-51.85,499.5\n")
	f.Add("x0,g0\n1,2\n1\n")
	f.Add("x0\n1\n2\n")
	f.Add("# reference: torch\n# hyperparameters: {\"lr\": 1}\n# tensors: [{\"name\": \"w\", \"shape\": [1], \"length\": 1}]\nx0,f,g0\n1,2,3\n1,2,3\n")
	f.Add("#\n# tensors: [{\"length\": 2}]\nx0,f,g0\n1,2,3\n1,2,3\n")
	f.Fuzz(func(t *testing.T, text string) {
		trajectory, err := ReadTrajectory(strings.NewReader(text))
		if err != nil {
			return
		}
		n := len(trajectory.Points[0])
		if trajectory.Losses != nil && len(trajectory.Losses) != len(trajectory.Points) {
			t.Fatalf("%d losses of %d points", len(trajectory.Losses), len(trajectory.Points))
		}
		for k, x := range trajectory.Points {
			if len(x) != n || len(trajectory.Gradients[k]) != n || n == 0 {
				t.Fatalf("row %d has %d coordinates and %d of the gradient; the first has %d", k, len(x),
					len(trajectory.Gradients[k]), n)
			}
		}
	})
}

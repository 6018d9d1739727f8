// Package nonlinearcg is the method of conjugate gradients for losses that are not quadratic.
//
//	d ← −g + β d,   −g where that does not lead down
//	t ← a step with the strong Wolfe conditions on this batch
//	θ ← θ + t d
//	β from g, the gradient g⁺ at the new weights and y = g⁺ − g, both of this batch:
//	    Fletcher-Reeves   ‖g⁺‖² / ‖g‖²
//	    Polak-Ribière+    max(0, yᵀg⁺ / ‖g‖²)
//	    Hager-Zhang       max((y − 2 d ‖y‖² / dᵀy)ᵀ g⁺ / dᵀy, −1 / (‖d‖ min(0.01, ‖g‖)))
//
// Nocedal, Wright: Numerical Optimization (2006), algorithm 5.4, equations 5.41 and 5.45; Hager, Zhang: A new conjugate gradient method with
// guaranteed descent and an efficient line search, SIAM J. Optim. 16 (2005), equations 1.3 to 1.6. The first trial is that of equation 3.60 there,
// the search that of L-BFGS. After a bad direction Fletcher-Reeves may go on with many tiny steps (Nocedal, Wright, section 5.2), where the
// others soon begin afresh. On all examples g⁺ is the next step's g; on batches β is of one batch nevertheless, without another gradient,
// for the search has seen the one where it ends.
package nonlinearcg

import (
	"github.com/steepest/steepest/plugins/internal/flat"
	"github.com/steepest/steepest/plugins/internal/linesearch"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR     float64 `hyper:"lr,1" in:"(0,inf)" help:"length of the first trial of all"`
	Beta   string  `hyper:"beta,polak-ribiere" choices:"fletcher-reeves,polak-ribiere,hager-zhang" help:"how β is computed"`
	C1     float64 `hyper:"c1,1e-4" in:"(0,1)" help:"share of the slope by which the loss must fall"`
	C2     float64 `hyper:"c2,0.1" in:"(0,1)" help:"share of the slope that may remain"`
	Trials int     `hyper:"trials,25" in:"[1,99]" help:"most trials of a search after its first"`
}

// Validate refuses what no step may satisfy.
func (h hyper) Validate() error { return linesearch.Check(h.C1, h.C2) }

type last struct {
	Direction sdk.Vec // d
	Beta      float64 // for the next direction; 0 is a fresh start
	Fall      float64 // t gᵀd, of which the next first trial is to have as much; 0 before there was one
}

func step(h hyper, s *last, _ []struct{}, m sdk.Model) {
	d := make([]float64, len(m.Grad))
	flat.Scale(d, -1, m.Grad)
	slope := -flat.Dot(m.Grad, m.Grad)
	if s.Beta != 0 {
		flat.Add(d, s.Beta, s.Direction)
		if slope = flat.Dot(m.Grad, d); !(slope < 0) {
			flat.Scale(d, -1, m.Grad)
			slope = -flat.Dot(m.Grad, m.Grad)
		}
	}
	trial := s.Fall / slope
	if s.Fall == 0 {
		trial = h.LR * min(1, 1/flat.Sum(m.Grad))
	}
	if !(slope < 0) { // nothing leads down, or the gradient is not a number
		flat.Scale(m.Update, h.LR, d)
		return
	}
	found := linesearch.Wolfe{C1: h.C1, C2: h.C2, Most: h.Trials}.Along(m, d, slope, trial)
	flat.Scale(m.Update, found.Step, d)
	copy(s.Direction, d)
	if s.Fall = found.Step * slope; s.Fall == 0 { // afresh, for nothing along d is lower
		s.Beta = 0
		return
	}
	s.Beta = beta(h.Beta, m.Grad, found.Gradient, d)
}

// beta is how much of the direction d goes into the next one.
func beta(formula string, g, after, d []float64) float64 {
	y := make([]float64, len(g))
	copy(y, after)
	flat.Add(y, -1, g)
	switch formula {
	case "fletcher-reeves":
		return flat.Dot(after, after) / flat.Dot(g, g)
	case "polak-ribiere":
		return max(0, flat.Dot(y, after)/flat.Dot(g, g))
	}
	dy := flat.Dot(d, y)
	b := (flat.Dot(y, after) - 2*flat.Dot(d, after)*flat.Dot(y, y)/dy) / dy
	return max(b, -1/(flat.Norm(d)*min(0.01, flat.Norm(g))))
}

// Optimizer is the plugin.
var Optimizer = sdk.NewJoint("nonlinear-cg", step,
	sdk.Family("line search"),
	sdk.Summary("nonlinear conjugate gradients with a strong Wolfe line search"),
	sdk.Reference("Nocedal and Wright 2006, algorithm 5.4; Hager and Zhang 2005"),
	sdk.NeedsLoss(), sdk.Asks())

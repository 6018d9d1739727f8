package opttest

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/steepest/steepest/sdk"
)

func bytesOf(x float64) []byte { return binary.LittleEndian.AppendUint64(nil, math.Float64bits(x)) }

// hideNaN puts 0 in place of every NaN.
func hideNaN(b []byte) {
	for i := 0; i < len(b); i += 8 {
		if math.IsNaN(math.Float64frombits(binary.LittleEndian.Uint64(b[i:]))) {
			clear(b[i : i+8])
		}
	}
}

type adamHyper struct {
	LR            float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"μ"`
	Beta1         float64 `hyper:"beta1,0.9" in:"[0,1)" help:"ρ₁"`
	Beta2         float64 `hyper:"beta2,0.999" in:"[0,1)" help:"ρ₂"`
	Eps           float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ"`
	WeightDecay   float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"λ, decoupled"`
	MomentumDecay float64 `hyper:"momentum_decay,4e-3" in:"[0,inf)" help:"ψ"`
	AMSGrad       bool    `hyper:"amsgrad,false" help:"keep the largest second moment"`
}

type adamState struct {
	S, R, Max sdk.Vec
	Product   float64 // of μₖ, NAdam; 0 before the first step
}

// moments updates both moments of element i.
func (s *adamState) moments(h adamHyper, i int, g float64) {
	s.S[i] = h.Beta1*s.S[i] + (1-h.Beta1)*g
	s.R[i] = h.Beta2*s.R[i] + (1-h.Beta2)*g*g
}

// adamw is AdamW, and AMSGrad if asked: Loshchilov and Hutter 2019, algorithm 2; Reddi, Kale and Kumar 2018.
func adamw(h adamHyper, s *adamState, x sdk.Tensor) {
	c1, c2 := 1-math.Pow(h.Beta1, float64(x.K)), 1-math.Pow(h.Beta2, float64(x.K))
	for i, g := range x.Grad {
		s.moments(h, i, g)
		r := s.R[i]
		if h.AMSGrad {
			s.Max[i] = max(s.Max[i], r)
			r = s.Max[i]
		}
		x.Update[i] = -h.LR*h.WeightDecay*x.Weights[i] - h.LR*(s.S[i]/c1)/(h.Eps+math.Sqrt(r/c2))
	}
}

// nadam is Dozat 2016 with torch's schedule of the momentum, as torch 1.13 has it: the product of all μ up to the next step
// holds the present μ twice.
func nadam(h adamHyper, s *adamState, x sdk.Tensor) {
	mu := func(k int) float64 { return h.Beta1 * (1 - 0.5*math.Pow(0.96, float64(k)*h.MomentumDecay)) }
	if x.K == 1 {
		s.Product = 1
	}
	s.Product *= mu(x.K)
	c2 := 1 - math.Pow(h.Beta2, float64(x.K))
	for i, g := range x.Grad {
		s.moments(h, i, g)
		root := h.Eps + math.Sqrt(s.R[i]/c2)
		next := s.Product * mu(x.K) * mu(x.K+1)
		x.Update[i] = -h.LR*(1-mu(x.K))/(1-s.Product)*g/root - h.LR*mu(x.K+1)/(1-next)*s.S[i]/root
	}
}

// radam is Liu et al. 2020, algorithm 2; δ is added to the root of the uncorrected moment, as in torch.
func radam(h adamHyper, s *adamState, x sdk.Tensor) {
	k := float64(x.K)
	c1, c2 := 1-math.Pow(h.Beta1, k), 1-math.Pow(h.Beta2, k)
	limit := 2/(1-h.Beta2) - 1
	length := limit - 2*k*math.Pow(h.Beta2, k)/c2
	for i, g := range x.Grad {
		s.moments(h, i, g)
		x.Update[i] = -h.LR * s.S[i] / c1
		if length > 5 {
			rectified := math.Sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length))
			x.Update[i] *= rectified * math.Sqrt(c2) / (h.Eps + math.Sqrt(s.R[i]))
		}
	}
}

// adamax is Kingma and Ba 2015, algorithm 2; δ is added to the gradient's magnitude, as in torch.
func adamax(h adamHyper, s *adamState, x sdk.Tensor) {
	c1 := 1 - math.Pow(h.Beta1, float64(x.K))
	for i, g := range x.Grad {
		s.S[i] = h.Beta1*s.S[i] + (1-h.Beta1)*g
		s.R[i] = max(h.Beta2*s.R[i], math.Abs(g)+h.Eps)
		x.Update[i] = -h.LR / c1 * s.S[i] / s.R[i]
	}
}

type adadeltaHyper struct {
	LR  float64 `hyper:"lr,1" in:"[0,inf)" help:"μ"`
	Rho float64 `hyper:"rho,0.9" in:"[0,1)" help:"ρ"`
	Eps float64 `hyper:"eps,1e-6" in:"[0,inf)" help:"δ, under the roots"`
}

type adadeltaState struct{ R, D sdk.Vec }

// adadelta is Zeiler 2012, algorithm 1.
func adadelta(h adadeltaHyper, s *adadeltaState, x sdk.Tensor) {
	for i, g := range x.Grad {
		s.R[i] = h.Rho*s.R[i] + (1-h.Rho)*g*g
		d := math.Sqrt(s.D[i]+h.Eps) / math.Sqrt(s.R[i]+h.Eps) * g
		s.D[i] = h.Rho*s.D[i] + (1-h.Rho)*d*d
		x.Update[i] = -h.LR * d
	}
}

// TestConventions writes the rules that no bundled plugin has from their papers and holds them to the recorded
// trajectories, so that each convention of the exam is known to be followable.
func TestConventions(t *testing.T) {
	for convention, rule := range map[string]func(adamHyper, *adamState, sdk.Tensor){
		"adam/eps-outside": adamw, "adamw": adamw, "amsgrad": adamw, "nadam/torch-1.13": nadam, "radam": radam, "adamax": adamax,
	} {
		Follow(t, sdk.New("test", rule, sdk.NeedsWeights()), convention)
	}
	Follow(t, sdk.New("test", adadelta), "adadelta")
}

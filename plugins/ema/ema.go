// Package ema is AdamW whose result is an exponential moving average of its weights.
//
//	a step of AdamW at θ, to θ'
//	θ̄ ← d θ̄ + (1 − d) θ',  θ̄ = θ' after the first step
//
// plugins/adamw has the rule that makes the step; the host trains θ and evaluates at θ̄. Polyak, Juditsky: Acceleration of Stochastic
// Approximation by Averaging, SIAM J. Control Optim. 30 (1992), has the mean of all; the exponential one is that of Tarvainen, Valpola:
// Mean Teachers Are Better Role Models, NeurIPS 2017 (arXiv:1703.01780), section 2. Equal to
// torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn, which is updated after each step.
package ema

import (
	"github.com/steepest/steepest/plugins/adamw"
	"github.com/steepest/steepest/plugins/internal/average"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	Decay float64 `hyper:"decay,0.999" in:"[0,1)" help:"share d of the average that a step keeps"`
}

func share(h hyper, _, _ int) float64 { return 1 - h.Decay }

// Optimizer is the plugin.
var Optimizer *sdk.Optimizer = average.Around("ema", adamw.Optimizer, share,
	sdk.Summary("adamw whose result is an exponential moving average of its weights"),
	sdk.Reference("Tarvainen and Valpola 2017, section 2 (arXiv:1703.01780)"))

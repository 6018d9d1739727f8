// Package swa is momentum whose result is the mean of weights on its way: stochastic weight averaging.
//
//	a step of momentum at θ, to θ'
//	θ̄ ← (n θ̄ + θ') / (n + 1),  n ← n + 1     after every c-th step from the start of the average on
//
// plugins/momentum has the rule that makes the step; the host trains θ and evaluates at θ̄, and at θ before there is an average. The learning rate,
// which the paper keeps high or lets go up and down while it averages, is a schedule of the experiment.
//
// Izmailov, Podoprikhin, Garipov, Vetrov, Wilson: Averaging Weights Leads to Wider Optima and Better Generalization, UAI 2018
// (arXiv:1803.05407), algorithm 1. Equal to torch.optim.swa_utils.AveragedModel with get_swa_multi_avg_fn. Where layers normalise by batch, the
// authors compute their statistics again for θ̄; here they are what they are.
package swa

import (
	"github.com/steepest/steepest/plugins/internal/average"
	"github.com/steepest/steepest/plugins/momentum"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	Start  int `hyper:"swa_start,0" in:"[0,inf)" help:"steps before the first whose weights are averaged"`
	Period int `hyper:"swa_period,1" in:"[1,inf)" help:"steps c from one of them to the next"`
}

func share(h hyper, k, n int) float64 {
	if k <= h.Start || (k-h.Start-1)%h.Period != 0 {
		return 0
	}
	return 1 / float64(n+1)
}

// Optimizer is the plugin.
var Optimizer *sdk.Optimizer = average.Around("swa", momentum.Optimizer, share,
	sdk.Summary("momentum whose result is the mean of its weights (stochastic weight averaging)"),
	sdk.Reference("Izmailov et al. 2018, algorithm 1 (arXiv:1803.05407)"))

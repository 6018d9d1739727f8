package main

import (
	"github.com/steepest/steepest/plugins/adadelta"
	"github.com/steepest/steepest/plugins/adafactor"
	"github.com/steepest/steepest/plugins/adagrad"
	"github.com/steepest/steepest/plugins/adahessian"
	"github.com/steepest/steepest/plugins/adam"
	"github.com/steepest/steepest/plugins/adamax"
	"github.com/steepest/steepest/plugins/adamw"
	"github.com/steepest/steepest/plugins/adan"
	"github.com/steepest/steepest/plugins/ademamix"
	"github.com/steepest/steepest/plugins/amsgrad"
	cautiousadamw "github.com/steepest/steepest/plugins/cautious-adamw"
	"github.com/steepest/steepest/plugins/ema"
	"github.com/steepest/steepest/plugins/lamb"
	"github.com/steepest/steepest/plugins/lars"
	"github.com/steepest/steepest/plugins/lbfgs"
	"github.com/steepest/steepest/plugins/lion"
	"github.com/steepest/steepest/plugins/lookahead"
	lookaheadadamw "github.com/steepest/steepest/plugins/lookahead-adamw"
	"github.com/steepest/steepest/plugins/mars"
	"github.com/steepest/steepest/plugins/momentum"
	"github.com/steepest/steepest/plugins/muon"
	"github.com/steepest/steepest/plugins/nadam"
	newtoncg "github.com/steepest/steepest/plugins/newton-cg"
	nonlinearcg "github.com/steepest/steepest/plugins/nonlinear-cg"
	"github.com/steepest/steepest/plugins/polyak"
	"github.com/steepest/steepest/plugins/prodigy"
	psgdkron "github.com/steepest/steepest/plugins/psgd-kron"
	"github.com/steepest/steepest/plugins/radam"
	"github.com/steepest/steepest/plugins/rmsprop"
	"github.com/steepest/steepest/plugins/rprop"
	"github.com/steepest/steepest/plugins/sam"
	samadamw "github.com/steepest/steepest/plugins/sam-adamw"
	schedulefreeadamw "github.com/steepest/steepest/plugins/schedule-free-adamw"
	schedulefreesgd "github.com/steepest/steepest/plugins/schedule-free-sgd"
	"github.com/steepest/steepest/plugins/scion"
	"github.com/steepest/steepest/plugins/sgd"
	"github.com/steepest/steepest/plugins/shampoo"
	"github.com/steepest/steepest/plugins/soap"
	"github.com/steepest/steepest/plugins/sophia"
	"github.com/steepest/steepest/plugins/spsa"
	"github.com/steepest/steepest/plugins/swa"
	"github.com/steepest/steepest/sdk"
)

// optimizers are those that this program serves.
var optimizers = []*sdk.Optimizer{
	adadelta.Optimizer,
	adafactor.Optimizer,
	adagrad.Optimizer,
	adahessian.Optimizer,
	adam.Optimizer,
	adamax.Optimizer,
	adamw.Optimizer,
	adan.Optimizer,
	ademamix.Optimizer,
	amsgrad.Optimizer,
	cautiousadamw.Optimizer,
	ema.Optimizer,
	lamb.Optimizer,
	lars.Optimizer,
	lbfgs.Optimizer,
	lion.Optimizer,
	lookahead.Optimizer,
	lookaheadadamw.Optimizer,
	mars.Optimizer,
	momentum.Optimizer,
	muon.Optimizer,
	nadam.Optimizer,
	newtoncg.Optimizer,
	nonlinearcg.Optimizer,
	polyak.Optimizer,
	prodigy.Optimizer,
	psgdkron.Optimizer,
	radam.Optimizer,
	rmsprop.Optimizer,
	rprop.Optimizer,
	sam.Optimizer,
	samadamw.Optimizer,
	schedulefreeadamw.Optimizer,
	schedulefreesgd.Optimizer,
	scion.Optimizer,
	sgd.Optimizer,
	shampoo.Optimizer,
	soap.Optimizer,
	sophia.Optimizer,
	spsa.Optimizer,
	swa.Optimizer,
}

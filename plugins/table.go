package main

import (
	"github.com/steepest/steepest/plugins/adadelta"
	"github.com/steepest/steepest/plugins/adafactor"
	"github.com/steepest/steepest/plugins/adagrad"
	"github.com/steepest/steepest/plugins/adam"
	"github.com/steepest/steepest/plugins/adamax"
	"github.com/steepest/steepest/plugins/adamw"
	"github.com/steepest/steepest/plugins/adan"
	"github.com/steepest/steepest/plugins/ademamix"
	"github.com/steepest/steepest/plugins/amsgrad"
	cautiousadamw "github.com/steepest/steepest/plugins/cautious-adamw"
	"github.com/steepest/steepest/plugins/lamb"
	"github.com/steepest/steepest/plugins/lars"
	"github.com/steepest/steepest/plugins/lion"
	"github.com/steepest/steepest/plugins/momentum"
	"github.com/steepest/steepest/plugins/muon"
	"github.com/steepest/steepest/plugins/nadam"
	"github.com/steepest/steepest/plugins/polyak"
	"github.com/steepest/steepest/plugins/radam"
	"github.com/steepest/steepest/plugins/rmsprop"
	"github.com/steepest/steepest/plugins/rprop"
	"github.com/steepest/steepest/plugins/scion"
	"github.com/steepest/steepest/plugins/sgd"
	"github.com/steepest/steepest/plugins/shampoo"
	"github.com/steepest/steepest/sdk"
)

// optimizers are those that this program serves.
var optimizers = []*sdk.Optimizer{
	adadelta.Optimizer,
	adafactor.Optimizer,
	adagrad.Optimizer,
	adam.Optimizer,
	adamax.Optimizer,
	adamw.Optimizer,
	adan.Optimizer,
	ademamix.Optimizer,
	amsgrad.Optimizer,
	cautiousadamw.Optimizer,
	lamb.Optimizer,
	lars.Optimizer,
	lion.Optimizer,
	momentum.Optimizer,
	muon.Optimizer,
	nadam.Optimizer,
	polyak.Optimizer,
	radam.Optimizer,
	rmsprop.Optimizer,
	rprop.Optimizer,
	scion.Optimizer,
	sgd.Optimizer,
	shampoo.Optimizer,
}

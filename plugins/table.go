package main

import (
	"github.com/steepest/steepest/plugins/adagrad"
	"github.com/steepest/steepest/plugins/adam"
	"github.com/steepest/steepest/plugins/adamw"
	"github.com/steepest/steepest/plugins/momentum"
	"github.com/steepest/steepest/plugins/rmsprop"
	"github.com/steepest/steepest/plugins/sgd"
	"github.com/steepest/steepest/sdk"
)

// optimizers are those that this program serves.
var optimizers = []*sdk.Optimizer{
	adagrad.Optimizer,
	adam.Optimizer,
	adamw.Optimizer,
	momentum.Optimizer,
	rmsprop.Optimizer,
	sgd.Optimizer,
}

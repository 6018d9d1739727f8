// Package samadamw is SAM around adamw: plugins/internal/sharpness has the formula, plugins/adamw the rule that makes the step.
package samadamw

import (
	"github.com/steepest/steepest/plugins/adamw"
	"github.com/steepest/steepest/plugins/internal/sharpness"
	"github.com/steepest/steepest/sdk"
)

// Optimizer is the plugin.
var Optimizer *sdk.Optimizer = sharpness.Around("sam-adamw", adamw.Optimizer)

// Package sam is SAM around momentum: plugins/internal/sharpness has the formula, plugins/momentum the rule that makes the step.
package sam

import (
	"github.com/steepest/steepest/plugins/internal/sharpness"
	"github.com/steepest/steepest/plugins/momentum"
	"github.com/steepest/steepest/sdk"
)

// Optimizer is the plugin.
var Optimizer *sdk.Optimizer = sharpness.Around("sam", momentum.Optimizer)

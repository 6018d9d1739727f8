// Package lookahead is Lookahead around momentum: plugins/internal/lookahead has the formula, plugins/momentum the rule that makes the steps.
package lookahead

import (
	"github.com/steepest/steepest/plugins/internal/lookahead"
	"github.com/steepest/steepest/plugins/momentum"
	"github.com/steepest/steepest/sdk"
)

// Optimizer is the plugin.
var Optimizer *sdk.Optimizer = lookahead.Around("lookahead", momentum.Optimizer)

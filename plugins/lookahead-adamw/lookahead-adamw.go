// Package lookaheadadamw is Lookahead around adamw: plugins/internal/lookahead has the formula, plugins/adamw the rule that makes the steps.
package lookaheadadamw

import (
	"github.com/steepest/steepest/plugins/adamw"
	"github.com/steepest/steepest/plugins/internal/lookahead"
	"github.com/steepest/steepest/sdk"
)

// Optimizer is the plugin.
var Optimizer *sdk.Optimizer = lookahead.Around("lookahead-adamw", adamw.Optimizer)

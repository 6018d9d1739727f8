//go:build !goexperiment.simd || !amd64 || amd64.v3

package adamw

import "github.com/steepest/steepest/sdk"

// kernel is none: this build has step alone.
func kernel() sdk.Option { return sdk.KernelIf(false, "", step) }

package result

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/sweep"
)

// configHash is the same for runs that differ in nothing but the seed, the versions and the names that were given: the first
// 12 hexadecimal digits of the SHA-256 of all other settings.
func configHash(e *config.Experiment, r sweep.Run) string {
	b, err := json.Marshal([]any{e.Problem, r.Steps, e.Target, r.Optimizer.Plugin, r.Optimizer.Hyperparameters, r.Optimizer.Gradient})
	if err != nil {
		return "" // the manifest, which has the same values, cannot be written then either
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

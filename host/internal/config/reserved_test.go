package config

import (
	"slices"
	"testing"

	"github.com/steepest/steepest/proto"
)

// TestReservedNames: no plugin may call a hyperparameter like a key that [[optimizer]] has for itself.
func TestReservedNames(t *testing.T) {
	for _, k := range optimizerKeys(&Optimizer{}) {
		if !slices.Contains(proto.Reserved, k.name) {
			t.Errorf("proto.Reserved does not keep %q from plugins", k.name)
		}
	}
}

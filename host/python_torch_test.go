//go:build unix

package main

import (
	"os"
	"os/exec"
	"testing"
)

// TestTorch drives the bundled plugins from training loops of PyTorch.
func TestTorch(t *testing.T) {
	t.Parallel()
	interpreter, variables := withSDK(t, "torch, grpc, google.protobuf, numpy", "python3-torch python3-grpcio python3-protobuf python3-numpy")
	tests := exec.Command(interpreter, "-W", "error", "-m", "unittest", "discover", "-s", "../sdk/python/tests/driving")
	tests.Env = append(append(os.Environ(), variables...), "STEEPEST_PLUGIN_PATH="+pluginDir)
	if out, err := tests.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

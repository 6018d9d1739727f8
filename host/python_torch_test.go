//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/steepest/steepest/host/internal/plugin"
)

// TestTorch drives the bundled plugins from training loops of PyTorch.
func TestTorch(t *testing.T) {
	t.Parallel()
	interpreter, variables := withSDK(t, "torch, grpc, google.protobuf, numpy", "python3-torch python3-grpcio python3-protobuf python3-numpy")
	tests := exec.Command(interpreter, "-W", "error", "-m", "unittest", "discover", "-s", "../sdk/python/tests/driving")
	tests.Env = append(append(os.Environ(), variables...), plugin.PathEnv+"="+pluginDir)
	if out, err := tests.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestPythonTutorial does what docs/writing-an-optimizer-in-python.md says, outside the tree.
func TestPythonTutorial(t *testing.T) {
	t.Parallel()
	_, variables := withSDK(t, "torch, grpc, google.protobuf, numpy", "python3-torch python3-grpcio python3-protobuf python3-numpy")
	root := t.TempDir()
	variables = append(variables, "XDG_DATA_HOME="+filepath.Join(root, "data"), plugin.PathEnv+"="+pluginDir, "OMP_NUM_THREADS=1")
	if commands := follow(t, "../docs/writing-an-optimizer-in-python.md", root, variables, nil); commands != 15 {
		t.Errorf("%d commands were found", commands)
	}
}

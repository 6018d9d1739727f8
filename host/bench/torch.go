package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

//go:embed torch_steps.py
var script string

// torch measures PyTorch in a process of its own each time, so that its threads do not spin beside ours.
type torch struct{ python, version string }

// findTorch looks for PyTorch and says how to install it if it is missing.
func findTorch(ctx context.Context, pythons ...string) *torch {
	for _, python := range pythons {
		version, err := exec.CommandContext(ctx, python, "-c", "import torch; print(torch.__version__.split('+')[0])").Output()
		if err == nil {
			return &torch{python, "torch " + strings.TrimSpace(string(version))}
		}
	}
	fmt.Printf("skipped: %s has no PyTorch; install it: apt-get install python3-torch (Debian, Ubuntu), or pip install torch\n",
		strings.Join(pythons, " or "))
	return nil
}

// measure is the median time of a step, in microseconds.
func (t *torch) measure(ctx context.Context, n network, threads int, long time.Duration) (float64, error) {
	command := exec.CommandContext(ctx, t.python, "-", n.name, strconv.Itoa(threads), fmt.Sprint(long.Seconds()))
	command.Stdin = strings.NewReader(script)
	command.Env = append(os.Environ(), "OMP_NUM_THREADS="+strconv.Itoa(threads), "OPENBLAS_NUM_THREADS="+strconv.Itoa(threads))
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return 0, fmt.Errorf("torch_steps.py: %w\n%s", err, &stderr)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

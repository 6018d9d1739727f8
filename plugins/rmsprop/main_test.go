package main

import (
	"testing"

	"github.com/steepest/steepest/sdk/opttest"
)

func TestExam(t *testing.T) { opttest.Run(t, optimizer) }

// The trajectories are torch.optim's (PyTorch 1.13.1, float64) on Rosenbrock's function from (-1.5, 2).
func TestTorch(t *testing.T) {
	opttest.Replay(t, optimizer, opttest.Trajectory{
		File: "testdata/rosenbrock_rmsprop.csv", Hyperparameters: opttest.Hyperparameters{"lr": 1e-3}, Tolerance: 1e-11,
	})
	opttest.Replay(t, optimizer, opttest.Trajectory{
		File:            "testdata/rosenbrock_rmsprop_momentum.csv",
		Hyperparameters: opttest.Hyperparameters{"lr": 1e-3, "momentum": 0.9},
		Tolerance:       1e-11,
	})
	opttest.Replay(t, optimizer, opttest.Trajectory{
		File:            "testdata/rosenbrock_rmsprop_centered.csv",
		Hyperparameters: opttest.Hyperparameters{"lr": 1e-3, "centered": true},
		Tolerance:       1e-11,
	})
}

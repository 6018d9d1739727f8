package main

import (
	"testing"

	"github.com/steepest/steepest/sdk/opttest"
)

func TestExam(t *testing.T) { opttest.Run(t, optimizer) }

// The trajectories are torch.optim's (PyTorch 1.13.1, float64) on Rosenbrock's function from (-1.5, 2).
func TestTorch(t *testing.T) { opttest.Follow(t, optimizer, "sgd") }

package main

import (
	"fmt"
	"testing"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/seed"
)

// TestNetworks: the networks have as many parameters as published, and a step of each gives a finite loss.
func TestNetworks(t *testing.T) {
	for i, want := range []int{65, 100_609, 1_336_610, 3_274_634} {
		o, err := networks[i].objective(seed.New(1))
		if err != nil {
			t.Fatal(err)
		}
		if got := o.network.Size(); got != want {
			t.Errorf("%s: %d parameters, want %d", networks[i].name, got, want)
		}
		if i > 1 {
			continue // large
		}
		w, g := make([]float64, want), make([]float64, want)
		o.Initialize(w)
		if loss := o.Gradient(0, w, g); !(loss > 0 && loss < 5) {
			t.Errorf("%s: loss %v", networks[i].name, loss)
		}
	}
}

func BenchmarkGradient(b *testing.B) {
	for _, n := range networks {
		for _, s := range settings {
			b.Run(fmt.Sprintf("%s/%s/threads=%d", n.name, s.blas, s.threads), func(b *testing.B) {
				if err := blas.Use(s.blas); err != nil {
					b.Skip(err)
				}
				blas.SetThreads(s.threads)
				o, err := n.objective(seed.New(1))
				if err != nil {
					b.Fatal(err)
				}
				w, g := make([]float64, o.network.Size()), make([]float64, o.network.Size())
				o.Initialize(w)
				o.Gradient(0, w, g) // makes the buffers
				b.ReportAllocs()
				k := 0
				for b.Loop() {
					k++
					o.Gradient(k, w, g)
				}
			})
		}
	}
}

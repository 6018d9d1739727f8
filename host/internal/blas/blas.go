// Package blas chooses the implementation of the basic linear algebra subprograms: OpenBLAS, if its library is on the
// machine, else gonum's, which is part of this program. Large products are cut into parts, which threads share. The cuts
// follow from the shapes alone, so that the same implementation gives the same bits on any number of threads.
package blas

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// Choices are what can be asked for.
var Choices = []string{"auto", "gonum", "openblas"}

// PathEnv names the environment variable that holds the path of an OpenBLAS library.
const PathEnv = "STEEPEST_OPENBLAS"

// Install says how to get OpenBLAS.
const Install = "apt-get install libopenblas0-pthread (Debian, Ubuntu), dnf install openblas-threads (Fedora) or " +
	"brew install openblas (macOS), or point $" + PathEnv + " to the library"

// kernel computes one matrix product on the calling thread.
type kernel interface {
	gemm(g *gemm)
	cutting() cutting
}

var (
	chosen  kernel = goKernel{}
	name           = gonumName()
	threads atomic.Int32
)

func init() {
	threads.Store(1)
	blas64.Use(implementation{})
}

// Use chooses for the whole program; call it before anything computes. Choosing again what is chosen changes nothing. auto is OpenBLAS if it can be loaded, else gonum.
// The error says why what was asked for cannot be had.
func Use(choice string) error {
	using.Lock()
	defer using.Unlock()
	return use(choice)
}

// using guards the choice: many may make the same one at once.
var using sync.Mutex

func use(choice string) error {
	switch choice {
	case "gonum":
		if _, is := chosen.(goKernel); is {
			return nil
		}
		chosen, name = goKernel{}, gonumName()
		blas64.Use(implementation{})
		return nil
	case "openblas", "auto":
		library, err := loadOpenBLAS()
		if err == nil {
			if chosen == kernel(library) {
				return nil
			}
			chosen, name = library, library.name
			blas64.Use(openImplementation{library: library})
			return nil
		}
		if choice == "auto" && !givenByHand() {
			return use("gonum")
		}
		if givenByHand() {
			return fmt.Errorf("cannot load OpenBLAS: %w; correct $%s or unset it", err, PathEnv)
		}
		return fmt.Errorf("cannot load OpenBLAS: %w; install it: %s", err, Install)
	}
	return fmt.Errorf("there is no BLAS %q; choose auto, gonum or openblas", choice)
}

// Name is the implementation in use with its version, such as "gonum v0.17.0" or "OpenBLAS 0.3.21 SkylakeX".
func Name() string { return name }

// IsGonum tells whether gonum's implementation is in use.
func IsGonum() bool { _, ok := chosen.(goKernel); return ok }

// SetThreads sets how many threads may work on a step of a run, from 1. It can change at any time.
func SetThreads(n int) { threads.Store(int32(max(n, 1))) }

// Threads is how many threads may work on a step of a run.
func Threads() int { return int(threads.Load()) }

// DefaultThreads shares the cores among the runs in flight.
func DefaultThreads(inFlight int) int { return max(runtime.GOMAXPROCS(0)/max(inFlight, 1), 1) }

func gonumName() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "gonum.org/v1/gonum" {
				return "gonum " + d.Version
			}
		}
	}
	return "gonum"
}

// implementation is gonum's, but for products of matrices.
type implementation struct{ gonum.Implementation }

var _ blas.Float64 = implementation{}

// Dgemm is C = alpha op(A) op(B) + beta C.
func (implementation) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int,
	beta float64, c []float64, ldc int) {
	multiply(gemm{tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc})
}

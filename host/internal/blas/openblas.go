//go:build (linux || darwin || (freebsd && cgo)) && (amd64 || arm64) && !static

package blas

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
	"gonum.org/v1/gonum/blas"
)

// openBLAS is the library, loaded at run time and called without cgo. It is kept to one thread; cutting the work is ours,
// so that no thread of the library spins when an optimizer needs the core.
type openBLAS struct {
	name         string
	dgemm, dgemv uintptr // the Fortran entry points, which take every argument by reference
}

// libraries are tried in turn.
func libraries() []string {
	if path := os.Getenv(PathEnv); path != "" {
		return []string{path}
	}
	if runtime.GOOS == "darwin" {
		return []string{"/opt/homebrew/opt/openblas/lib/libopenblas.dylib", "/usr/local/opt/openblas/lib/libopenblas.dylib",
			"libopenblas.dylib"}
	}
	return []string{"libopenblas.so.0", "libopenblas.so", "libopenblasp.so.0"}
}

func givenByHand() bool { return os.Getenv(PathEnv) != "" }

var loadOpenBLAS = sync.OnceValues(func() (*openBLAS, error) {
	var first error
	for _, path := range libraries() {
		library, err := open(path)
		if err == nil {
			return library, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
})

func open(path string) (*openBLAS, error) {
	if givenByHand() && !filepath.IsAbs(path) {
		return nil, fmt.Errorf("%s is no absolute path; a library is not taken from whatever folder the program was started in", path)
	}
	defer single()()
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	var symbols [5]uintptr
	for i, symbol := range []string{"dgemm_", "dgemv_", "openblas_get_config", "openblas_get_corename", "openblas_set_num_threads"} {
		if symbols[i], err = purego.Dlsym(handle, symbol); err != nil {
			return nil, fmt.Errorf("%s is no OpenBLAS library: %w", path, err)
		}
	}
	var config, core func() string
	purego.RegisterFunc(&config, symbols[2])
	purego.RegisterFunc(&core, symbols[3])
	var setThreads func(int32)
	purego.RegisterFunc(&setThreads, symbols[4])
	about := config()
	if strings.Contains(about, "USE64BITINT") {
		return nil, fmt.Errorf("%s takes 64-bit integers; the build with 32-bit ones is needed", path)
	}
	setThreads(1)
	return &openBLAS{name: describe(about, core()), dgemm: symbols[0], dgemv: symbols[1]}, nil
}

// single keeps the library from starting threads of its own while it is loaded, with a buffer of 128 MiB each.
func single() (restore func()) {
	const variable = "OPENBLAS_NUM_THREADS"
	before, set := os.LookupEnv(variable)
	_ = os.Setenv(variable, "1") // the library reads it from C, where Go puts it too
	return func() {
		if set {
			_ = os.Setenv(variable, before)
		} else {
			_ = os.Unsetenv(variable)
		}
	}
}

// describe is the name and version that begin "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY SkylakeX MAX_THREADS=64",
// and the processor whose kernels are in use.
func describe(config, core string) string {
	words := strings.Fields(config)
	return strings.Join(append(words[:min(len(words), 2)], core), " ")
}

// call holds the arguments of a call on the heap, where C may read them, and their addresses. The slices are there too:
// they came through an interface.
type call struct {
	tA, tB        byte
	m, n, k       int32
	lda, ldb, ldc int32
	one           int32
	alpha, beta   float64
	addresses     [15]uintptr
}

var calls = sync.Pool{New: func() any { return &call{one: 1} }}

func address[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

func letter(t blas.Transpose) byte {
	if t == blas.NoTrans {
		return 'N'
	}
	return 'T'
}

func (*openBLAS) cutting() cutting { return cutting{worth: 16_000_000, rows: 64, columns: 64} }

// gemm makes the product column-major: Cᵀ = alpha op(B)ᵀ op(A)ᵀ + beta Cᵀ.
func (o *openBLAS) gemm(g *gemm) {
	if g.m == 0 || g.n == 0 {
		return
	}
	if g.k == 0 || g.m*g.n*g.k < worthCalling {
		goKernel{}.gemm(g)
		return
	}
	x := calls.Get().(*call)
	x.tA, x.tB = letter(g.tA), letter(g.tB)
	x.m, x.n, x.k = int32(g.m), int32(g.n), int32(g.k)
	x.lda, x.ldb, x.ldc = int32(g.lda), int32(g.ldb), int32(g.ldc)
	x.alpha, x.beta = g.alpha, g.beta
	_ = g.a[extent(g.tA, g.m, g.k, g.lda)-1] // C checks no bounds
	_ = g.b[extent(g.tB, g.k, g.n, g.ldb)-1]
	_ = g.c[(g.m-1)*g.ldc+g.n-1]
	x.addresses = [...]uintptr{address(&x.tB), address(&x.tA), address(&x.n), address(&x.m), address(&x.k),
		address(&x.alpha), address(&g.b[0]), address(&x.ldb), address(&g.a[0]), address(&x.lda),
		address(&x.beta), address(&g.c[0]), address(&x.ldc), 1, 1} // the last two are the lengths of the letters
	purego.SyscallN(o.dgemm, x.addresses[:]...)
	runtime.KeepAlive(g)
	calls.Put(x)
}

// extent is how long the slice of a matrix op(A) of m x k must be.
func extent(t blas.Transpose, m, k, ld int) int {
	if t != blas.NoTrans {
		m, k = k, m
	}
	return (m-1)*ld + k
}

// worthCalling is the number of multiplications above which a call into C pays.
const worthCalling = 1 << 9

// openImplementation is gonum's, but for products, which OpenBLAS computes.
type openImplementation struct {
	implementation
	library *openBLAS
}

var _ blas.Float64 = openImplementation{}

// Dgemv is y = alpha op(A) x + beta y, with A of m x n.
func (o openImplementation) Dgemv(tA blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int,
	beta float64, y []float64, incY int) {
	if m*n < 1<<12 || incX != 1 || incY != 1 {
		o.Implementation.Dgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
		return
	}
	inner, outer := n, m
	if tA != blas.NoTrans {
		inner, outer = m, n
	}
	_, _, _ = a[(m-1)*lda+n-1], x[inner-1], y[outer-1]
	c := calls.Get().(*call)
	c.tA = 'N' + 'T' - letter(tA) // row-major A is column-major Aᵀ
	c.m, c.n, c.lda, c.alpha, c.beta = int32(n), int32(m), int32(lda), alpha, beta
	c.addresses = [...]uintptr{address(&c.tA), address(&c.m), address(&c.n), address(&c.alpha), address(&a[0]),
		address(&c.lda), address(&x[0]), address(&c.one), address(&c.beta), address(&y[0]), address(&c.one), 1, 0, 0, 0}
	purego.SyscallN(o.library.dgemv, c.addresses[:12]...)
	runtime.KeepAlive(a)
	runtime.KeepAlive(x)
	runtime.KeepAlive(y)
	calls.Put(c)
}

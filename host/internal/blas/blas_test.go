package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/floats"
)

// each runs a test with every implementation on this machine.
func each(t *testing.T, test func(t *testing.T)) {
	t.Cleanup(func() {
		SetThreads(1)
		if err := Use("gonum"); err != nil {
			t.Error(err)
		}
	})
	for _, choice := range []string{"gonum", "openblas"} {
		t.Run(choice, func(t *testing.T) {
			if err := Use(choice); err != nil {
				if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
					t.Fatal(err)
				}
				t.Skip(err)
			}
			test(t)
		})
	}
}

func random(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// TestProducts compares products of all forms with gonum's own, and twice with themselves, bit for bit.
func TestProducts(t *testing.T) {
	const tolerance = 1e-13 // relative, in the Euclidean norm
	each(t, func(t *testing.T) {
		for _, s := range []struct{ m, n, k int }{{1, 1, 1}, {3, 5, 0}, {3, 5, 7}, {65, 200, 300}, {128, 100, 90}, {500, 130, 64}, {9, 1030, 140}} {
			for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans} {
				for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
					for _, count := range []int{1, 2, 3} {
						SetThreads(count)
						r := rand.New(rand.NewPCG(1, 2))
						lda, ldb, ldc := s.k+2, s.n+1, s.n+3
						rowsA, rowsB := s.m, s.k
						if tA != blas.NoTrans {
							lda, rowsA = s.m+2, s.k
						}
						if tB != blas.NoTrans {
							ldb, rowsB = s.k+1, s.n
						}
						a, b, c := random(r, rowsA*lda+1), random(r, rowsB*ldb+1), random(r, s.m*ldc)
						for _, beta := range []float64{0, 0.5} {
							want := append([]float64(nil), c...)
							gonum.Implementation{}.Dgemm(tA, tB, s.m, s.n, s.k, 1.5, a, lda, b, ldb, beta, want, ldc)
							var got [2][]float64
							for i := range got {
								got[i] = append([]float64(nil), c...)
								// The second from memory that is aligned otherwise.
								blas64.Implementation().Dgemm(tA, tB, s.m, s.n, s.k, 1.5, append([]float64(nil), a...), lda,
									append(make([]float64, i, 2*len(b)), b...)[i:], ldb, beta, got[i], ldc)
							}
							where := fmt.Sprintf("%+v %c%c, %d threads, beta %v", s, tA, tB, count, beta)
							if e := floats.Distance(got[0], want, 2) / floats.Norm(want, 2); !(e < tolerance) {
								t.Errorf("%s: relative error %.1e", where, e)
							}
							if !floats.Equal(got[0], got[1]) {
								t.Errorf("%s: the same product twice differs", where)
							}
						}
					}
				}
			}
		}
	})
}

func TestMatrixTimesVector(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		a, x := random(r, 70*130), random(r, 130)
		for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans} {
			y := random(r, 130)
			want := append([]float64(nil), y...)
			gonum.Implementation{}.Dgemv(tA, 70, 120, 1.5, a, 130, x, 1, 0.5, want, 1)
			blas64.Implementation().Dgemv(tA, 70, 120, 1.5, a, 130, x, 1, 0.5, y, 1)
			if e := floats.Distance(y, want, 2) / floats.Norm(want, 2); !(e < 1e-13) || math.IsNaN(e) {
				t.Errorf("%c: relative error %.1e", tA, e)
			}
		}
	})
}

func TestProductsAllocateNothing(t *testing.T) {
	each(t, func(t *testing.T) {
		if info, ok := debug.ReadBuildInfo(); ok && !IsGonum() && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
			t.Skip("under the race detector a sync.Pool, as purego has one, forgets at random")
		}
		for _, count := range []int{1, 2} {
			SetThreads(count)
			a := blas64.General{Rows: 128, Cols: 128, Stride: 128, Data: make([]float64, 128*128)}
			c := blas64.General{Rows: 128, Cols: 128, Stride: 128, Data: make([]float64, 128*128)}
			if n := testing.AllocsPerRun(20, func() { blas64.Gemm(blas.NoTrans, blas.Trans, 1, a, a, 0, c) }); n > 0 {
				t.Errorf("%d threads: %v allocations", count, n)
			}
			if n := testing.AllocsPerRun(20, func() { Serial(blas.NoTrans, blas.Trans, 1, a, a, 0, c) }); n > 0 {
				t.Errorf("serial: %v allocations", n)
			}
		}
	})
}

func TestUse(t *testing.T) {
	if err := Use("mkl"); err == nil {
		t.Error("an unknown BLAS was accepted")
	}
	if err := Use("auto"); err != nil || Name() == "" {
		t.Errorf("auto: %q, %v", Name(), err)
	}
	for inFlight, want := range map[int]int{0: 7, 1: 7, 2: 3, 3: 2, 7: 1, 100: 1} {
		before := runtime.GOMAXPROCS(7)
		got := DefaultThreads(inFlight)
		runtime.GOMAXPROCS(before)
		if got != want {
			t.Errorf("%d runs in flight on 7 cores: %d threads, want %d", inFlight, got, want)
		}
	}
	if err := Use("gonum"); err != nil || !IsGonum() {
		t.Error(err)
	}
}

func BenchmarkProduct(b *testing.B) {
	const no, yes = blas.NoTrans, blas.Trans
	for _, choice := range []string{"gonum", "openblas"} {
		for _, s := range []struct {
			tA, tB  blas.Transpose
			m, n, k int
		}{{no, yes, 32, 16, 2}, {no, yes, 32, 16, 30}, {no, yes, 128, 1000, 784}, {yes, no, 1000, 784, 128},
			{no, yes, 196, 64, 800}, {yes, no, 64, 800, 196}, {no, no, 196, 800, 64}, {no, yes, 1568, 32, 25}, {yes, no, 32, 25, 1568}} {
			b.Run(fmt.Sprintf("%s/%c%c/%dx%dx%d", choice, s.tA, s.tB, s.m, s.n, s.k), func(b *testing.B) {
				if err := Use(choice); err != nil {
					b.Skip(err)
				}
				r := rand.New(rand.NewPCG(1, 2))
				a, w, c := random(r, s.m*s.k), random(r, s.n*s.k), random(r, s.m*s.n)
				lda, ldb := s.k, s.k
				if s.tA == yes {
					lda = s.m
				}
				if s.tB == no {
					ldb = s.n
				}
				b.ReportAllocs()
				for b.Loop() {
					blas64.Implementation().Dgemm(s.tA, s.tB, s.m, s.n, s.k, 1, a, lda, w, ldb, 0, c, s.n)
				}
				b.ReportMetric(2*float64(s.m*s.n*s.k)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "Gflop/s")
			})
		}
	}
}

// TestNoThreadsOfTheLibrary: OpenBLAS starts none of its own, which would map a buffer of 128 MiB each: loaded, it takes
// less than one.
func TestNoThreadsOfTheLibrary(t *testing.T) {
	const variable = "STEEPEST_TEST_THREADS"
	if os.Getenv(variable) == "" {
		c := exec.Command(os.Args[0], "-test.run", "^TestNoThreadsOfTheLibrary$", "-test.v")
		c.Env = append(os.Environ(), variable+"=1", "OPENBLAS_NUM_THREADS=4", "MALLOC_ARENA_MAX=1")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	mapped := func() (pages int) {
		b, err := os.ReadFile("/proc/self/statm")
		if err != nil {
			t.Skip(err)
		}
		if _, err := fmt.Sscan(string(b), &pages); err != nil {
			t.Fatal(err)
		}
		return pages
	}
	before := mapped()
	if err := Use("openblas"); err != nil {
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	if more := (mapped() - before) * os.Getpagesize() >> 20; more > 120 {
		t.Errorf("%d MiB more were mapped", more)
	}
	if got := os.Getenv("OPENBLAS_NUM_THREADS"); got != "4" {
		t.Errorf("the user's OPENBLAS_NUM_THREADS is %q afterwards", got)
	}
}

// TestMet: the arithmetic has a name and a fingerprint that do not change, and that tell implementations apart.
func TestMet(t *testing.T) {
	seen := map[string]string{}
	each(t, func(t *testing.T) {
		defer SetThreads(1)
		one := NumericsMet()
		SetThreads(3)
		if three := NumericsMet(); three != one {
			t.Errorf("%v, with three threads %v", one, three)
		}
		if one.BLAS != Name() || one.Arch != runtime.GOARCH || len(one.Fingerprint) != 12 {
			t.Errorf("%+v", one)
		}
		if other, ok := seen[one.Fingerprint]; ok {
			t.Errorf("%s has the fingerprint of %s", one.BLAS, other)
		}
		seen[one.Fingerprint] = one.BLAS
	})
}

// TestMetElsewhere: other kernels and a processor without fused multiply-add are seen. The program runs itself.
func TestMetElsewhere(t *testing.T) {
	const variable = "STEEPEST_TEST_MET"
	if choice := os.Getenv(variable); choice != "" {
		if err := Use(choice); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("met: %v\n", NumericsMet())
		return
	}
	met := func(choice string, environment ...string) string {
		c := exec.Command(os.Args[0], "-test.run", "^TestMetElsewhere$")
		c.Env = append(append(os.Environ(), variable+"="+choice), environment...)
		out, err := c.CombinedOutput()
		_, after, found := strings.Cut(string(out), "met: ")
		if err != nil || !found {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.Split(after, "\n")[0]
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("the switches are those of amd64")
	}
	if got := met("gonum"); got != met("gonum", "GOMAXPROCS=1") {
		t.Errorf("%s: another with one processor", got)
	}
	if with, without := met("gonum", "GODEBUG="), met("gonum", "GODEBUG=cpu.fma=off"); strings.Contains(with, " with fused") &&
		(with == without || !strings.Contains(without, "no fused multiply-add")) {
		t.Errorf("with fused multiply-add %s, without %s", with, without)
	}
	if Use("openblas") != nil {
		return
	}
	defer func() { _ = Use("gonum") }()
	nehalem, prescott := met("openblas", "OPENBLAS_CORETYPE=Nehalem"), met("openblas", "OPENBLAS_CORETYPE=Prescott")
	if !strings.Contains(nehalem, "Nehalem") || !strings.Contains(prescott, "Prescott") {
		t.Skipf("this OpenBLAS has one kernel: %s, %s", nehalem, prescott)
	}
	if haswell := met("openblas", "OPENBLAS_CORETYPE=Haswell"); strings.Contains(haswell, "Haswell") &&
		haswell[strings.Index(haswell, "fingerprint"):] == nehalem[strings.Index(nehalem, "fingerprint"):] {
		t.Errorf("the kernels of %s and %s have one fingerprint", haswell, nehalem)
	}
}

package blas

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// TestThreadsChangeNoBit: a product of any form, cut into 1 to 16 parts along either side or both, has the same bits on any
// number of threads.
func TestThreadsChangeNoBit(t *testing.T) {
	each(t, func(t *testing.T) {
		seen := map[int]bool{}
		for _, s := range []struct{ m, n, k int }{{31, 33, 5}, {130, 70, 130}, {61, 997, 301}, {1003, 59, 310}, {509, 503, 257}, {7, 1601, 1700}} {
			rows, columns := chosen.cutting().grid(s.m, s.n, s.k)
			seen[rows*columns] = true
			for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans} {
				for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
					lda, ldb := s.k, s.n
					if tA != blas.NoTrans {
						lda = s.m
					}
					if tB != blas.NoTrans {
						ldb = s.k
					}
					r := rand.New(rand.NewPCG(1, 2))
					a, b, c := random(r, s.m*s.k), random(r, s.k*s.n), random(r, s.m*s.n)
					var want []float64
					for _, count := range []int{1, 2, 3, 5, 16} {
						SetThreads(count)
						got := slices.Clone(c)
						blas64.Implementation().Dgemm(tA, tB, s.m, s.n, s.k, 1.5, a, lda, b, ldb, 0.5, got, s.n)
						if want == nil {
							want = got
						}
						if !slices.Equal(got, want) {
							t.Errorf("%+v %c%c in %d x %d parts: other bits on %d threads", s, tA, tB, rows, columns, count)
						}
					}
				}
			}
		}
		if !seen[1] || len(seen) < 3 {
			t.Errorf("only %v parts were tried", seen)
		}
	})
}

// TestCuts: results depend on where things are cut, so that a change of these numbers changes the bits of every result.
func TestCuts(t *testing.T) {
	for work, want := range map[int]int{0: 1, 1: 1, 199: 1, 200: 2, 399: 2, 400: 4, 799: 4, 800: 8, 1600: 16, 1 << 40: 16} {
		if got := Cut(work, 100); got != want {
			t.Errorf("work %d of grain 100: %d parts, want %d", work, got, want)
		}
	}
	for _, c := range []struct {
		kernel        kernel
		m, n, k       int
		rows, columns int
	}{
		{goKernel{}, 32, 16, 30, 1, 1}, {goKernel{}, 64, 128, 784, 4, 1}, {goKernel{}, 128, 1000, 784, 8, 2}, {goKernel{}, 1000, 784, 128, 16, 1},
		{goKernel{}, 10, 1600, 60_000, 1, 4},
	} {
		if rows, columns := c.kernel.cutting().grid(c.m, c.n, c.k); rows != c.rows || columns != c.columns {
			t.Errorf("%T %d x %d x %d: %d x %d parts, want %d x %d", c.kernel, c.m, c.n, c.k, rows, columns, c.rows, c.columns)
		}
	}
	for _, side := range []int{32, 33, 100, 1000, 1013} {
		for parts := 1; parts <= 16; parts *= 2 {
			from := 0
			for i := range parts {
				lo, hi := cut(side, i, parts), cut(side, i+1, parts)
				if lo != from || hi < lo || lo%16 != 0 && lo != side {
					t.Errorf("part %d of %d of %d is %d to %d", i, parts, side, lo, hi)
				}
				from = hi
			}
			if from != side {
				t.Errorf("%d parts of %d end at %d", parts, side, from)
			}
		}
	}
}

// TestTeam: every part is done once, by a member that does no other at the same time, whatever the number of threads, which
// may change at any time.
func TestTeam(t *testing.T) {
	defer SetThreads(1)
	var mu sync.Mutex
	var done []int
	busy, members := map[int]bool{}, map[int]bool{}
	team := NewTeam(func(part, member int) {
		mu.Lock()
		if busy[member] {
			t.Errorf("member %d does two parts at once", member)
		}
		busy[member], members[member] = true, true
		mu.Unlock()
		SetThreads(part%7 + 1)
		mu.Lock()
		defer mu.Unlock()
		busy[member] = false
		done = append(done, part)
	})
	for _, threads := range []int{1, 2, 3, 5, 100} {
		for _, parts := range []int{0, 1, 2, 16, 100} {
			SetThreads(threads)
			done = nil
			team.Do(parts)
			slices.Sort(done)
			want := make([]int, parts)
			for i := range want {
				want[i] = i
			}
			if !slices.Equal(done, want) {
				t.Errorf("%d threads: parts %v, want %d", threads, done, parts)
			}
		}
	}
	for member := range members {
		if member < 0 || member >= MaxThreads {
			t.Error(fmt.Sprint("member ", member))
		}
	}
}

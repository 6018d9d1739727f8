package blas

import (
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// gemm is C = alpha op(A) op(B) + beta C with op(A) of m x k, op(B) of k x n, row-major.
type gemm struct {
	tA, tB  blas.Transpose
	m, n, k int
	alpha   float64
	a       []float64
	lda     int
	b       []float64
	ldb     int
	beta    float64
	c       []float64
	ldc     int
}

// rows is the part of the product that makes rows lo to hi of C.
func (g gemm) rows(lo, hi int) gemm {
	if g.tA == blas.NoTrans {
		g.a = g.a[lo*g.lda:]
	} else {
		g.a = g.a[lo:]
	}
	g.c, g.m = g.c[lo*g.ldc:], hi-lo
	return g
}

// columns is the part of the product that makes columns lo to hi of C.
func (g gemm) columns(lo, hi int) gemm {
	if g.tB == blas.NoTrans {
		g.b = g.b[lo:]
	} else {
		g.b = g.b[lo*g.ldb:]
	}
	g.c, g.n = g.c[lo:], hi-lo
	return g
}

// inner is the part of the product that sums over lo to hi of the inner dimension; only the first scales C by beta.
func (g gemm) inner(lo, hi int) gemm {
	if g.tA == blas.NoTrans {
		g.a = g.a[lo:]
	} else {
		g.a = g.a[lo*g.lda:]
	}
	if g.tB == blas.NoTrans {
		g.b = g.b[lo*g.ldb:]
	} else {
		g.b = g.b[lo:]
	}
	if lo > 0 {
		g.beta = 1
	}
	g.k = hi - lo
	return g
}

// Serial computes C = alpha op(A) op(B) + beta C on the calling thread, for callers that are parallel themselves.
func Serial(tA, tB blas.Transpose, alpha float64, a, b blas64.General, beta float64, c blas64.General) {
	k := a.Cols
	if tA != blas.NoTrans {
		k = a.Rows
	}
	p := takeProduct()
	p.parts[0] = gemm{tA, tB, c.Rows, c.Cols, k, alpha, a.Data, a.Stride, b.Data, b.Stride, beta, c.Data, c.Stride}
	chosen.gemm(&p.parts[0])
	p.parts[0] = gemm{}
	p.giveBack()
}

// maxThreads bounds how many parts a product is cut into.
const maxThreads = 64

// product is a product in flight, in parts. Its tasks are made once, so that starting them allocates nothing.
type product struct {
	parts [maxThreads]gemm
	tasks [maxThreads]func()
	group sync.WaitGroup
}

// products are those not in flight. Unlike a sync.Pool this is never emptied, so that steps allocate nothing.
var products = make(chan *product, maxThreads)

func takeProduct() *product {
	select {
	case p := <-products:
		return p
	default:
	}
	p := &product{}
	for i := range p.tasks {
		p.tasks[i] = func() {
			defer p.group.Done()
			chosen.gemm(&p.parts[i])
		}
	}
	return p
}

func (p *product) giveBack() {
	select {
	case products <- p:
	default:
	}
}

// multiply cuts the longer side of C into one part for each thread, in multiples of 8, and makes all of them at once.
func multiply(g gemm) {
	if g.m <= 0 || g.n <= 0 {
		return
	}
	p := takeProduct()
	count := min(Threads(), maxThreads)
	if g.m*g.n*g.k < chosen.worthCutting() {
		count = 1
	}
	side := max(g.m, g.n)
	cut := func(i int) int { return min((side*i/count+7)/8*8, side) }
	for i := range count {
		lo, hi := cut(i), cut(i+1)
		if i == 0 {
			lo = 0
		}
		if g.m >= g.n {
			p.parts[i] = g.rows(lo, hi)
		} else {
			p.parts[i] = g.columns(lo, hi)
		}
	}
	p.group.Add(count - 1)
	for i := 1; i < count; i++ {
		go p.tasks[i]()
	}
	chosen.gemm(&p.parts[0])
	p.group.Wait()
	clear(p.parts[:count])
	p.giveBack()
}

// goKernel computes with gonum in tiles: small enough for gonum not to start goroutines of its own, which allocate and
// which several runs at once would fight over, and for its operands to stay in the second-level cache.
type goKernel struct{}

// Tile sizes: gonum goes parallel at four blocks of 64 x 64.
const tileRows, tileColumns, tileInner = 64, 192, 256

func (goKernel) worthCutting() int { return 1 << 20 }

func (goKernel) gemm(g *gemm) {
	for i := 0; i < g.m; i += tileRows {
		rows := g.rows(i, min(i+tileRows, g.m))
		for j := 0; j < g.n; j += tileColumns {
			block := rows.columns(j, min(j+tileColumns, g.n))
			for l := 0; l < max(g.k, 1); l += tileInner {
				t := block.inner(l, min(l+tileInner, g.k))
				gonum.Implementation{}.Dgemm(t.tA, t.tB, t.m, t.n, t.k, t.alpha, t.a, t.lda, t.b, t.ldb, t.beta, t.c, t.ldc)
			}
		}
	}
}

package blas

import (
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

// product is a product in flight, in parts.
type product struct {
	parts [maxParts]gemm
	team  *Team
}

// products are those not in flight. Unlike a sync.Pool this is never emptied, so that steps allocate nothing.
var products = make(chan *product, MaxThreads)

func takeProduct() *product {
	select {
	case p := <-products:
		return p
	default:
	}
	p := &product{}
	p.team = NewTeam(func(part, _ int) { chosen.gemm(&p.parts[part]) })
	return p
}

func (p *product) giveBack() {
	select {
	case products <- p:
	default:
	}
}

// multiply cuts C into a grid of parts. Where the cuts are follows from the shape alone: an element at the edge of a part
// may be computed by other instructions than one in the middle.
func multiply(g gemm) {
	if g.m <= 0 || g.n <= 0 {
		return
	}
	p := takeProduct()
	rows, columns := chosen.cutting().grid(g.m, g.n, g.k)
	for i := range rows {
		band := g.rows(cut(g.m, i, rows), cut(g.m, i+1, rows))
		for j := range columns {
			p.parts[i*columns+j] = band.columns(cut(g.n, j, columns), cut(g.n, j+1, columns))
		}
	}
	p.team.Do(rows * columns)
	clear(p.parts[:rows*columns])
	p.giveBack()
}

// cutting says how products are cut. Results depend on it to the last bit.
type cutting struct {
	// worth is from how many multiplications on a product is cut in two: waking a thread, and fetching from the other core
	// what it wrote, costs from 50 to 100 us.
	worth         int
	rows, columns int  // of C that a part has at least
	rowsFirst     bool // rather than the longer side
}

// grid is how many parts a product has along each side of C. Their number doubles whenever the work is fourfold: each part
// prepares its operands anew, which on one thread costs OpenBLAS 1 to 3 % for each.
func (c cutting) grid(m, n, k int) (rows, columns int) {
	rows, columns = 1, 1
	for parts := 1; parts < maxParts && m*n*k >= c.worth*parts*parts; parts *= 2 {
		high, wide := m >= 2*rows*c.rows, n >= 2*columns*c.columns
		switch {
		case high && (c.rowsFirst || m >= n || !wide):
			rows *= 2
		case wide:
			columns *= 2
		default:
			return rows, columns
		}
	}
	return rows, columns
}

// cut is where part i of a side begins: at a multiple of 16, which the kernels like.
func cut(side, i, parts int) int {
	if i == 0 {
		return 0
	}
	return min((side*i/parts+15)/16*16, side)
}

// goKernel computes with gonum in tiles: small enough for gonum not to start goroutines of its own, which allocate and
// which several runs at once would fight over, and for its operands to stay in the second-level cache.
type goKernel struct{}

// Tile sizes: gonum goes parallel at four blocks of 64 x 64.
const tileRows, tileColumns, tileInner = 64, 192, 256

// cutting is along rows if possible: gonum returns to a row of C for every row of B, and where two threads share its cache
// lines they wait for each other.
func (goKernel) cutting() cutting {
	return cutting{worth: 1_000_000, rows: 16, columns: 2 * tileColumns, rowsFirst: true}
}

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

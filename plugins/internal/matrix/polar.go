package matrix

import "gonum.org/v1/gonum/blas/blas64"

// Quintic are the coefficients a, b and c of a polynomial a X + b X Xᵀ X + c (X Xᵀ)² X for each iteration. Where there are more
// iterations, the last goes on.
type Quintic [][3]float64

// Coefficients are published ones, by name: "jordan" of Keller Jordan's Muon (2024), whose one polynomial is steep at 0 and leaves
// singular values between 0.7 and 1.2; "quintic" of modded-nanogpt, another polynomial for each iteration; and "polar-express" of
// Amsel et al. 2025 (arXiv:2505.16932), the best for each of singular values above 1e-3, with the authors' margin of 1.01.
var Coefficients = map[string]Quintic{
	"jordan": {{3.4445, -4.7750, 2.0315}},
	"quintic": {
		{4.0848, -6.8946, 2.9270}, {3.9505, -6.3029, 2.6377}, {3.7418, -5.5913, 2.3037}, {2.8769, -3.1427, 1.2046}, {2.8366, -3.0525, 1.2012},
	},
	"polar-express": {
		{8.237312490495555, -23.157747414558198, 16.680568411445915},
		{4.082441999064835, -2.893047735332586, 0.5252849256975648},
		{3.9263479922546582, -2.8547468034765298, 0.5318022422894988},
		{3.2982187133085143, -2.424541981026706, 0.48632008358844075},
		{2.2970369434552573, -1.63662558125903, 0.4002628455953627},
		{1.8763805351440397, -1.2347896577722228, 0.35891887501668385},
		{1.8564423485617974, -1.2132449880935525, 0.3568003487825883},
		{1.8749994008682747, -1.2499988017229169, 0.3749994008546422},
	},
}

// Polar makes the matrix a approach the orthogonal factor U Vᵀ of its singular value decomposition U Σ Vᵀ by Newton-Schulz
// iterations, from a / max(‖a‖, eps).
func Polar(a []float64, rows, columns int, of Quintic, iterations int, eps float64) {
	if len(a) == 0 {
		return
	}
	n, m := min(rows, columns), max(rows, columns)
	scratch, done := Scratch(2*n*m + 2*n*n)
	defer done()
	x, next, squares := Of(n, m, scratch), Of(n, m, scratch[n*m:]), scratch[2*n*m:]
	if rows > columns { // the smaller product
		Transpose(a, rows, columns, x.Data)
	} else {
		copy(x.Data, a)
	}
	for i, norm := 0, max(Norm(a), eps); i < len(a); i++ {
		x.Data[i] /= norm
	}
	for i := range iterations {
		c := of[min(i, len(of)-1)]
		polynomial(x, c, squares)
		Multiply(false, Of(n, n, squares[n*n:]), false, x, next)
		for i, o := range x.Data {
			next.Data[i] += c[0] * o
		}
		x, next = next, x
	}
	if rows > columns {
		Transpose(x.Data, n, m, a)
	} else {
		copy(a, x.Data)
	}
}

// polynomial makes the second half of squares b X Xᵀ + c (X Xᵀ)².
func polynomial(x blas64.General, of [3]float64, squares []float64) {
	n := x.Rows
	gram, sum := squares[:n*n], squares[n*n:2*n*n]
	Average(gram, n, 0, false, x, 1)
	Average(sum, n, 0, false, Of(n, n, gram), of[2])
	for i, g := range gram {
		sum[i] += of[1] * g
	}
}

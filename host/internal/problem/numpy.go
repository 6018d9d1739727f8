package problem

import (
	"math"

	"gonum.org/v1/gonum/mathext/prng"
)

// randomState draws what NumPy's legacy generator numpy.random.RandomState(seed) draws: MT19937 (Matsumoto, Nishimura,
// ACM TOMACS 8, 1998) seeded by init_genrand, 53-bit uniforms, and normals by the polar method.
type randomState struct {
	source prng.MT19937
	kept   float64 // the second normal of a pair
	has    bool
}

func newRandomState(seed uint32) *randomState {
	r := &randomState{}
	r.source.Seed(uint64(seed))
	return r
}

// uniform is uniform in [0, 1): (a 2²⁶ + b) / 2⁵³ from the upper 27 and 26 bits of two draws.
func (r *randomState) uniform() float64 {
	a, b := r.source.Uint32()>>5, r.source.Uint32()>>6
	return (float64(a)*(1<<26) + float64(b)) / (1 << 53)
}

// normal is standard normal: of a point (x₁, x₂) uniform in the unit disc, at squared distance s, come two normals,
// x₂ √(−2 ln s / s) and x₁ √(−2 ln s / s). NumPy's legacy_gauss returns them in this order.
func (r *randomState) normal() float64 {
	if r.has {
		r.has = false
		return r.kept
	}
	for {
		x1, x2 := 2*r.uniform()-1, 2*r.uniform()-1
		s := float64(x1*x1) + float64(x2*x2) // the conversions forbid a fused multiply-add
		if s >= 1 || s == 0 {
			continue
		}
		f := math.Sqrt(-2 * accurateLog(s) / s)
		r.kept, r.has = f*x1, true
		return f * x2
	}
}

// accurateLog is ln s rounded to the nearest float64, as C libraries have it; [math.Log] may be off by the last bit.
//
//	ln s = e ln 2 + ln m,   ln m = 2 (z + z³/3 + z⁵/5 + ...),   z = (m − 1) / (m + 1)
//
// with s = m 2ᵉ and √½ <= m < √2, in arithmetic of twice the precision.
func accurateLog(s float64) float64 {
	m, e := math.Frexp(s)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	z := double{high: m - 1}.over(double{high: m}.plus(double{high: 1}))
	square := z.times(z)
	var series double
	for k := 29; k >= 1; k -= 2 {
		series = series.times(square).plus(double{high: 1}.over(double{high: float64(k)}))
	}
	const ln2High, ln2Low = 0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56
	result := double{ln2High, ln2Low}.times(double{high: float64(e)}).plus(double{high: 2}.times(z).times(series))
	return result.high
}

// double is the unevaluated sum of two numbers, of which low is below half a unit in the last place of high. (Dekker: A
// floating-point technique for extending the available precision, Numerische Mathematik 18, 1971.)
type double struct{ high, low float64 }

func (a double) plus(b double) double {
	s := a.high + b.high
	t := s - a.high
	return normalized(s, (a.high-(s-t))+(b.high-t)+(a.low+b.low))
}

func (a double) times(b double) double {
	p := a.high * b.high
	return normalized(p, math.FMA(a.high, b.high, -p)+(float64(a.high*b.low)+float64(a.low*b.high)))
}

func (a double) over(b double) double {
	q := a.high / b.high
	return normalized(q, (math.FMA(-q, b.high, a.high)+a.low-float64(q*b.low))/b.high)
}

func normalized(high, low float64) double {
	s := high + low
	return double{s, low - (s - high)}
}

package model

import "math"

// expBits is the binary logarithm of the number of steps in which an octave of the exponential function is tabulated.
const expBits = 6

const (
	expSteps     = (1 << expBits) / math.Ln2
	expShift     = 3 << 51                                     // rounds to an integer, in the last bits
	expBias      = 1023                                        // of the exponent
	ln2hi, ln2lo = 0x1.62e42fef00000p-7, 0x1.473de6af278edp-40 // ln2/64; k ln2hi is exact
	signBit      = 1 << 63
)

// expTable has 2^(j/64) as a sum of two numbers, the second what the first lacks.
var expTable = func() (table [1 << expBits][2]float64) {
	const high, low = 0x1.02c9a3e778061p+0, -0x1.19083535b085dp-56 // 2^(1/64); its powers in double-double arithmetic
	h, l := 1.0, 0.0
	for j := range table {
		table[j] = [2]float64{h, l}
		p := h * high
		e := math.FMA(h, high, -p) + (h*low + l*high)
		h = p + e
		l = e - (h - p)
	}
	return table
}()

// expm1 is exp(x) - 1 for 0 <= x <= 700, to about one unit in the last place and without branches:
//
//	x = k ln2/64 + r,  exp(x) = 2^(k/64) exp(r),  exp(r) - 1 = r + r²/2! + ... + r⁶/6!
//
// Not a number remains so. It takes a third of the standard library's time.
func expm1(x float64) float64 {
	rounded := x*expSteps + expShift
	k := int32(math.Float64bits(rounded))
	n := rounded - expShift
	r := x - n*ln2hi - n*ln2lo
	p := r + r*r*(1.0/2+r*(1.0/6+r*(1.0/24+r*(1.0/120+r*(1.0/720)))))
	t := &expTable[k&(1<<expBits-1)]
	scale := math.Float64frombits(uint64(k>>expBits+expBias) << 52)
	return (scale*t[0] - 1) + scale*(t[1]+t[0]*p)
}

// logistic is 1 / (1 + exp(-x)), without overflow.
func logistic(x float64) float64 {
	e := expm1(min(math.Abs(x), 700))
	if x < 0 {
		return 1 / (2 + e)
	}
	return (1 + e) / (2 + e)
}

// tanh overwrites each element with (exp(2x) - 1) / (exp(2x) + 1). The body of expm1 stands here once more, as a call would
// cost half as much again.
func tanh(x []float64) {
	for i, v := range x {
		bits := math.Float64bits(v)
		a := 2 * math.Float64frombits(bits&^signBit)
		if a > 44 {
			a = 44 // beyond, it is ±1
		}
		rounded := a*expSteps + expShift
		k := int32(math.Float64bits(rounded))
		n := rounded - expShift
		r := a - n*ln2hi - n*ln2lo
		p := r + r*r*(1.0/2+r*(1.0/6+r*(1.0/24+r*(1.0/120+r*(1.0/720)))))
		t := &expTable[k&(1<<expBits-1)]
		scale := math.Float64frombits(uint64(k>>expBits+expBias) << 52)
		e := (scale*t[0] - 1) + scale*(t[1]+t[0]*p)
		x[i] = math.Float64frombits(math.Float64bits(e/(e+2))&^signBit | bits&signBit)
	}
}

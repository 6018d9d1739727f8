package figure

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// tick is a place of an axis with its number; a minor tick has none.
type tick struct {
	value       float64
	text, power string
}

// linearTicks are multiples of 1, 2 or 5 times a power of ten within the range, at most so many, but no fewer than two. All
// numbers are to be multiplied by ten to the power of the exponent, which belongs to the axis's label.
func linearTicks(low, high float64, most int) (ticks []tick, exponent int) {
	if !(high > low) || math.IsInf(high-low, 0) {
		return nil, 0
	}
	step := niceStep((high - low) / float64(max(most-1, 1)))
	count := func(step float64) int { return int(math.Floor(high/step+1e-9)-math.Ceil(low/step-1e-9)) + 1 }
	for range 8 {
		if count(step) <= most {
			break
		}
		step = niceStep(step * 1.1)
	}
	for range 4 {
		if count(step) < 2 {
			step = niceStep(step / 2.6)
		}
	}
	first, last := math.Ceil(low/step-1e-9), math.Floor(high/step+1e-9)
	largest := max(math.Abs(first), math.Abs(last)) * step
	digits := int(math.Floor(math.Log10(step) + 1e-9))
	switch {
	case largest >= 1e6 || largest < 1e-2 && largest > 0:
		exponent = int(math.Floor(math.Log10(largest) + 1e-9))
	case largest >= 1e4 && digits >= 3:
		exponent = 3 // written as k
	}
	decimals := max(0, exponent-digits)
	for i := first; i <= last; i++ {
		t := tick{value: i * step, text: signed(strconv.FormatFloat(i*step/math.Pow10(exponent), 'f', decimals, 64))}
		if i == 0 {
			t = tick{value: 0, text: "0"}
		} else if exponent == 3 && largest < 1e6 {
			t.text += "k"
		}
		ticks = append(ticks, t)
	}
	if exponent == 3 && largest < 1e6 {
		exponent = 0
	}
	return ticks, exponent
}

// niceStep is the next 1, 2 or 5 times a power of ten that is not smaller.
func niceStep(step float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(step)+1e-9))
	for _, digit := range []float64{1, 2, 5} {
		if digit*power >= step*(1-1e-9) {
			return digit * power
		}
	}
	return 10 * power
}

// logTicks are numbered powers of ten within the range, at most so many, and unnumbered ones between them; over less than
// two powers of ten also 2 and 5 times these. All numbers of an axis are written alike: plainly where none is below 0.001 or
// above 10,000, else as powers. A range within which there are not two such numbers has the ticks of a linear axis.
func logTicks(low, high float64, most int) []tick {
	if !(high > low) || !(low > 0) || math.IsInf(high, 0) {
		return nil
	}
	first, last := int(math.Ceil(math.Log10(low)-1e-9)), int(math.Floor(math.Log10(high)+1e-9))
	decades := math.Log10(high) - math.Log10(low)
	digits := []int{1}
	if decades < 2.2 {
		digits = []int{1, 2, 5}
		if within := countDigits(low, high, digits); within < 2 {
			ticks, exponent := linearTicks(low, high, most)
			return rescaled(ticks, exponent)
		} else if within > most {
			digits = []int{1}
		}
	}
	stride := 1
	for (last-first)/stride+1 > most {
		if stride++; stride > 10 {
			stride = int(niceStep(float64(stride)))
		}
	}
	numbered := func(power, digit int) bool {
		return power%stride == 0 && digit == 1 || len(digits) > 1 && slices.Contains(digits, digit)
	}
	var ticks []tick
	plainly := true
	for power := first - 1; power <= last; power++ {
		for digit := 1; digit < 10; digit++ {
			value, minor := float64(digit)*math.Pow10(power), !numbered(power, digit)
			if value < low*(1-1e-9) || value > high*(1+1e-9) || minor && (stride > 1 && digit != 1 || decades > 8) {
				continue
			}
			t := tick{value: value}
			if !minor {
				plainly = plainly && power >= -3 && value <= 1e4
				t.text, t.power = strings.TrimPrefix(strconv.Itoa(digit)+"×10", "1×"), signed(strconv.Itoa(power))
			}
			ticks = append(ticks, t)
		}
	}
	for i, t := range ticks {
		if plainly && t.text != "" {
			decimals := max(0, -int(math.Floor(math.Log10(t.value)+1e-9)))
			ticks[i].text, ticks[i].power = strconv.FormatFloat(t.value, 'f', decimals, 64), ""
		}
	}
	return ticks
}

func countDigits(low, high float64, digits []int) (count int) {
	for power := math.Floor(math.Log10(low)); power <= math.Log10(high); power++ {
		for _, digit := range digits {
			if v := float64(digit) * math.Pow(10, power); v >= low*(1-1e-9) && v <= high*(1+1e-9) {
				count++
			}
		}
	}
	return count
}

// rescaled are ticks with the power of ten in each number instead of the axis's label.
func rescaled(ticks []tick, exponent int) []tick {
	for i := range ticks {
		if exponent != 0 {
			ticks[i].text, ticks[i].power = ticks[i].text+"×10", signed(strconv.Itoa(exponent))
		}
	}
	return ticks
}

// signed has the true minus sign.
func signed(s string) string { return strings.Replace(s, "-", "−", 1) }

// brief is a number of three digits for a note.
func brief(v float64) string {
	s := strconv.FormatFloat(v, 'g', 3, 64)
	if mantissa, exponent, is := strings.Cut(s, "e"); is {
		sign := strings.HasPrefix(exponent, "-")
		exponent = strings.TrimLeft(exponent, "+-0")
		if sign {
			exponent = "−" + exponent
		}
		return signed(mantissa) + "e" + exponent
	}
	return signed(s)
}

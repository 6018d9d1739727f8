package linesearch

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
)

// functions are those of testdata/reference.py, with their derivatives: Moré and Thuente 1994, equations 5.1 to 5.4.
var functions = map[string]func(t float64) (loss, slope float64){
	"rational": func(t float64) (float64, float64) { d := t*t + 2; return -t / d, (t*t - 2) / (d * d) },
	"quintic": func(t float64) (float64, float64) {
		s := t + 0.004
		return math.Pow(s, 5) - 2*math.Pow(s, 4), 5*math.Pow(s, 4) - 8*math.Pow(s, 3)
	},
	"wavy":   wavy,
	"yanai1": yanai(1e-3, 1e-3), "yanai2": yanai(1e-2, 1e-3), "yanai3": yanai(1e-3, 1e-2),
}

func wavy(t float64) (loss, slope float64) {
	const b, l = 0.01, 39
	switch {
	case t <= 1-b:
		loss, slope = 1-t, -1
	case t >= 1+b:
		loss, slope = t-1, 1
	default:
		loss, slope = ((t-1)*(t-1)/b+b)/2, (t-1)/b
	}
	return loss + 2*(1-b)/(l*math.Pi)*math.Sin(l*math.Pi/2*t), slope + (1-b)*math.Cos(l*math.Pi/2*t)
}

func yanai(b1, b2 float64) func(float64) (float64, float64) {
	g1, g2 := math.Sqrt(1+b1*b1)-b1, math.Sqrt(1+b2*b2)-b2
	return func(t float64) (float64, float64) {
		r1, r2 := math.Hypot(1-t, b2), math.Hypot(t, b1)
		return g1*r1 + g2*r2, g1*(t-1)/r1 + g2*t/r2
	}
}

// TestTorch: trial by trial the search is torch's, on all functions, from near and far, and where it may not go on.
func TestTorch(t *testing.T) {
	f, err := os.Open("testdata/torch.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comment, r.FieldsPerRecord = '#', -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 8*len(functions) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows {
		v := make([]float64, len(row))
		for i := 1; i < len(row); i++ {
			if v[i], err = strconv.ParseFloat(row[i], 64); err != nil {
				t.Fatal(err)
			}
		}
		var trials []float64
		at := func(step float64) Point {
			loss, slope := functions[row[0]](step)
			trials = append(trials, step)
			return Point{Loss: loss, Slope: slope}
		}
		start := at(0)
		trials = nil
		found := Wolfe{C1: v[1], C2: v[2], Most: int(v[4])}.Find(at, start, v[3])
		trials = append([]float64{found.Step}, trials...)
		if len(trials) != len(v)-5 {
			t.Errorf("%v: %d trials, torch made %d: %v", row[:5], len(trials)-1, len(v)-6, trials)
			continue
		}
		for i, got := range trials {
			// A minimum is where differences of losses cancel: its place has half the digits.
			if want := v[5+i]; math.Abs(got-want) > 1e-8*math.Abs(want) {
				t.Errorf("%v: trial %d is at %.17g, torch's at %.17g", row[:5], i, got, want)
			}
		}
	}
}

// TestBroken: where a loss or slope is not finite the search turns back, and ends at a point that holds.
func TestBroken(t *testing.T) {
	for name, wall := range map[string]Point{
		"infinite loss": {Loss: math.Inf(1), Slope: 1}, "no loss": {Loss: math.NaN(), Slope: -1}, "no slope": {Loss: -5, Slope: math.NaN()},
		"bottomless": {Loss: math.Inf(-1), Slope: -1},
	} {
		at := func(step float64) Point {
			if step > 0.7 {
				return wall
			}
			return Point{Loss: (step - 0.5) * (step - 0.5), Slope: 2*step - 1}
		}
		p := Wolfe{C1: 1e-4, C2: 0.1, Most: 25}.Find(at, at(0), 100)
		if math.Abs(p.Step-0.5) > 0.05 || p.Loss != at(p.Step).Loss {
			t.Errorf("%s: ended at %+v", name, p)
		}
	}
	// Nothing but the start is finite.
	p := Wolfe{C1: 1e-4, C2: 0.9, Most: 25}.Find(func(float64) Point { return Point{Loss: math.NaN()} }, Point{Loss: 1, Slope: -1}, 1)
	if p.Step != 0 || p.Loss != 1 {
		t.Errorf("ended at %+v", p)
	}
}

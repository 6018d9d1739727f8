package figure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/plot/vg"
)

// TestSpread: labels keep their order, lie within the bounds, overlap nowhere, and stay where nothing is in the way.
func TestSpread(t *testing.T) {
	if got, _ := spread([]float64{50, 10, 50, 53}, 10, 0, 100); !slices.Equal(got, []float64{41, 10, 51, 61}) {
		t.Errorf("placed at %v", got)
	}
	if got, fits := spread([]float64{1, 2, 3}, 10, 0, 29); fits {
		t.Errorf("three labels of 10 fit into 29: %v", got)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 1 + random.IntN(9)
		at := make([]float64, n)
		for i := range at {
			at[i] = math.Round(random.Float64()*120 - 10)
		}
		placed, fits := spread(at, 11, 0, 100)
		if !fits {
			t.Fatalf("%d labels of 11 do not fit into 100", n)
		}
		for i := range at {
			if placed[i] < 5.5-1e-9 || placed[i] > 94.5+1e-9 {
				t.Errorf("%v: label %d lies at %v", at, i, placed[i])
			}
			for j := range i {
				if math.Abs(placed[i]-placed[j]) < 11-1e-9 || (at[i]-at[j])*(placed[i]-placed[j]) < 0 {
					t.Errorf("%v: labels %d and %d lie at %v and %v", at, i, j, placed[i], placed[j])
				}
			}
		}
	}
}

// TestThinned: no column's first, last, lowest or highest point is lost, and none has more than four.
func TestThinned(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var line []vg.Point
	for i := range 100_000 {
		line = append(line, point(float64(i)/250, random.NormFloat64()))
	}
	line[50_001].Y, line[77_777].Y = 1e6, -1e6
	kept := thinned(line, 1)
	if len(kept) > 4*401 {
		t.Errorf("%d points are left of %d in 400 columns", len(kept), len(line))
	}
	for _, p := range []vg.Point{line[0], line[50_001], line[77_777], line[len(line)-1]} {
		if !slices.Contains(kept, p) {
			t.Errorf("%v is lost", p)
		}
	}
	if !slices.IsSortedFunc(kept, func(a, b vg.Point) int { return int(math.Copysign(1, float64(a.X-b.X))) }) {
		t.Error("the points are out of order")
	}
	if calm, restless := calmed(line, 5); !restless || len(calm) > 85 {
		t.Errorf("calmed: %d points, %v", len(calm), restless)
	}
	few := line[:0:0] // nine points in a column, some of which turn seldom by chance
	for i := range 900 {
		few = append(few, point(float64(i)/9, random.NormFloat64()))
	}
	if calm, restless := calmed(few, 1); !restless || len(calm) > 125 {
		t.Errorf("of few points calmed: %d points, %v", len(calm), restless)
	}
	beyond := []vg.Point{point(0, 1), point(math.NaN(), 2), point(math.Inf(1), 3), point(math.NaN(), 1), point(9, 2)}
	if calm, _ := calmed(beyond, 1); len(calm) != len(beyond) {
		t.Errorf("of points that lie nowhere %d are left of %d", len(calm), len(beyond))
	}
	smooth := line[:0:0]
	for i := range 1000 {
		smooth = append(smooth, point(float64(i)/10, math.Exp(-float64(i)/100)))
	}
	if calm, restless := calmed(smooth, 5); restless || !slices.Equal(calm, smooth) {
		t.Error("a smooth line is changed")
	}
}

// TestSwarm: dots do not overlap while there is room.
func TestSwarm(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	xs := make([]float64, 60)
	for i := range xs {
		xs[i] = 20 * random.Float64()
	}
	slices.Sort(xs)
	ys := swarm(xs, 1, 50)
	for i := range xs {
		for j := range i {
			if d := math.Hypot(xs[i]-xs[j], ys[i]-ys[j]); d < 1-1e-6 {
				t.Errorf("dots %d and %d are %v apart", i, j, d)
			}
		}
	}
	if got := fmt.Sprint(swarm([]float64{1, 1, 1}, 2, 9)); got != "[0 2 -2]" {
		t.Errorf("three dots at one place lie at %s", got)
	}
	for _, y := range swarm(make([]float64, 100), 1, 3) {
		if math.Abs(y) > 3 {
			t.Errorf("a dot lies at %v", y)
		}
	}
}

// TestCliques has Demšar's example: four classifiers over 14 data sets, of which the Nemenyi test finds two groups.
func TestCliques(t *testing.T) {
	ranks := []Rank{{Mean: 1.964}, {Mean: 2.000}, {Mean: 2.893}, {Mean: 3.143}}
	if got := fmt.Sprint(cliques(ranks, 1.25)); got != "[[0 3]]" {
		t.Errorf("at a distance of 1.25 the groups are %s", got)
	}
	if got := fmt.Sprint(cliques(ranks, 1.16)); got != "[[0 2] [1 3]]" {
		t.Errorf("at a distance of 1.16 the groups are %s", got)
	}
	if got := fmt.Sprint(cliques(ranks, 0)); got != "[]" {
		t.Errorf("at no distance the groups are %s", got)
	}
}

// TestIsolines: the lines of a cone are circles, of a saddle four arms, of a wave with a hole in it pieces.
func TestIsolines(t *testing.T) {
	grid := func(f func(x, y float64) float64) [][]float64 {
		values := make([][]float64, 81)
		for j := range values {
			for i := range 81 {
				values[j] = append(values[j], f(float64(i-40)/20, float64(j-40)/20))
			}
		}
		return values
	}
	at := func(column, row float64) vg.Point { return point((column-40)/20, (row-40)/20) }
	circle := isolines(grid(math.Hypot), 1.234, at)
	if len(circle) != 1 || circle[0][0] != circle[0][len(circle[0])-1] {
		t.Fatalf("%d lines, or an open one", len(circle))
	}
	for _, p := range circle[0] {
		if r := math.Hypot(float64(p.X), float64(p.Y)); math.Abs(r-1.234) > 1e-3 {
			t.Errorf("%v lies at a radius of %v", p, r)
		}
	}
	if saddle := isolines(grid(func(x, y float64) float64 { return x*x - y*y }), 0.5, at); len(saddle) != 2 {
		t.Errorf("%d lines of a saddle", len(saddle))
	}
	holed := grid(func(x, y float64) float64 {
		if math.Abs(x) < 0.2 {
			return math.NaN()
		}
		return y
	})
	if lines := isolines(holed, 0.51, at); len(lines) != 2 {
		t.Errorf("%d lines beside a hole", len(lines))
	}
}

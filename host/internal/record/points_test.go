package record

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
)

// TestPoints: the next point is the first that is one of them.
func TestPoints(t *testing.T) {
	for _, p := range []Points{{}, {Every: 1}, {Every: 3}, {Every: 100}, {PerDecade: 1}, {PerDecade: 4}, {PerDecade: 10}, {PerDecade: 50}, {Steps: []int{}}, {Steps: []int{0, 1, 7, 30}}, {Steps: []int{5}}} {
		for step := -1; step < 40; step++ {
			want := math.MaxInt
			for k := 200; k > step; k-- {
				if p.Has(k) || k == 0 {
					want = k
				}
			}
			if got := p.Next(step); got != want {
				t.Errorf("%+v: after %d comes %d, want %d", p, step, got, want)
			}
		}
		for step := range 120 {
			want := -1
			for k := range step {
				if p.Has(k) || k == 0 {
					want = k
				}
			}
			if got := p.Before(step); got != want {
				t.Errorf("%+v: before %d comes %d, want %d", p, step, got, want)
			}
		}
		b, err := json.Marshal(Cadence{Points: p})
		var back Cadence
		if err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(back.Points, p) {
			t.Errorf("%+v: read back from %s as %+v: %v", p, b, back, err)
		}
	}
}

// TestCadence: at the start of each epoch, of every other, or at other points; never where there are no epochs.
func TestCadence(t *testing.T) {
	for _, c := range []struct {
		when Cadence
		want []int // of the first 12 points, in epochs of 3 steps
	}{{Cadence{}, []int{0, 3, 6, 9}}, {Cadence{Epochs: 2}, []int{0, 6}}, {Cadence{Points: Points{Every: 5}}, []int{0, 5, 10}},
		{Cadence{Points: Points{Steps: []int{4}}}, []int{4}}, {Cadence{Points: Points{Steps: []int{}}}, nil}} {
		var got []int
		for k := range 12 {
			if c.when.Has(k, k/3, k%3) {
				got = append(got, k)
			}
			if c.when.Has(k, -1, k) && c.when.All() {
				t.Errorf("%+v: at step %d of a problem without epochs", c.when, k)
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: at %v, want %v", c.when, got, c.want)
		}
	}
}

// TestPerDecade: the points are evenly spaced on a logarithmic axis, and the powers of ten are among them.
func TestPerDecade(t *testing.T) {
	var got []int
	for k := -1; k < 1000; {
		k = Points{PerDecade: 3}.Next(k)
		got = append(got, k)
	}
	if want := []int{0, 1, 2, 5, 10, 22, 46, 100, 215, 464, 1000}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if n := (Points{PerDecade: 10}).Count(1_000_000_000); n > 92 {
		t.Errorf("%d points", n)
	}
	if next := (Points{PerDecade: 10}).Next(math.MaxInt - 1); next != math.MaxInt {
		t.Errorf("after the last comes %d", next)
	}
}

// TestWithin: of all rows, each that comes first at or behind a point of the cadence, and no other.
func TestWithin(t *testing.T) {
	for _, rows := range []Points{{}, {Every: 4}, {PerDecade: 5}, {Steps: []int{0, 7, 8, 30}}} {
		for _, c := range []Cadence{{}, {Epochs: 2}, {Points: Points{Every: 5}}, {Points: Points{PerDecade: 2}}, {Points: Points{Steps: []int{4, 29}}}} {
			for _, epochs := range []bool{true, false} {
				epoch := func(step int) int {
					if !epochs {
						return -1
					}
					return step / 3
				}
				before := -1
				for k := range 60 {
					if !rows.Has(k) && k > 0 {
						continue
					}
					want := false
					for j := before + 1; j <= k; j++ {
						want = want || c.Has(j, epoch(j), j%3) || j == 0 && !c.All()
					}
					if got := c.Within(rows.Before(k), k, epoch); got != want {
						t.Errorf("rows %+v, cadence %+v, step %d: %t, want %t", rows, c, k, got, want)
					}
					before = k
				}
			}
		}
	}
}

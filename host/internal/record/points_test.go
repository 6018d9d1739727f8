package record

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
)

// TestPoints: the next point is the first that is one of them.
func TestPoints(t *testing.T) {
	for _, p := range []Points{{}, {Every: 1}, {Every: 3}, {Every: 100}, {Steps: []int{}}, {Steps: []int{0, 1, 7, 30}}, {Steps: []int{5}}} {
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
		b, err := json.Marshal(Validation{Points: p})
		var back Validation
		if err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(back.Points, p) {
			t.Errorf("%+v: read back from %s as %+v: %v", p, b, back, err)
		}
	}
}

// TestValidation: at the start of each epoch, of every other, or at other points; never where there are no epochs.
func TestValidation(t *testing.T) {
	for _, c := range []struct {
		when Validation
		want []int // of the first 12 points, in epochs of 3 steps
	}{{Validation{}, []int{0, 3, 6, 9}}, {Validation{Epochs: 2}, []int{0, 6}}, {Validation{Points: Points{Every: 5}}, []int{0, 5, 10}},
		{Validation{Points: Points{Steps: []int{4}}}, []int{4}}, {Validation{Points: Points{Steps: []int{}}}, nil}} {
		var got []int
		for k := range 12 {
			if c.when.Has(k, k/3, k%3) {
				got = append(got, k)
			}
			if c.when.Has(k, -1, k) && c.when.Every == 0 && c.when.Steps == nil {
				t.Errorf("%+v: at step %d of a problem without epochs", c.when, k)
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: at %v, want %v", c.when, got, c.want)
		}
	}
}

package compare

import (
	"fmt"
	"math"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/sweep"
	"github.com/steepest/steepest/host/internal/train"
)

func TestSpread(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		values []float64
		want   Spread
	}{
		{[]float64{4, 1, 3, 2}, Spread{4, 1.75, 2.5, 3.25}}, // numpy.percentile([1, 2, 3, 4], [25, 50, 75])
		{[]float64{7}, Spread{1, 7, 7, 7}},
		{[]float64{1, inf, 2}, Spread{3, 1.5, 2, inf}},
		{[]float64{1, inf, inf}, Spread{3, inf, inf, inf}},
		{[]float64{1, math.NaN(), 2}, Spread{3, 1.5, 2, math.NaN()}},
		{[]float64{math.NaN(), inf, 1}, Spread{3, inf, inf, math.NaN()}},
		{[]float64{math.NaN()}, Spread{1, math.NaN(), math.NaN(), math.NaN()}},
	} {
		if got := NewSpread(c.values); fmt.Sprint(got) != fmt.Sprint(c.want) { // as text, where NaN equals NaN
			t.Errorf("%v: got %v, want %v", c.values, got, c.want)
		}
	}
	if s := NewSpread(nil); s.N != 0 || !math.IsNaN(s.Median) {
		t.Errorf("no values: %v", s)
	}
}

func TestRows(t *testing.T) {
	run := func(name string, o train.Outcome) sweep.Result {
		return sweep.Result{Run: sweep.Run{Optimizer: config.Optimizer{Name: name}}, Outcome: o}
	}
	at := record.Measured
	rows := Rows([]sweep.Result{
		run("b", train.Outcome{Status: train.Finished, TrainLoss: at(2), ValidationLoss: at(3), ValidationAccuracy: at(0.5),
			StepsToTarget: 10}),
		run("a", train.Outcome{Status: train.Failed, TrainLoss: at(100), StepsToTarget: 1}),
		run("b", train.Outcome{Status: train.Diverged, TrainLoss: at(0), ValidationLoss: at(0), ValidationAccuracy: at(1),
			StepsToTarget: -1}),
		run("b", train.Outcome{Status: train.Interrupted, TrainLoss: at(0), StepsToTarget: -1}),
	})
	if len(rows) != 2 || rows[0].Optimizer != "b" || rows[1].Failed != 1 || rows[1].TrainLoss.N != 0 {
		t.Fatalf("%+v", rows)
	}
	b := rows[0]
	if b.Runs != 3 || b.Finished != 1 || b.Diverged != 1 || b.Partial != 1 || b.Reached != 1 || b.StepsToTarget.Median != 10 {
		t.Errorf("%+v", b)
	}
	if b.TrainLoss.N != 2 || !math.IsInf(b.TrainLoss.Median, 1) {
		t.Errorf("a diverged run improved the median: %+v", b.TrainLoss)
	}
	if b.ValidationAccuracy.N != 2 || !math.IsInf(b.ValidationAccuracy.Low, -1) {
		t.Errorf("a diverged run improved the accuracy: %+v", b.ValidationAccuracy)
	}
}

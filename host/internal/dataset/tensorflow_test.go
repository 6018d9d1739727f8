package dataset

import (
	"encoding/csv"
	"errors"
	"os"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// TestPhilox has the known answers that are published with Random123, which defines the generator.
func TestPhilox(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{want: [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [2]uint32{0xffffffff, 0xffffffff},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := (&philox{key: c.key, counter: c.counter}).encipher(); got != c.want {
			t.Errorf("%x, %x: %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

// TestTensorFlowShuffle holds the order to published losses. At a learning rate of 1e-5 the weights hardly move, and what the
// loss of a batch of clothes differs by is mostly how many there are of each class: in the right order, the numbers of the
// classes explain most of its variance, in any other about 9 parts of 468.
func TestTensorFlowShuffle(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	known, _ := Find("fashion-mnist")
	data, err := known.Load(nil, nil)
	var missing *MissingError
	if errors.As(err, &missing) && os.Getenv("STEEPEST_REQUIRE_ALL") == "" {
		t.Skip(err, "; ", missing.Remedy())
	}
	if err != nil {
		t.Fatal(err)
	}
	losses := published(t)
	explained := func(seed uint64, opSeed uint64) float64 {
		order := make([]int, data.Examples()-data.Test)
		for i := range order {
			order[i] = i
		}
		(&TensorFlowShuffle{Buffer: 20_000, OpSeed: opSeed}).shuffle(order, seed)
		x := mat.NewDense(len(losses), 11, nil)
		for k := range losses {
			for _, row := range order[128*k:][:128] {
				if class := int(data.Y[row]); class < 9 { // the tenth follows
					x.Set(k, class, x.At(k, class)+1)
				}
			}
			x.Set(k, 9, 1)
			x.Set(k, 10, float64(k)) // the loss falls slowly
		}
		trend := x.Slice(0, len(losses), 9, 11)
		if slices.Sort(order); order[0] != 0 || order[59_999] != 59_999 || len(slices.Compact(order)) != 60_000 {
			t.Error("the order is no permutation")
		}
		return 1 - residual(t, x, losses)/residual(t, trend, losses)
	}
	right := explained(42, 3)
	if t.Logf("explained: %.3f", right); right < 0.8 {
		t.Errorf("the classes explain %.3f of the variance", right)
	}
	for _, other := range []float64{explained(42, 2), explained(43, 3)} {
		if other > 0.1 {
			t.Errorf("in another order the classes explain %.3f of the variance", other)
		}
	}
}

// residual is the variance that a linear model of y leaves.
func residual(t *testing.T, x mat.Matrix, y []float64) float64 {
	t.Helper()
	var c, fit mat.VecDense
	if err := c.SolveVec(x, mat.NewVecDense(len(y), y)); err != nil {
		t.Fatal(err)
	}
	fit.MulVec(x, &c)
	fit.SubVec(&fit, mat.NewVecDense(len(y), y))
	return stat.Variance(fit.RawVector().Data, nil)
}

func published(t *testing.T) (losses []float64) {
	t.Helper()
	f, err := os.Open("testdata/fmnist_2c2d.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 469 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		x, err := strconv.ParseFloat(row[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, x)
	}
	return losses
}

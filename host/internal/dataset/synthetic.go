package dataset

import (
	"math/rand/v2"
	"strconv"

	"github.com/steepest/steepest/host/internal/seed"
)

// options shared by synthetic data sets. The seed is the data set's own: the runs of an experiment share the examples,
// and each draws its own split of them.
var (
	examplesOption = Option{Name: "examples", Default: 400, Low: 2, High: 1e7, Whole: true, Help: "how many examples"}
	seedOption     = Option{Name: "seed", Default: 1, High: 1e15, Whole: true,
		Help: "of the random numbers; all runs share the examples"}
)

func noiseOption(standard float64, help string) Option {
	return Option{Name: "noise", Default: standard, High: 1e6, Help: help}
}

// synthetic are the data sets that are made from random numbers.
var synthetic = []Known{twoMoons, circles, spirals, blobs, heavyTailed, xor, linearRegression}

// random is the generator of a synthetic data set.
func random(name string, values map[string]float64) *rand.Rand {
	return seed.New(uint64(values["seed"])).Branch(name).Rand()
}

// planar makes a data set in the plane: point returns the i-th of the n examples of a class before noise, and the classes
// have equally many examples but for a remainder, which goes to the first ones.
func planar(r *rand.Rand, classes []string, examples int, noise float64,
	point func(class, i, n int) (x, y float64)) *Dataset {
	d := &Dataset{Classes: classes, Y: make([]float64, examples)}
	x := &dense[float64]{examples, 2, make([]float64, 2*examples)}
	row := 0
	for class := range classes {
		n := examples / len(classes)
		if class < examples%len(classes) {
			n++
		}
		for i := range n {
			u, v := point(class, i, n)
			x.data[2*row], x.data[2*row+1] = u+noise*r.NormFloat64(), v+noise*r.NormFloat64()
			d.Y[row] = float64(class)
			row++
		}
	}
	d.X = x
	return d
}

// along is the i-th of n points from 0 to 1, both included.
func along(i, n int) float64 {
	if n == 1 {
		return 0
	}
	return float64(i) / float64(n-1)
}

// numbered are the names of classes that have none.
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

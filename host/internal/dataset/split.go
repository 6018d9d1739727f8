package dataset

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/seed"
)

// Portion is a part of the examples: a count, or else a fraction. The zero value is none.
type Portion struct {
	Count    int
	Fraction float64
}

// Of is the number of examples out of n.
func (p Portion) Of(n int) int {
	if p.Count > 0 {
		return p.Count
	}
	return int(math.Round(p.Fraction * float64(n)))
}

func (p Portion) none() bool { return p == Portion{} }

// MarshalJSON writes a portion as an experiment file does: a count from 2 or a fraction below 1.
func (p Portion) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalJSON is the inverse of MarshalJSON.
func (p *Portion) UnmarshalJSON(b []byte) error {
	x, err := strconv.ParseFloat(string(b), 64)
	if *p = (Portion{Fraction: x}); x > 1 {
		*p = Portion{Count: int(x)}
	}
	return err
}

func (p Portion) String() string {
	if p.Count > 0 {
		return fmt.Sprint(p.Count)
	}
	return fmt.Sprint(p.Fraction)
}

// Splitting says how a data set is divided and prepared. The order is: test, validation and training examples; the subset
// of the training examples; label noise; scaling. Whatever is fitted is fitted to the training examples that remain.
type Splitting struct {
	Validation Portion `json:"validation"`
	Test       Portion `json:"test,omitzero"`         // of a data set without a test part of its own
	OnTest     bool    `json:"on_test,omitempty"`     // the data set's own test part validates
	Stratify   bool    `json:"stratify,omitempty"`    // every part has each class in the same proportion, nearly
	Subset     Portion `json:"subset,omitzero"`       // of the training examples; none means all
	LabelNoise float64 `json:"label_noise,omitempty"` // share of the training examples that get another class, uniformly
	Scaling    Scaling `json:"scale,omitempty"`       // "" is what suits the data set
	Clip       bool    `json:"clip,omitempty"`        // MinMax cuts off what it would put below 0 or above 1
}

// Split is one division of a data set, with the scaling that was fitted on the training examples alone.
type Split struct {
	Data                    *Dataset
	Train, Validation, Test []int // row numbers
	Shift, Scale            []float64

	clip  bool
	y     []float64     // the targets, label noise included
	table *[256]float64 // what each byte becomes, if that is the same for all features
}

// SubsetError is the error of a subset that is not possible of so many training examples.
type SubsetError struct {
	Subset Portion
	Train  int
}

func (e *SubsetError) Error() string {
	return fmt.Sprintf("a subset of %v is not possible of %d training examples", e.Subset, e.Train)
}

// Sizes is the number of examples of each part, or why the division is not possible.
func (s Splitting) Sizes(d *Dataset) (train, validation, test int, err error) {
	pool := d.Examples() - d.Test
	switch {
	case s.OnTest && d.Test == 0:
		return 0, 0, 0, fmt.Errorf("the data set has no test part of its own")
	case d.Test > 0 && !s.Test.none():
		return 0, 0, 0, fmt.Errorf("the data set has a test part of its own, of %d examples", d.Test)
	case s.OnTest:
		train, validation = pool, d.Test
	default:
		validation, test = s.Validation.Of(pool), s.Test.Of(pool)
		train = pool - validation - test
		test += d.Test
	}
	if train < 1 || validation < 1 && !s.Validation.none() || test < 1 && !s.Test.none() {
		return 0, 0, 0, fmt.Errorf("of %d examples, %d are left for training, %d for validation and %d for testing", d.Examples(),
			max(train, 0), validation, test)
	}
	if !s.Subset.none() {
		k := s.Subset.Of(train)
		if k < 1 || k > train {
			return 0, 0, 0, &SubsetError{s.Subset, train}
		}
		train = k
	}
	return train, validation, test, nil
}

// NewSplit divides a data set; what is random follows from the branch. The sizes must be possible.
func NewSplit(d *Dataset, how Splitting, branch seed.Tree) *Split {
	s := &Split{Data: d, y: d.Y, clip: how.Clip && d.ScalingOf(how.Scaling) == MinMax}
	s.Train, s.Validation, s.Test = how.Rows(d, branch)
	if how.LabelNoise > 0 {
		s.mislabel(how.LabelNoise, branch.Branch("label-noise"))
	}
	s.fit(how.Scaling)
	return s
}

// Rows draws which examples train, validate and test. The sizes must be possible.
func (s Splitting) Rows(d *Dataset, branch seed.Tree) (train, validation, test []int) {
	trains, validates, tests, err := s.Sizes(d)
	if err != nil {
		panic(err) // a mistake of the caller
	}
	pool := d.Examples() - d.Test
	order := branch.Rand().Perm(pool)
	if s.Stratify {
		interleave(order, d.Y)
	}
	own := make([]int, d.Test)
	for i := range own {
		own[i] = pool + i
	}
	train = order[:trains:trains]
	if s.OnTest {
		return train, own, nil
	}
	rest := order[pool-validates-(tests-d.Test):] // the subset leaves a gap before it
	return train, rest[:validates], append(rest[validates:], own...)
}

// interleave reorders examples so that every prefix has each class in proportion, to within an example: the i-th of the n
// examples of a class stands at (i + ½)/n of the way.
func interleave(order []int, y []float64) {
	size, place := map[float64]int{}, make([]float64, len(y))
	for _, row := range order {
		place[row] = float64(size[y[row]]) + 0.5
		size[y[row]]++
	}
	for _, row := range order {
		place[row] /= float64(size[y[row]])
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(place[a], place[b]) })
}

// mislabel gives a share of the training examples another class, each of the others being equally likely.
func (s *Split) mislabel(share float64, branch seed.Tree) {
	r := branch.Rand()
	s.y = slices.Clone(s.y)
	n := int(math.Round(share * float64(len(s.Train))))
	for _, i := range r.Perm(len(s.Train))[:n] {
		y := &s.y[s.Train[i]]
		*y = math.Mod(*y+1+float64(r.IntN(len(s.Data.Classes)-1)), float64(len(s.Data.Classes)))
	}
}

// Gather copies the scaled examples of the given rows into x (len(rows) x features) and their targets into y.
func (s *Split) Gather(rows []int, x *mat.Dense, y []float64) {
	for i, row := range rows {
		s.gather(row, x.RawRowView(i))
		y[i] = s.y[row]
	}
}

func (s *Split) gather(row int, out []float64) {
	if s.table != nil {
		if pixels := s.Data.X.pixels(row); pixels != nil {
			for j, p := range pixels {
				out[j] = s.table[p]
			}
			return
		}
	}
	s.Data.X.Row(out, row)
	for j, v := range out {
		out[j] = s.scaled(v, j)
	}
}

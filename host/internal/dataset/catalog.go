package dataset

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/registry"
)

// Known is a data set that has a name: embedded in the program, synthetic, or fetched once and found on disk.
type Known struct {
	Name    string
	Summary string
	Source  string   // whom to cite
	Options []Option // of a synthetic one
	Fetched *Fetched // of one that is found on disk; else nil

	load func(values map[string]float64) (*Dataset, error) // of one that is not fetched
}

func (k Known) String() string { return k.Name }

// Option is a setting of a synthetic data set.
type Option struct {
	Name      string
	Default   float64
	Low, High float64
	Whole     bool // a whole number
	Help      string
}

// Allowed says in words which values an option can have.
func (o Option) Allowed() string {
	noun := "a number"
	if o.Whole {
		noun = "a whole number"
	}
	return fmt.Sprintf("%s from %s to %s", noun, strconv.FormatFloat(o.Low, 'f', -1, 64), strconv.FormatFloat(o.High,
		'f', -1, 64))
}

// catalog has the data sets with names.
var catalog = registry.List[Known](slices.Concat(embedded, fetched, synthetic))

// Catalog returns all data sets that have names, sorted.
func Catalog() []Known {
	return slices.SortedFunc(slices.Values(catalog), func(a, b Known) int { return cmp.Compare(a.Name, b.Name) })
}

// Names returns the names in the catalogue, sorted.
func Names() []string { return slices.Sorted(slices.Values(catalog.Names())) }

// Find looks a name up.
func Find(name string) (Known, bool) { return catalog.Find(name) }

// Load returns the data set. Options that are not among the values have their defaults; what values they can have is not
// checked again. The environment says where fetched data sets are.
func (k Known) Load(v environ.Variables, values map[string]float64) (*Dataset, error) {
	all := map[string]float64{}
	for _, o := range k.Options {
		all[o.Name] = o.Default
	}
	maps.Copy(all, values)
	load := func() (*Dataset, error) { return k.load(all) }
	if k.Fetched != nil {
		load = func() (*Dataset, error) { return k.Fetched.load(v) }
	}
	d, err := load()
	if err != nil {
		return nil, err
	}
	d.Name, d.Source = k.Name, k.Source
	return d, d.check()
}

package config

import (
	"cmp"
	"fmt"
	"sync"

	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/seed"
)

// Search is how the sets within an optimizer become variants.
type Search struct {
	Kind   string `json:"kind"`
	Trials int    `json:"trials,omitempty"` // of a kind that draws them
	Seed   uint64 `json:"seed,omitempty"`   // likewise

	Halving  *Halving  `json:"halving,omitempty"`  // nil if trials are not halved
	External *External `json:"external,omitempty"` // nil if no other program chooses them

	path string
}

// kind is the entry of the kind of search.
func (s Search) kind() searchKind {
	kind, _ := searchKinds.Find(cmp.Or(s.Kind, searchKinds[0].name))
	return kind
}

// searchKind is a kind of search. Each has a file of its own.
type searchKind struct {
	name string
	help string
	// keys are those of [search] beside kind.
	keys func(s *Search) keys
	// trials chooses a value of each set for every trial. It is nil if that cannot be, which is reported.
	trials func(e *Experiment, s Search, sets []set) [][]element
	// draws tells whether values are drawn; else every value of a set has its turn.
	draws bool
}

func (k searchKind) String() string { return k.name }

// searchKinds are in the order of the manual; the first is the default.
var searchKinds = registry.List[searchKind]{gridSearch, zipSearch, randomSearch, haltonSearch, halvingSearch, externalSearch}

// readSearch reads [search], or the search of an optimizer.
func (t *table) readSearch() Search {
	s := Search{path: t.path}
	_, given := t.keys["kind"]
	if _, trials := t.keys["trials"]; trials && !given {
		t.fault(t.place("trials"), "[search] with trials needs a kind that draws them", `add kind = "random" or kind = "halton"`)
		t.known = append(t.known, "trials", "seed")
	}
	s.Kind = t.choice("kind", searchKinds[0].name, searchKinds.Names())
	kind := s.kind()
	if kind.keys != nil {
		t.fill(kind.keys(&s))
	}
	if name, isString := t.keys["kind"].(string); !given || isString && name == s.Kind { // of an unknown kind no key can be judged
		t.done()
	}
	return s
}

// drawKeys say how many trials are drawn and from what.
func drawKeys(s *Search) keys {
	return keys{
		integerKey(&s.Trials, "trials", 1, 1, maxRuns, "how many variants each optimizer with sets gets").
			needed("add trials = 20, or another number of them"),
		seedKey(&s.Seed, "what the values are drawn from; seeds of runs have no part in it"),
	}
}

// searchNode is how sets become variants.
var searchNode = sync.OnceValue(func() node {
	kind := key{name: "kind", value: node{"enum": searchKinds.Names()}, standard: searchKinds[0].name, help: "how the sets of an optimizer are combined"}
	var sorts []sort
	for _, k := range searchKinds {
		var list keys
		if k.keys != nil {
			list = k.keys(&Search{})
		}
		sorts = append(sorts, sort{[]string{k.name}, list.object()})
	}
	return keys{kind}.sorted(sorts)
})

// refuseIntervals reports sets without a list of values; ok tells that there are none.
func (e *Experiment) refuseIntervals(s Search, sets []set) (ok bool) {
	ok = true
	kind, remedy := cmp.Or(s.Kind, "grid"), `write [search] with kind = "random" or "halton" and trials = 20`
	if s.Halving != nil {
		kind, remedy = s.Halving.Draw, `write draw = "halton" and trials = 20 in [search]`
	}
	for _, x := range sets {
		if x.n == 0 {
			e.fault(e.at(x.path), fmt.Sprintf("%s is an interval, and a search of the kind %q takes values one by one", x.kind.name, kind),
				remedy+", or list values with grid or log_grid")
			ok = false
		}
	}
	return ok
}

// drawn are the trials of a search that draws: shares gives, for a set, the share of it that lies below the value of a trial. It must
// follow from the search's seed, the set's key and the number of the trial alone, so that one more set or trial changes no other.
func drawn(shares func(root seed.Tree) func(trial int) float64) func(*Experiment, Search, []set) [][]element {
	return func(_ *Experiment, s Search, sets []set) [][]element {
		rows := make([][]element, s.Trials)
		root := seed.New(s.Seed).Branch("search")
		for _, x := range sets {
			share := shares(root.Branch(x.key))
			for k := range rows {
				rows[k] = append(rows[k], x.from(share(k)))
			}
		}
		return rows
	}
}

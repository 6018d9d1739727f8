// Package foreign reads what other programs recorded of their runs.
package foreign

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/proto"
)

// Curve is a run of another program.
type Curve struct {
	Name       string // of its folder, if there are several; else of its file
	Format     string // csv or tensorboard
	File       string // or folder
	Bytes      int64
	SHA256     string            // of its file, or of the event files of its folder, one after the other
	Names      map[string]string // what its columns or tags are called here, where that is something else
	Began      time.Time         // zero if nobody knows
	Quantities []string
	Points     []Point  // at ascending steps
	Notes      []string // what is worth to know
}

// Point is what is known of a step.
type Point struct {
	Step   int
	Epoch  record.Value
	Wall   time.Duration
	Values []record.Value // of the quantities, in their order
}

// The columns that are no quantities.
const (
	stepColumn  = "step"
	epochColumn = "epoch"
	wallColumn  = "wall_seconds"
)

// ParseNames reads NAME=QUANTITY, of which the first may have any character.
func ParseNames(texts []string) (map[string]string, error) {
	names := map[string]string{}
	for _, text := range texts {
		at := strings.LastIndexByte(text, '=')
		if at < 1 {
			return nil, fmt.Errorf("--map %q is not NAME=QUANTITY; write it like --map Loss/train=train_loss, or NAME= to leave it out", text)
		}
		if _, twice := names[text[:at]]; twice {
			return nil, fmt.Errorf("--map: %q is given twice", text[:at])
		}
		names[text[:at]] = text[at+1:]
	}
	return names, nil
}

// rename are the quantities that columns or tags are called by, empty for those that are left out. kind is what these are.
func rename(columns []string, names map[string]string, kind string) ([]string, error) {
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !slices.Contains(columns, name) {
			return nil, fmt.Errorf("there is no %s %q; %s", kind, name, proto.DidYouMean(name, columns))
		}
	}
	seen := map[string]string{}
	out := make([]string, len(columns))
	for i, column := range columns {
		name, given := names[column]
		if !given {
			name = column
		}
		out[i] = name
		switch before, twice := seen[name]; {
		case name == "" && given:
			continue
		case name == "":
			return nil, fmt.Errorf("%s %d has no name; give it one, or remove it", kind, i+1)
		case twice:
			return nil, fmt.Errorf("the %ss %q and %q are both %s; rename or leave out one, with --map %s=", kind, before, column, name, column)
		case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == ',' || r == '"' || r == 0x7f }):
			return nil, fmt.Errorf("the %s %q cannot be the name of a quantity, which has no commas, quotation marks or control characters; "+
				"rename it with --map", kind, column)
		}
		seen[name] = column
	}
	return out, nil
}

// standard are the quantities that every run may have.
var standard = record.Standard()

// check says what is wrong with a value of a quantity.
func check(name string, x float64) error {
	at := standard.Index(name)
	if at < 0 {
		return nil
	}
	switch least, most := standard[at].Range.Bounds(); {
	case x > most && x <= 100*most:
		return fmt.Errorf("%s is %v, and can be at most %v; write 97 %% as 0.97", name, x, most)
	case x > most:
		return fmt.Errorf("%s is %v, and can be at most %v", name, x, most)
	case x < least:
		return fmt.Errorf("%s is %v, and can be at least %v", name, x, least)
	}
	return nil
}

// finish looks for what makes a curve useless, or hard to compare.
func (c *Curve) finish(kind string) {
	for _, name := range c.Quantities {
		if standard.Index(name) >= 0 {
			return
		}
	}
	c.Notes = append(c.Notes, fmt.Sprintf("none of the %ss is called as a quantity is here (%s); say which one is, such as --map %s=%s", kind,
		strings.Join(standard.Names(), ", "), c.Quantities[0], standard[0].Name))
}

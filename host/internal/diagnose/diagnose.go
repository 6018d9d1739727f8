// Package diagnose measures what a training loop does not need but a researcher wants to know, of any optimizer: all comes from the weights,
// the gradient and the update as the host sees them. A file has one family of quantities; columns, JSON, metrics, targets, tables and manuals follow
// from what it says of them. Nothing that is measured changes a run.
package diagnose

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/seed"
)

// Kind is a diagnostic that an experiment can name. Each has a file of its own.
type Kind struct {
	Name   string
	Help   string // what it measures, in clauses
	Source string // of its formulas
	Cost   string // of one measurement, in gradient equivalents
	Limits string // what it cannot be measured of, or says nothing about; "" for nothing
	Keys   []model.Key
	// EachRow tells that it is so cheap that it is measured at each row unless something else is asked.
	EachRow bool
	// AtEnd tells that it is so dear that it is measured at the end alone unless something else is asked.
	AtEnd bool
	// Quantities are what it measures, a number each.
	Quantities func(model.Settings) []record.Quantity
	// Elements are what it measures of each part of a problem; nil without.
	Elements func(model.Settings, problem.Problem) []record.Quantity
	// Bins are those of the Elements that are bins of histograms.
	Bins []Bins
	// Refuses says why it cannot be measured of a problem, and what would be right; nothing if it can. It is nil if it can of each.
	Refuses func(model.Settings, problem.Problem) (message, remedy string)
	// Make makes it for one run.
	Make func(model.Settings, *Run) Diagnostic
}

func (k *Kind) String() string { return k.Name }

// Kinds are the diagnostics that an experiment can name, in the order of the manual.
var Kinds = registry.List[*Kind]{&path, &tensors, &activations, &taylor, &alpha, &hessian, &preconditioned, &noise, &batches, &histogram, &tic, &density, &definite, &classLoss,
	&criticalPoints, &criticalPoint}

// Bins say of what a histogram the parts of a quantity are bins, all of the same width. A part is the number of the bin, or what the histogram is
// of, a slash and the number. Low and High are the quantities that end it; without Low it begins at -High, and without both it is one of two things,
// of which no format has histograms.
type Bins struct{ Quantity, Low, High string }

// Histogram is a histogram by the columns of a record.
type Histogram struct {
	Name    string // of the quantity, and, after a slash, what it is of
	Columns []int  // of its bins, in order
	ends    [2]int
}

// Histograms are those among the columns of a record.
func Histograms(columns []string) (all []Histogram) {
	for _, k := range Kinds {
		for _, b := range k.Bins {
			ends := [2]int{slices.Index(columns, b.Low), slices.Index(columns, b.High)}
			for i, column := range columns {
				part, is := strings.CutPrefix(strings.TrimSuffix(column, "]"), b.Quantity+"[")
				if !is || b.High != "" && ends[1] < 0 {
					continue
				}
				name := b.Quantity
				if at := strings.LastIndexByte(part, '/'); at >= 0 {
					name += "/" + part[:at]
				}
				if n := len(all); n == 0 || all[n-1].Name != name {
					all = append(all, Histogram{Name: name, ends: ends})
				}
				all[len(all)-1].Columns = append(all[len(all)-1].Columns, i)
			}
		}
	}
	return all
}

// At is where the histogram of a point begins and ends, and the shares of its bins; nil if it was not measured there, or has no ends.
func (h Histogram) At(values []record.Value) (low, high float64, shares []float64) {
	if h.ends[1] < 0 {
		return 0, 0, nil
	}
	high, measured := values[h.ends[1]].Get()
	if low = -high; h.ends[0] >= 0 {
		low, _ = values[h.ends[0]].Get()
	}
	for _, i := range h.Columns {
		x, is := values[i].Get()
		if !measured || !is {
			return 0, 0, nil
		}
		shares = append(shares, x)
	}
	return low, high, shares
}

// Diagnostic measures a family of quantities in one run.
type Diagnostic interface {
	// Measure notes what it measures at a point, in the order of its kind's quantities and elements; what it leaves alone was not measured. It
	// depends on nothing but the run and the sample, and, if it follows the run, on the points before: a step that is repeated is recorded the
	// same. It returns what it took, in gradient equivalents.
	Measure(p *record.Sample, values, elements []record.Value) (cost float64)
}

// Follower is a diagnostic that must see every step of the run.
type Follower interface {
	Diagnostic
	// Follow is called once for each step, in order, behind what is measured at its point.
	Follow(*record.Sample)
	// State is all that it knows of the steps so far. It may be kept until the next call of Follow alone.
	State() []float64
	// Restore is the inverse of State. Of nil it knows of none.
	Restore([]float64) error
}

// Chosen is a diagnostic as an experiment asks for it.
type Chosen struct {
	Name     string         `json:"name"`
	At       record.Cadence `json:"at,omitzero"`
	Settings model.Settings `json:"settings,omitempty"`
}

// Kind is that of its name; nil if there is none.
func (c Chosen) Kind() *Kind { k, _ := Kinds.Find(c.Name); return k }

// UnmarshalJSON reads whole numbers as such.
func (c *Chosen) UnmarshalJSON(b []byte) error {
	type plain Chosen
	if err := json.Unmarshal(b, (*plain)(c)); err != nil {
		return err
	}
	k := c.Kind()
	if k == nil {
		return nil // of a later version
	}
	for _, key := range k.Keys {
		if x, is := c.Settings[key.RecordedName()].(float64); is && key.Type == model.Whole {
			c.Settings[key.RecordedName()] = int(x)
		}
	}
	return nil
}

// Quantities are those of some diagnostics, in order.
func Quantities(chosen []Chosen) (all []record.Quantity) {
	for _, c := range chosen {
		if k := c.Kind(); k != nil {
			all = append(all, k.Quantities(c.Settings)...)
		}
	}
	return all
}

// Elements are likewise those of parts of a problem.
func Elements(chosen []Chosen, p problem.Problem) (all []record.Quantity) {
	for _, c := range chosen {
		if k := c.Kind(); k != nil && k.Elements != nil && !k.refuses(c.Settings, p) {
			all = append(all, k.Elements(c.Settings, p)...)
		}
	}
	return all
}

func (k *Kind) refuses(s model.Settings, p problem.Problem) bool {
	if k.Refuses == nil {
		return false
	}
	message, _ := k.Refuses(s, p)
	return message != ""
}

// Every are all kinds with their defaults, for what says what there can be.
func Every() (all []Chosen) {
	for _, k := range Kinds {
		c := Chosen{Name: k.Name, Settings: model.Settings{}}
		for _, key := range k.Keys {
			c.Settings[key.RecordedName()] = key.Default
		}
		all = append(all, c)
	}
	return all
}

// Run is what a diagnostic knows of a run.
type Run struct {
	problem.Problem
	tree      seed.Tree
	objective problem.Objective
	ctx       context.Context
}

// NewRun is that of a seed's tree.
func NewRun(p problem.Problem, tree seed.Tree) *Run {
	return &Run{Problem: p, tree: tree, ctx: context.Background()}
}

// Objective is the problem as the run meets it, with buffers of its own.
func (r *Run) Objective() problem.Objective {
	if r.objective == nil {
		r.objective = r.interruptible(r.Problem.Objective(r.tree))
	}
	return r.objective
}

// interruptible has what is asked of an objective end with the run.
func (r *Run) interruptible(o problem.Objective) problem.Objective {
	if i, is := problem.As[problem.Interruptible](o); is {
		i.Until(r.ctx)
	}
	return o
}

// Curved is [Run.Objective] with its curvature.
func (r *Run) Curved() problem.Curved {
	c, is := problem.As[problem.Curved](r.Objective())
	if !is {
		panic(fmt.Sprintf("the objective %T has no curvature", r.Objective()))
	}
	return c
}

// Random draws for a diagnostic at a step, the same whenever it is asked, and nothing that the run draws.
func (r *Run) Random(diagnostic string, step int) *rand.Rand {
	return r.branch(diagnostic, step).Rand()
}

func (r *Run) branch(diagnostic string, step int) seed.Tree {
	return r.tree.Branch("diagnose").Branch(diagnostic).Index(step)
}

// Measurer is a diagnostic of one run, with the places of its quantities in the run's schema.
type Measurer struct {
	Diagnostic
	Chosen
	run              *Run
	rows             record.Points
	values, elements [2]int // from, to
	spent            record.Diagnosed
}

// Begin makes those of the diagnostics that can be measured of a run's problem. rows are the points on record: of each cadence, what is measured
// is the first of them at or behind each point.
func Begin(chosen []Chosen, run *Run, schema record.Schema, rows record.Points) (all []*Measurer) {
	places := func(quantities []record.Quantity) [2]int {
		if len(quantities) == 0 {
			return [2]int{}
		}
		from := schema.Index(quantities[0].Name)
		return [2]int{from, from + len(quantities)}
	}
	for _, c := range chosen {
		k := c.Kind()
		if k == nil || k.refuses(c.Settings, run.Problem) {
			continue
		}
		m := &Measurer{Diagnostic: k.Make(c.Settings, run), Chosen: c, run: run, rows: rows, values: places(k.Quantities(c.Settings)),
			spent: record.Diagnosed{Name: c.Name}}
		if k.Elements != nil {
			m.elements = places(k.Elements(c.Settings, run.Problem))
		}
		if m.At.All() && m.At.Epochs == 0 && !k.EachRow && !k.AtEnd && run.StepsPerEpoch() == 0 {
			m.At.PerDecade = perDecade
		}
		all = append(all, m)
	}
	return all
}

// perDecade is how many points for each power of ten are measured of a problem without epochs, unless something else is asked.
const perDecade = 10

// Measure notes what is measured of a point, if it is due there.
func (m *Measurer) Measure(p *record.Sample) {
	if !p.Last && (!p.Row || !m.due(p.Step)) {
		return
	}
	begin := time.Now()
	m.spent.Equivalents += m.Diagnostic.Measure(p, p.Values[m.values[0]:m.values[1]], p.Values[m.elements[0]:m.elements[1]])
	m.spent.Points++
	m.spent.Time += time.Since(begin)
}

// Until has measurements of the run end soon after the context does, also one that is being made: it is worth nothing then. It is called before all
// else.
func (m *Measurer) Until(ctx context.Context) { m.run.ctx = ctx }

func (m *Measurer) due(step int) bool {
	if k := m.Kind(); m.At.All() && m.At.Epochs == 0 && (k.EachRow || k.AtEnd) {
		return k.EachRow
	}
	return m.At.Within(m.rows.Before(step), step, func(step int) int {
		epoch, _ := problem.Epoch(m.run.Problem, step)
		return epoch
	})
}

// Follow tells a diagnostic that follows the run of a step.
func (m *Measurer) Follow(p *record.Sample) {
	if f, is := m.Diagnostic.(Follower); is {
		begin := time.Now()
		f.Follow(p)
		m.spent.Time += time.Since(begin)
	}
}

// State is that of a diagnostic that follows the run.
func (m *Measurer) State() []float64 {
	if f, is := m.Diagnostic.(Follower); is {
		return f.State()
	}
	return nil
}

// Restore is the inverse of State.
func (m *Measurer) Restore(state []float64) error {
	if f, is := m.Diagnostic.(Follower); is {
		return f.Restore(slices.Clone(state))
	}
	return nil
}

// Spent is what its measurements took in this program.
func (m *Measurer) Spent() record.Diagnosed { return m.spent }

func size(r *Run) int { return problem.Size(r.Layout()) }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// inverse is 1/x, or infinite where x is not positive; NaN stays.
func inverse(x float64) float64 {
	if x <= 0 {
		return math.Inf(1)
	}
	return 1 / x
}

// batches is what something costs with all examples, in that of a batch.
func (r *Run) batches() float64 { return float64(max(r.StepsPerEpoch(), 1)) }

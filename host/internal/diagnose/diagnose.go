// Package diagnose measures what a training loop does not need but a researcher wants to know. A file has one family of
// quantities; columns, JSON, metrics, targets, tables and manuals follow from what it says of them.
package diagnose

import (
	"github.com/steepest/steepest/host/internal/record"
)

// Diagnostic measures a family of quantities in one run.
type Diagnostic interface {
	// Quantities are what it measures.
	Quantities() []record.Quantity
	// Measure is called at every point that is visited and notes what it measures there, in the order of Quantities; what it
	// leaves alone was not measured. It depends on nothing but the sample: a step that is repeated is recorded the same.
	Measure(p *record.Sample, values []record.Value)
}

// New makes a diagnostic for one run.
type New func() Diagnostic

// All are the diagnostics that there are. Every run has all of them.
var All = []New{}

// Quantities are those of some diagnostics, in order.
func Quantities(all []New) (quantities []record.Quantity) {
	for _, d := range all {
		quantities = append(quantities, d().Quantities()...)
	}
	return quantities
}

// Measurer is a diagnostic of one run, whose quantities stand in its schema from a place on.
type Measurer struct {
	Diagnostic
	from, to int
}

// Begin makes diagnostics for a run in whose schema their quantities stand.
func Begin(all []New, schema record.Schema) []Measurer {
	var measurers []Measurer
	for _, n := range all {
		d := n()
		q := d.Quantities()
		from := schema.Index(q[0].Name)
		measurers = append(measurers, Measurer{d, from, from + len(q)})
	}
	return measurers
}

// Measure notes what is measured of a point.
func (m Measurer) Measure(p *record.Sample) { m.Diagnostic.Measure(p, p.Values[m.from:m.to]) }

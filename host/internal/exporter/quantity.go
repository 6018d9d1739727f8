package exporter

import (
	"cmp"
	"strings"

	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/metrics"
)

// Quantities are those of which there are metrics: what is known of points, by the standard quantities and all diagnostics, and what is
// known at the end.
func Quantities() (all []metrics.Quantity) {
	for i, q := range append(record.Standard(), diagnose.Quantities(diagnose.Every())...) {
		if !q.Column {
			continue
		}
		m := metrics.Quantity{Name: q.Name, Help: cmp.Or(q.Live, q.Help), Note: q.Note}
		switch {
		case i == record.TrainLoss:
			m.NonFinite = "loss"
		case i == record.GradientNorm, i == record.UpdateNorm, i >= len(record.Standard()):
			m.NonFinite = q.Name
		}
		all = append(all, m)
	}
	for i, q := range record.Standard().Finals() {
		m := metrics.Quantity{Name: measure.FinalPrefix + q.Name, Final: true, Note: "as tables count it: see [below](#final-values)",
			Help: strings.TrimSuffix(q.Help, ".") + " at the end of the run."}
		if i == record.TrainLoss {
			m.Help = "Loss on all training examples at the end of the run."
		}
		all = append(all, m)
	}
	return all
}

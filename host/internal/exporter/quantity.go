package exporter

import (
	"cmp"

	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/metrics"
)

// Quantities are those of which there are metrics: what is known of points, by the standard quantities and all diagnostics.
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
	return all
}

package export

import (
	"context"
	"io"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// leading are the columns that all tables begin with, and stepColumns those that say at which point of a run it is.
var (
	leading = []column{{"experiment", text}, {"run", text}, {"identity", text}, {"problem", text}, {"optimizer", text}, {"seed", natural}}

	stepColumns = []column{{"step", integer}, {"epoch", integer}, {"wall_seconds", number}}
)

// lead is what a run has in the leading columns.
func lead(r *store.Record) []cell {
	return []cell{textCell(r.Experiment.Name), textCell(r.Run), textCell(r.Identity), textCell(r.ProblemName()), textCell(r.Optimizer.Name),
		{kind: natural, n: r.Seed}}
}

// at is what a point has in the stepColumns.
func at(p *store.Point) []cell {
	epoch := cell{}
	if x, known := p.Epoch.Get(); known {
		epoch = integerCell(int(x))
	}
	return []cell{integerCell(p.Step), epoch, numberCell(p.Wall.Seconds())}
}

// measured is a cell with a value, missing if that was not measured.
func measured(v record.Value) cell {
	x, known := v.Get()
	if !known {
		return cell{}
	}
	return numberCell(x)
}

// tidy writes a row for each run, step and quantity that was measured there.
func (j *job) tidy(ctx context.Context, f *format, w io.Writer) error {
	columns := append(append(append([]column{}, leading...), stepColumns...), column{"quantity", text}, column{"value", number})
	out := f.table(w, columns)
	row := make([]cell, len(columns))
	for _, r := range j.runs {
		place := copy(row, lead(r))
		quantities := r.Quantities()
		err := j.points(ctx, r, func(p *store.Point) error {
			last := place + copy(row[place:], at(p))
			for i, name := range quantities {
				if row[last+1] = measured(p.Values[i]); row[last+1].kind == nothing {
					continue
				}
				row[last] = textCell(name)
				if err := out.row(row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return out.close()
}

// wide writes a row for each run and step, with a column for each quantity of any run.
func (j *job) wide(ctx context.Context, f *format, w io.Writer) error {
	columns := append(append([]column{}, leading...), stepColumns...)
	places := map[string]int{}
	for _, r := range j.runs {
		for _, name := range r.Quantities() {
			addColumn(&columns, places, name, number)
		}
	}
	out := f.table(w, columns)
	row := make([]cell, len(columns))
	for _, r := range j.runs {
		clear(row)
		first := copy(row, lead(r))
		var columns []int
		for _, name := range r.Quantities() {
			columns = append(columns, places[name])
		}
		err := j.points(ctx, r, func(p *store.Point) error {
			copy(row[first:], at(p))
			for i, place := range columns {
				row[place] = measured(p.Values[i])
			}
			return out.row(row)
		})
		if err != nil {
			return err
		}
	}
	return out.close()
}

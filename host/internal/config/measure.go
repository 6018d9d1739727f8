package config

import (
	"errors"
	"slices"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// Setting is what the runs of the problem can be measured by, as far as is known: more after Build.
func (w *Workload) Setting() measure.Setting {
	unknown := record.EvaluationWeights
	if w.Problem.HasEpochs() {
		unknown |= record.TestExamples // which data may have
	}
	if w.Built == nil {
		unknown |= record.Classes
	}
	return measure.Setting{Schema: w.Quantities(), Has: func(n record.Needs) bool { return w.Problem.Has(n &^ unknown) },
		Target: w.Target != nil, Steps: w.Steps}
}

// online reads a measure that is judged while a run trains, and reports what is wrong with it at its place.
func (w *Workload) online(t *table, text string, at position) (m measure.Measure, q record.Quantity, ok bool) {
	s := w.Setting()
	m, err := measure.ParseIn(text, s)
	if err == nil {
		q, _ = m.Find(s.Schema)
		err = m.Online(text, s)
	}
	if e, is := errors.AsType[*measure.Error](err); is {
		t.fault(t.within(at, e), e.Message, e.Remedy)
	}
	return m, q, err == nil
}

// within is the place of what is wrong in a measure, if its text stands in quotes at a place as it is.
func (d *document) within(at position, e *measure.Error) position {
	if at.line < 1 || at.line > len(d.of(at).lines) {
		return at
	}
	line, text := []rune(d.of(at).lines[at.line-1]), []rune(e.Text)
	begin := at.column // behind the quotation mark
	if e.Length == 0 || begin+len(text) > len(line) || !slices.Equal(line[begin:begin+len(text)], text) {
		return at
	}
	at.column, at.length = begin+e.At+1, e.Length
	return at
}

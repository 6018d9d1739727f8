package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// Restore is an experiment from its JSON, as far as it takes to find its runs among others and to judge them: nothing is built, so that
// data and plugins may be gone. Trials that are no longer in question (those of a search that halves or asks another program) count as
// variants of the file; those that a program chose are given, by the names of the problems.
func Restore(text []byte, proposed map[string][]Optimizer) (*Experiment, error) {
	e := &Experiment{document: &document{findings: &findings{}, source: newSource("", "", 0)}}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a run is known by its numbers as they are written
	if err := d.Decode(e); err != nil {
		return nil, err
	}
	_, e.folder = experimentName(e.File)
	e.Search = Search{}
	for _, w := range e.Workloads {
		w.Experiment, w.document = e, e.document
		restoreChoices(w.Choices)
		w.Optimizers = slices.DeleteFunc(w.Optimizers, func(o Optimizer) bool { return o.Space != nil })
		w.Optimizers = append(w.Optimizers, proposed[w.Name]...)
		for i := range w.Optimizers {
			o := &w.Optimizers[i]
			restoreChoices(o.Choices)
			o.restoreSchedules(nil)
			for j := range o.Groups {
				o.Groups[j].restoreSchedules(o.Hyperparameters)
			}
		}
	}
	e.nameFolders()
	return e, nil
}

// restoreChoices makes numbers of those that JSON has.
func restoreChoices(choices []Choice) {
	for i, c := range choices {
		if n, is := c.Value.(json.Number); is {
			if whole, err := n.Int64(); err == nil {
				choices[i].Value = whole
			} else if x, err := n.Float64(); err == nil {
				choices[i].Value = x
			}
		}
	}
}

// restoreSchedules finds the hyperparameters that follow schedules of their own: those whose values are tables, and not as for the rest of the
// tensors.
func (s *Settings) restoreSchedules(rest map[string]any) {
	s.scheduled = nil
	for _, name := range slices.Sorted(maps.Keys(s.Hyperparameters)) {
		if _, is := s.Hyperparameters[name].(map[string]any); is && !reflect.DeepEqual(s.Hyperparameters[name], rest[name]) {
			s.scheduled = append(s.scheduled, name)
		}
	}
}

package config

import (
	"errors"
	"fmt"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

func stopKeys(s *measure.Stop) keys {
	return keys{boolKey(&s.Target, "target", false, "a run ends where it reaches its target, with the status `finished`")}
}

func (w *Workload) plateauKeys(p *measure.Plateau) keys {
	return keys{
		w.measureKey(&p.Measure, "measure", "what is to get better").needed(`name one, such as measure = "validation_loss"`),
		integerKey(&p.Patience, "patience", 0, 1, unbounded, "how many evaluations of it in a row may bring nothing better").
			needed("write how many evaluations may bring nothing better, such as patience = 10"),
		numberKey(&p.MinDelta, "min_delta", 0, "[0,inf)", "what is better by no more does not count"),
		integerKey(&p.StartFromStep, "start_from_step", 0, 0, unbounded, "evaluations before this step do not count"),
	}
}

func (w *Workload) divergenceKeys(d *measure.Divergence) keys {
	return keys{
		w.measureKey(&d.Measure, "measure", "what is not to grow").needed(`name one, such as measure = "train_loss"`),
		numberKey(&d.Above, "above", 0, "(-inf,inf)", "a run in which it is more, or not a number, has diverged").or("required").
			needed("write the most that it may be, such as above = 1e6"),
	}
}

// measureKey is a measure that is judged while a run trains.
func (w *Workload) measureKey(m *measure.Measure, name, help string) key {
	return key{name: name, kind: "[measure](measures.md)", value: node{"type": "string"}, help: help, read: func(t *table, _ *key) {
		text := t.str(name, "")
		if _, is := t.keys[name].(string); is {
			if read, _, ok := w.online(t, text, t.place(name)); ok {
				*m = read
			}
		}
	}}
}

// stopNode is when a run ends before its budget.
func (w *Workload) stopNode() node {
	return append(stopKeys(&w.Stop),
		tableKey("plateau", w.plateauKeys(&measure.Plateau{}), "a measure that no longer gets better"),
		tableKey("divergence", w.divergenceKeys(&measure.Divergence{}), "a measure that grows beyond a limit"),
	).closed()
}

// readStop reads when runs end before their budget. The target was read before.
func (w *Workload) readStop(t *table) {
	w.stopPath = t.path
	if plateau, ok := t.sub("plateau"); ok {
		w.Stop.Plateau = &measure.Plateau{}
		plateau.read(w.plateauKeys(w.Stop.Plateau))
		if q, known := w.Stop.Plateau.Measure.Find(w.Quantities()); known && q.Better == record.Neither {
			t.fault(plateau.place("measure"), fmt.Sprintf("no value of %s is better than another", q.Name), "choose "+w.otherTargets(q))
		}
	}
	if divergence, ok := t.sub("divergence"); ok {
		w.Stop.Divergence = &measure.Divergence{}
		divergence.read(w.divergenceKeys(w.Stop.Divergence))
		if q, known := w.Stop.Divergence.Measure.Find(w.Quantities()); known && q.Better == record.More {
			t.fault(divergence.place("measure"), fmt.Sprintf("more of %s is better", q.Name), "choose what is not to grow, such as train_loss")
		} else if want, ok := measure.Limit(q, w.Stop.Divergence.Above); known && !ok {
			t.fault(divergence.place("above"), fmt.Sprintf("%s is never %v", q.Name, w.Stop.Divergence.Above), "choose "+want)
		}
	}
	t.read(stopKeys(&w.Stop))
	switch {
	case w.Stop.Target && w.targetPath == "":
		t.fault(t.place("target"), "there is no target to stop at", "add a table [target], such as train_loss = 0.1, or remove the key")
	case len(t.keys) == 0:
		t.fault(t.at(t.path), "[stop] is empty", "write target = true, plateau = { ... } or divergence = { ... }")
	}
}

// checkStop reports rules that the built problem cannot have.
func (w *Workload) checkStop() {
	check := func(path string, m measure.Measure) {
		if e, is := errors.AsType[*measure.Error](m.Check(w.Setting())); is && m.Quantity != "" { // else it was reported
			w.Fault(path, e.Message, e.Remedy)
		}
	}
	if p := w.Stop.Plateau; p != nil {
		check(w.stopPath+".plateau.measure", p.Measure)
	}
	if d := w.Stop.Divergence; d != nil {
		check(w.stopPath+".divergence.measure", d.Measure)
	}
}

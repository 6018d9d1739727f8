package config

import (
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/model"
)

// diagnoseKeys are those of a table [[diagnose]] of some kind.
func diagnoseKeys(c *diagnose.Chosen, k *diagnose.Kind) keys {
	named := key{name: "name", kind: "string", value: node{"enum": []string{k.Name}}, help: "which it is", read: func(t *table, _ *key) { t.lookup("name") }}
	c.Settings = model.Settings{}
	list := append(keys{named, integerKey(&c.At.Epochs, "epochs", 0, 1, unbounded, "epochs from one measurement to the next")},
		pointKeys(&c.At.Points, "measurement")...)
	return append(list, settingKeys(k.Keys, c.Settings, false, nil)...)
}

// readDiagnose reads what is measured beyond the standard quantities.
func (e *Experiment) readDiagnose(t *table) {
	names := diagnose.Kinds.Names()
	for _, sub := range t.subs("diagnose") {
		sub.required("name", fmt.Sprintf("add name = %q or another of %s", names[0], quoted(names[1:])))
		k, ok := diagnose.Kinds.Find(sub.choice("name", "", names))
		if !ok {
			continue // no other key can be judged
		}
		c := diagnose.Chosen{Name: k.Name}
		sub.read(diagnoseKeys(&c, k))
		switch {
		case slices.ContainsFunc(e.Diagnose, func(o diagnose.Chosen) bool { return o.Name == c.Name }):
			sub.fault(sub.place("name"), fmt.Sprintf("%q is measured already", c.Name), "keep one of the two tables")
			continue
		case c.At.Epochs > 0 && !c.At.All():
			sub.fault(sub.place("epochs"), "epochs, every, per_decade and steps exclude each other", "keep one of them")
		}
		e.Diagnose, e.diagnosePaths = append(e.Diagnose, c), append(e.diagnosePaths, sub.path)
	}
}

// checkDiagnose reports diagnostics that cannot be measured of any problem, and warns of those that cannot be measured of some.
func (e *Experiment) checkDiagnose() {
	for i, c := range e.Diagnose {
		k := c.Kind()
		if k.Refuses == nil {
			continue
		}
		built, refused, first := 0, 0, ""
		remedy := ""
		for _, w := range e.Workloads {
			if w.Built == nil {
				continue
			}
			built++
			if message, how := k.Refuses(c.Settings, w.Built); message != "" {
				if refused++; refused == 1 {
					first, remedy = message, how
				}
				if len(e.Workloads) > 1 {
					e.warnDiagnose(i, w, message)
				}
			}
		}
		if built > 0 && refused == built {
			e.Fault(e.diagnosePaths[i], fmt.Sprintf("%s cannot be measured: %s", c.Name, first), remedy)
		}
	}
}

func (e *Experiment) warnDiagnose(i int, w *Workload, message string) {
	e.Warn(e.diagnosePaths[i], fmt.Sprintf("%s is not measured on %s: %s", e.Diagnose[i].Name, w.Name, message), "leave it, if that is meant")
}

// diagnoseNode is [[diagnose]].
func diagnoseNode() node {
	name := key{name: "name", kind: "string", value: node{"enum": diagnose.Kinds.Names()}, help: "which it is"}.needed("name it")
	var sorts []sort
	for _, k := range diagnose.Kinds {
		sorts = append(sorts, sort{[]string{k.Name}, diagnoseKeys(&diagnose.Chosen{}, k).object()})
	}
	return keys{name}.sorted(sorts)
}

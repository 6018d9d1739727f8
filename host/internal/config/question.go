package config

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// questions are what plugins are to judge: each configuration once, however many variants and problems have it.
type questions struct {
	all   []*question
	known map[string]*question // by plugin and values
	asked []occasion
}

type question struct {
	plugin string
	values map[string]*v1.Value

	diagnostics []*v1.Diagnostic
	err         error
}

// occasion is a table that a question is about.
type occasion struct {
	*question
	w            *Workload
	plugin, path string // of the key that names the plugin, and of the hyperparameters
}

func (q *questions) add(w *Workload, plugin, at string, s *Settings) {
	var key strings.Builder
	key.WriteString(plugin)
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		key.WriteString("\x00" + name + "\x00" + proto.FormatValue(s.values[name]))
	}
	known := q.known[key.String()]
	if known == nil {
		if q.known == nil {
			q.known = map[string]*question{}
		}
		known = &question{plugin: plugin, values: s.values}
		q.known[key.String()] = known
		q.all = append(q.all, known)
	}
	q.asked = append(q.asked, occasion{known, w, at, s.path})
}

// ask gets the answers, several at once.
func (q *questions) ask(validate func(plugin string, values map[string]*v1.Value) ([]*v1.Diagnostic, error)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(2*runtime.GOMAXPROCS(0), len(q.all)) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(q.all)); i = next.Add(1) - 1 {
				x := q.all[i]
				x.diagnostics, x.err = validate(x.plugin, x.values)
			}
		})
	}
	group.Wait()
}

// report keeps what plugins find wrong, each at the places that it is about.
func (q *questions) report() {
	for _, x := range q.asked {
		if x.err != nil {
			x.w.Fault(x.plugin, x.err.Error(), "this is a fault of the plugin; report it to its author")
		}
		for _, d := range x.diagnostics {
			x.w.Fault(join(x.path, d.Hyperparameter), d.Message, d.Remedy)
		}
	}
}

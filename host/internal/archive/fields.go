package archive

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/query"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// field is something that conditions can be about.
type field struct {
	name string
	of   func(*store.Results, *store.Record) []string
}

// list are the fields that every run has, in the order in which they are shown.
var list = []field{
	{"experiment", func(x *store.Results, _ *store.Record) []string { return []string{x.Name, filepath.Base(x.Dir)} }},
	{"run", func(_ *store.Results, r *store.Record) []string { return []string{filepath.Base(r.Dir), r.Run} }},
	{"problem", func(_ *store.Results, r *store.Record) []string { return []string{r.ProblemName(), r.Problem.Kind} }},
	{"optimizer", func(_ *store.Results, r *store.Record) []string {
		return append([]string{r.Optimizer.Name, r.Optimizer.Base}, r.Optimizer.Plugins()...)
	}},
	{"plugin", func(_ *store.Results, r *store.Record) []string { return r.Optimizer.Plugins() }},
	{"seed", func(_ *store.Results, r *store.Record) []string { return []string{strconv.FormatUint(r.Seed, 10)} }},
	{"status", func(_ *store.Results, r *store.Record) []string { return []string{Status(r)} }},
	{"steps", func(_ *store.Results, r *store.Record) []string { return []string{strconv.Itoa(r.Outcome.Steps)} }},
	{"tag", func(x *store.Results, _ *store.Record) []string { return x.Tags }},
	{"identity", func(_ *store.Results, r *store.Record) []string {
		return []string{r.Identity, r.Identity[:min(len(r.Identity), store.IdentityDigits)]}
	}},
	{"started", func(_ *store.Results, r *store.Record) []string {
		return []string{r.Started.UTC().Format(time.RFC3339)}
	}},
	{"wall_seconds", func(_ *store.Results, r *store.Record) []string {
		return []string{strconv.FormatFloat(r.Outcome.Wall.Seconds(), 'g', -1, 64)}
	}},
	{"steps_to_target", func(_ *store.Results, r *store.Record) []string {
		switch {
		case r.Outcome.StepsToTarget >= 0:
			return []string{strconv.Itoa(r.Outcome.StepsToTarget)}
		case r.Target != nil && r.Status.Ended():
			return []string{"+Inf"} // it never will
		}
		return nil
	}},
}

// unfinished is the status of a run that is not over.
const unfinished = "unfinished"

// statuses are all that a run can have.
var statuses = []string{string(record.Finished), string(record.Diverged), string(record.Stopped), string(record.Pruned), string(record.Failed),
	string(record.Interrupted), string(record.Paused), unfinished}

// Status is how a run ended, or that it did not.
func Status(r *store.Record) string {
	if r.Status == "" {
		return unfinished
	}
	return string(r.Status)
}

// fields is what is known of a run: those of the list, its hyperparameters, what it ended with (train_loss), and the keys of its problem
// (problem.batch).
func fields(x *store.Results, r *store.Record) query.Fields {
	return func(name string) []string {
		for _, f := range list {
			if f.name == name {
				return f.of(x, r)
			}
		}
		short := strings.TrimPrefix(name, "optimizer.")
		if v, known := r.Optimizer.Hyperparameters[short]; known {
			return []string{Text(v)}
		}
		if number, measured := r.Outcome.Final.Of(strings.TrimPrefix(name, finalPrefix)).Get(); measured {
			return []string{strconv.FormatFloat(number, 'g', -1, 64)}
		}
		if path, is := strings.CutPrefix(name, problemKey); is {
			return inside(r.Problem, cmp.Or(written[path], path))
		}
		return nil
	}
}

// finalPrefix may stand before what a run ended with, as in JSON.
const finalPrefix = "final_"

// problemKey stands before keys of a problem.
const problemKey = "problem."

// written are keys of [problem] which a record has elsewhere.
var written = map[string]string{"batch": "batches.sizes"}

// Names are those of all fields of a run, and of the keys of its problem those at the top.
func Names(r *store.Record) (names []string) {
	for _, f := range list {
		names = append(names, f.name)
	}
	names = append(names, slices.Sorted(maps.Keys(r.Optimizer.Hyperparameters))...)
	names = append(names, r.Outcome.Final.Names()...)
	keys := slices.Collect(maps.Keys(written))
	if b, err := json.Marshal(r.Problem); err == nil {
		var all map[string]any
		if json.Unmarshal(b, &all) == nil {
			keys = slices.AppendSeq(keys, maps.Keys(all))
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		names = append(names, problemKey+key)
	}
	return names
}

// inside is the value at a path in something as JSON has it: of a list the whole, and each of its values.
func inside(v any, path string) []string {
	b, err := json.Marshal(v)
	var at any
	if err != nil || json.Unmarshal(b, &at) != nil {
		return nil
	}
	for key := range strings.SplitSeq(path, ".") {
		keys, ok := at.(map[string]any)
		if !ok || keys[key] == nil {
			return nil
		}
		at = keys[key]
	}
	texts := []string{Text(at)}
	if values, is := at.([]any); is {
		for _, v := range values {
			texts = append(texts, Text(v))
		}
	}
	return texts
}

// Text is a value as it is written.
func Text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case map[string]any, []any:
		b, _ := json.Marshal(v) // it came from JSON
		return string(b)
	}
	return fmt.Sprint(v)
}

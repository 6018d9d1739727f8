// Package archive is about results as a whole: which there are, which of their runs a condition holds of, and what becomes of them.
package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/query"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/proto"
)

// Found are results with those of their runs that were looked for.
type Found struct {
	*store.Results
	Chosen []*store.Record
}

// Find looks for runs in folders: results, the folder of one run, or folders that have results in them. A run is chosen if the condition
// holds of it. Names in the condition of which nothing is known of any run are an error.
func Find(ctx context.Context, folders []string, q query.Query) ([]Found, error) {
	var found []Found
	seen := map[string]bool{}
	add := func(dir, run string) error {
		if seen[dir] && run == "" {
			return nil
		}
		results, err := store.List(ctx, dir)
		if err != nil {
			return err
		}
		seen[dir] = true
		f := Found{Results: results}
		for _, r := range results.Records {
			if (run == "" || filepath.Base(r.Dir) == run) && q.Match(fields(results, r)) {
				f.Chosen = append(f.Chosen, r)
			}
		}
		found = append(found, f)
		return nil
	}
	for _, folder := range folders {
		folder = filepath.Clean(folder)
		inside, err := os.ReadDir(folder)
		if err != nil {
			return nil, fmt.Errorf("there is no folder %s; name results, such as runs/quickstart, or a folder that has some", folder)
		}
		if isRun(inside) {
			if err := add(filepath.Dir(folder), filepath.Base(folder)); err != nil {
				return nil, err
			}
			continue
		}
		if err := add(folder, ""); err == nil || !errors.Is(err, fs.ErrNotExist) {
			if err != nil {
				return nil, err
			}
			continue
		}
		any := false
		for _, f := range inside {
			if !f.IsDir() || strings.HasPrefix(f.Name(), ".") {
				continue
			}
			switch err := add(filepath.Join(folder, f.Name()), ""); {
			case err == nil:
				any = true
			case !errors.Is(err, fs.ErrNotExist):
				return nil, err
			}
		}
		if !any {
			return nil, fmt.Errorf("%s has no results in it", folder)
		}
	}
	return found, unknown(found, q)
}

// isRun tells whether a folder is that of a run.
func isRun(files []fs.DirEntry) bool {
	return slices.ContainsFunc(files, func(f fs.DirEntry) bool {
		return f.Name() == store.RunFile || f.Name() == store.ManifestFile || strings.HasPrefix(f.Name(), "attempt-")
	})
}

// unknown is an error if a condition asks for what nothing is known of.
func unknown(found []Found, q query.Query) error {
	var names []string
	for _, name := range q.Names() {
		known, any := false, false
		for _, f := range found {
			for _, r := range f.Records {
				any = true
				known = known || len(fields(f.Results, r)(name)) > 0
			}
		}
		if any && !known {
			for _, f := range found {
				for _, r := range f.Records {
					for _, other := range Names(r) {
						if other != name && !slices.Contains(names, other) {
							names = append(names, other)
						}
					}
				}
			}
			return fmt.Errorf("no run has a %s; %s", name, proto.DidYouMean(name, names))
		}
	}
	for _, c := range q.Comparisons() {
		if err := suits(found, c); err != nil {
			return err
		}
	}
	return nil
}

// suits is an error if something is compared with what it can never be: numbers with a text, or a status with none.
func suits(found []Found, c query.Comparison) error {
	if c.Operator == "~" {
		return nil
	}
	if c.Name == "status" {
		if !slices.Contains(statuses, c.Value) {
			return fmt.Errorf("there is no status %q; %s", c.Value, proto.DidYouMean(c.Value, statuses))
		}
		return nil
	}
	if isNumber(c.Value) {
		return nil
	}
	var example string
	for _, f := range found {
		for _, r := range f.Records {
			for _, x := range fields(f.Results, r)(c.Name) {
				if !isNumber(x) {
					return nil
				}
				if x != "+Inf" || example == "" {
					example = x
				}
			}
		}
	}
	if example == "" {
		return nil
	}
	return fmt.Errorf("%s is a number, such as %s, and %q is none; write one without a unit", c.Name, example, c.Value)
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

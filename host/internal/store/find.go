package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/plan"
)

// Runs is the folder for results where the user names none.
const Runs = "runs"

// find returns the folder, of those in parent, with the results of an experiment, empty if there is none: of one that asks for the same;
// else of an earlier version of the same file; else of a file that is gone, if they have one of its runs. What the folder is called does
// not matter. Of several it is the one that has runs of the experiment, or was begun last.
func find(parent string, asked plan.Plan) (string, error) {
	type candidate struct {
		dir   string
		began time.Time
		rank  int
	}
	var all []candidate
	hash := ConfigHash(asked.Experiment)
	folders, err := os.ReadDir(parent)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, folder := range folders {
		dir := filepath.Join(parent, folder.Name())
		o, ok := originOf(dir)
		if !ok || strings.HasPrefix(folder.Name(), ".") {
			continue
		}
		same, sameFile := slices.Contains(o.hashes, hash), samePath(o.Experiment.File, asked.File)
		switch {
		case same && sameFile:
			all = append(all, candidate{dir, o.Began, 0})
		case same:
			all = append(all, candidate{dir, o.Began, 1})
		case sameFile:
			all = append(all, candidate{dir, o.Began, 2})
		case !exists(o.Experiment.File) && shares(dir, asked.Jobs):
			all = append(all, candidate{dir, o.Began, 3})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return b.began.Compare(a.began)
	})
	for _, c := range all {
		if shares(c.dir, asked.Jobs) {
			return c.dir, nil
		}
	}
	if len(all) > 0 {
		return all[0].dir, nil
	}
	return "", nil
}

// shares tells whether a folder has one of the runs.
func shares(dir string, jobs []plan.Job) bool {
	names, err := runsIn(dir, jobs)
	return err == nil && slices.ContainsFunc(names, func(name string) bool { return name != "" })
}

// samePath tells whether two paths, as they were given in this folder, are one file's.
func samePath(a, b string) bool {
	x, err1 := filepath.Abs(a)
	y, err2 := filepath.Abs(b)
	return err1 == nil && err2 == nil && x == y
}

// named is the name of a run's folder, which ends with the beginning of its identity.
var named = regexp.MustCompile(`-([0-9a-f]{12})$`)

// runsIn finds the folders of runs, by the jobs' order; empty of those that were not begun. A run is known by its identity, whatever its
// folder is called: most names say it, and of the others the records do.
func runsIn(dir string, jobs []plan.Job) ([]string, error) {
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	there, by := map[string]bool{}, map[string][]string{}
	var others []string
	for _, folder := range folders {
		name := folder.Name()
		switch m := named.FindStringSubmatch(name); {
		case strings.HasPrefix(name, ".") || folder.Type().IsRegular():
		case m != nil:
			there[name] = true
			by[m[1]] = append(by[m[1]], name)
		default:
			others = append(others, name)
		}
	}
	names, left := make([]string, len(jobs)), false
	taken := map[string]bool{}
	for i, j := range jobs {
		if name := FolderOf(j); there[name] && !taken[name] {
			names[i], taken[name] = name, true
		}
	}
	for i, j := range jobs {
		if names[i] != "" || len(j.Identity) < IdentityDigits {
			continue
		}
		for _, name := range by[j.Identity[:IdentityDigits]] {
			if names[i] == "" && !taken[name] && identityOf(filepath.Join(dir, name)) == j.Identity {
				names[i], taken[name] = name, true
			}
		}
		left = left || names[i] == ""
	}
	if !left || len(others) == 0 {
		return names, nil
	}
	identities := map[string][]string{}
	for _, name := range others {
		if id := identityOf(filepath.Join(dir, name)); id != "" {
			identities[id] = append(identities[id], name)
		}
	}
	for i, j := range jobs {
		if same := identities[j.Identity]; names[i] == "" && len(same) > 0 {
			names[i] = same[0]
			if at := slices.Index(same, j.ID); at >= 0 { // as an earlier version called it
				names[i] = same[at]
			}
			identities[j.Identity] = slices.DeleteFunc(same, func(name string) bool { return name == names[i] })
		}
	}
	return names, nil
}

// identityOf is that of the run in a folder, empty if it has none that can be read.
func identityOf(dir string) string {
	s, err := stand(dir)
	if err != nil || s.begun == nil {
		return ""
	}
	return s.begun.Identity
}

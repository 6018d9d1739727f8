package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/regular"
)

// ExperimentFile has the experiment whose results are in a folder. It is there before the first run begins.
const ExperimentFile = "experiment.json"

// begun is the content of an ExperimentFile.
type begun struct {
	ID         string    `json:"id,omitempty"` // drawn for the first experiment in a folder: moved or renamed, it is the same
	Began      time.Time `json:"began"`
	Again      time.Time `json:"again,omitzero"` // when it was asked for again, after another that is in the folder too
	ConfigHash string    `json:"config_hash"`
	File       string    `json:"file,omitempty"` // absolute
	Experiment any       `json:"experiment"`
	// Deterministic are the problems of which nothing follows from the seed of a run, by their names.
	Deterministic []string `json:"deterministic,omitempty"`
	// Warnings are what the experiment asks for that is hardly meant; see [config.Experiment.Warnings].
	Warnings []config.Diagnostic `json:"warnings,omitempty"`
}

// keep puts an experiment beside its runs, unless it is there. Beside that of others it has a name by its hash. Programs that do so at
// once do not disturb each other.
func (f *Folder) keep(b begun) error {
	path := filepath.Join(f.Dir, ExperimentFile)
	o, err := readOrigin(path)
	if errors.Is(err, fs.ErrNotExist) {
		b.ID, b.Began = NewExecution()+NewExecution(), f.began
		switch err := f.putNew(path, b); {
		case err == nil:
			f.kept = append(f.kept, path)
			return nil
		case !errors.Is(err, fs.ErrExist):
			return err
		}
		o, err = readOrigin(path)
	}
	if err == nil && o.ConfigHash == b.ConfigHash {
		if o.recorded == b.ConfigHash {
			return nil
		}
		b.ID, b.Began, b.File, b.Experiment = o.ID, o.Began, o.Experiment.File, o.whole // an earlier version took the hash in another way
		return atomicfile.WriteJSON(path, b)
	}
	path = filepath.Join(f.Dir, "experiment-"+b.ConfigHash+".json")
	if o, err := readOrigin(path); err == nil && o.ConfigHash == b.ConfigHash {
		return nil
	}
	f.kept = append(f.kept, path)
	return atomicfile.WriteJSON(path, b) // whoever does so at once writes the same
}

// putNew writes a file, whole, unless there is one of its name.
func (f *Folder) putNew(path string, v any) error {
	half := fmt.Sprintf("%s.%016x", path, rand.Uint64())
	if err := atomicfile.WriteJSON(half, v); err != nil {
		return err
	}
	err := os.Link(half, path)
	if isUnsupported(err) {
		err = copyNew(half, path)
	}
	return errors.Join(err, os.Remove(half))
}

// keepAsked keeps the experiment whose runs are to begin.
func (f *Folder) keepAsked() error {
	file, err := filepath.Abs(f.asked.File)
	if err != nil {
		return err
	}
	b := begun{Began: time.Now().UTC(), ConfigHash: f.hash, File: file, Experiment: f.asked.Experiment, Warnings: f.asked.Warnings()}
	for _, w := range f.asked.Workloads {
		if !w.Random {
			b.Deterministic = append(b.Deterministic, w.Name)
		}
	}
	if err := f.keep(b); err != nil {
		return err
	}
	return f.askAgain()
}

// askAgain makes the experiment the one that was asked for last in the folder, if another was since.
func (f *Folder) askAgain() error {
	files, err := experimentFiles(f.Dir)
	if err != nil {
		return err
	}
	own, last := "", ""
	var lastAsked time.Time
	for _, path := range files {
		o, err := readOrigin(path)
		if err != nil || o.whole == nil {
			continue
		}
		if o.ConfigHash == f.hash {
			own = path
		}
		if !o.asked().Before(lastAsked) {
			last, lastAsked = path, o.asked()
		}
	}
	if own == "" || own == last {
		return nil
	}
	text, err := regular.ReadFile(own, mostJSON)
	if err != nil {
		return err
	}
	b := begun{Experiment: new(json.RawMessage)}
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	b.Again = time.Now().UTC()
	return atomicfile.WriteJSON(own, b)
}

// experimentFiles are the files of the experiments whose results are in a folder.
func experimentFiles(dir string) (paths []string, err error) {
	files, err := os.ReadDir(dir)
	for _, f := range files {
		if f.Name() == ExperimentFile || another.MatchString(f.Name()) {
			paths = append(paths, filepath.Join(dir, f.Name()))
		}
	}
	return paths, err
}

// keepEarlier keeps the experiments that manifests of an earlier version hold, the first first: they are about to be written anew.
func (f *Folder) keepEarlier(all []*begun) error {
	slices.SortFunc(all, func(a, b *begun) int { return a.Began.Compare(b.Began) })
	for _, b := range all {
		if err := f.keep(*b); err != nil {
			return err
		}
	}
	return nil
}

// origin is which experiment began in a folder.
type origin struct {
	ID         string
	Began      time.Time
	Again      time.Time // see begun
	ConfigHash string
	Experiment Reference
	hashes     []string // of all experiments in the folder

	whole    json.RawMessage // the experiment
	recorded string          // as its hash, maybe by an earlier version

	deterministic []string // see begun
}

// asked is when the experiment was asked for last.
func (o origin) asked() time.Time {
	if o.Again.After(o.Began) {
		return o.Again
	}
	return o.Began
}

func readOrigin(path string) (o origin, err error) {
	text, err := regular.ReadFile(path, mostJSON)
	if err != nil {
		return o, err
	}
	var file struct {
		ID            string          `json:"id"`
		Began         time.Time       `json:"began"`
		Again         time.Time       `json:"again"`
		ConfigHash    string          `json:"config_hash"`
		File          string          `json:"file"`
		Experiment    json.RawMessage `json:"experiment"`
		Deterministic []string        `json:"deterministic"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return o, err
	}
	o.ID, o.Began, o.ConfigHash, o.whole, o.recorded = file.ID, file.Began, hashOf(file.Experiment), file.Experiment, file.ConfigHash
	o.Again, o.deterministic = file.Again, file.Deterministic
	if err = json.Unmarshal(file.Experiment, &o.Experiment); err == nil && o.Experiment.File == "" {
		err = errors.New("it names no experiment")
	}
	if file.File != "" {
		o.Experiment.File = file.File
	}
	return o, err
}

// another is the name of the file of an experiment beside the first.
var another = regexp.MustCompile(`^experiment-([0-9a-f]{12})\.json$`)

// originOf reads which experiment the results in a folder are of; ok is false if it has none.
func originOf(dir string) (o origin, ok bool) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return o, false
	}
	var hashes []string
	for _, file := range files {
		if m := another.FindStringSubmatch(file.Name()); m != nil {
			hashes = append(hashes, m[1])
		}
	}
	o, err = readOrigin(filepath.Join(dir, ExperimentFile))
	if ok = err == nil; !ok { // of an earlier version, or that file is damaged
		for _, file := range files {
			s, err := stand(filepath.Join(dir, file.Name()))
			if err != nil || s.begun == nil {
				continue
			}
			if m := s.begun; !ok || m.Started.Before(o.Began) {
				o, ok = origin{Began: m.Started, ConfigHash: m.ConfigHash, Experiment: m.Experiment}, true
			}
		}
	}
	o.hashes = append(hashes, o.ConfigHash)
	return o, ok
}

package store

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
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
	Began      time.Time `json:"began"`
	ConfigHash string    `json:"config_hash"`
	Experiment any       `json:"experiment"`
	// Warnings are what the experiment asks for that is hardly meant; see [config.Experiment.Warnings].
	Warnings []config.Diagnostic `json:"warnings,omitempty"`
}

// keep puts an experiment beside its runs, unless it is there. Beside that of others it has a name by its hash.
func (f *Folder) keep(b begun) error {
	path := filepath.Join(f.Dir, ExperimentFile)
	switch o, err := readOrigin(path); {
	case err == nil && o.ConfigHash == b.ConfigHash:
		if o.recorded == b.ConfigHash {
			return nil
		}
		b.Began, b.Experiment = o.Began, o.whole // an earlier version took the hash in another way
		return atomicfile.WriteJSON(path, b)
	case errors.Is(err, fs.ErrNotExist):
		b.Began = f.began
	default:
		path = filepath.Join(f.Dir, "experiment-"+b.ConfigHash+".json")
		if o, err := readOrigin(path); err == nil && o.ConfigHash == b.ConfigHash {
			return nil
		}
	}
	f.kept = append(f.kept, path)
	return atomicfile.WriteJSON(path, b)
}

// keepAsked keeps the experiment whose runs are to begin.
func (f *Folder) keepAsked() error {
	return f.keep(begun{time.Now().UTC(), f.hash, f.asked.Experiment, f.asked.Warnings()})
}

// keepEarlier keeps the experiments that manifests of an earlier version hold, the first first: they are about to be written anew.
func (f *Folder) keepEarlier(found map[string]*Manifest) error {
	all := slices.SortedFunc(maps.Values(found), func(a, b *Manifest) int { return a.Started.Compare(b.Started) })
	for _, m := range all {
		if m.whole != nil {
			if err := f.keep(*m.whole); err != nil {
				return err
			}
		}
	}
	return nil
}

// origin is which experiment began in a folder.
type origin struct {
	Began      time.Time
	ConfigHash string
	Experiment Reference

	whole    json.RawMessage // the experiment
	recorded string          // as its hash, maybe by an earlier version
}

func readOrigin(path string) (o origin, err error) {
	text, err := regular.ReadFile(path, mostJSON)
	if err != nil {
		return o, err
	}
	var file struct {
		Began      time.Time       `json:"began"`
		ConfigHash string          `json:"config_hash"`
		Experiment json.RawMessage `json:"experiment"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return o, err
	}
	o.Began, o.ConfigHash, o.whole, o.recorded = file.Began, hashOf(file.Experiment), file.Experiment, file.ConfigHash
	if err = json.Unmarshal(file.Experiment, &o.Experiment); err == nil && o.Experiment.File == "" {
		err = errors.New("it names no experiment")
	}
	return o, err
}

// originOf reads which experiment the results in a folder are of; ok is false if it has none.
func originOf(dir string) (o origin, ok bool) {
	if o, err := readOrigin(filepath.Join(dir, ExperimentFile)); err == nil {
		return o, true
	}
	found, _, err := manifests(dir) // of an earlier version, or that file is damaged
	if err != nil {
		return o, false
	}
	for _, m := range found {
		if !ok || m.Started.Before(o.Began) {
			o, ok = origin{Began: m.Started, ConfigHash: m.ConfigHash, Experiment: m.Experiment}, true
		}
	}
	return o, ok
}

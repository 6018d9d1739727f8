package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/regular"
)

// StudiesFile says what the last experiment in a folder that tuned chose, and has the whole curve of its trials. It follows from the runs:
// whoever goes on with the experiment writes it again.
const StudiesFile = "tuning.json"

// Study are the trials of an optimizer on a problem, of which one is chosen.
type Study struct {
	Problem   string   `json:"problem,omitempty"`
	Optimizer string   `json:"optimizer"`
	Number    int      `json:"study,omitempty"` // where there are several
	Measure   string   `json:"measure"`
	Chosen    *Trial   `json:"chosen"` // null if none is
	Edge      []string `json:"edge,omitempty"`
	Trials    []Trial  `json:"trials"`
}

// Trial is one choice of values.
type Trial struct {
	Optimizer string          `json:"optimizer"`
	Choices   []config.Choice `json:"choices"`
	Seeds     []uint64        `json:"seeds"`
	Steps     *int            `json:"steps,omitempty"` // that each of its runs was to make; not known of a budget of time
	Made      int             `json:"steps_made"`      // in all of them together
	State     string          `json:"state"`           // of the value, as package measure names it
	Value     *Float          `json:"value,omitempty"`
}

// NewStudies are studies as they are written.
func NewStudies(p plan.Plan, studies []plan.Study) (all []Study) {
	for _, of := range studies {
		s := Study{Problem: of.Problem, Optimizer: of.Base, Number: of.Number, Measure: p.Judge(), Edge: of.Edge}
		if best, ok := of.Best(); ok {
			chosen := newTrial(best)
			s.Chosen = &chosen
		}
		for _, t := range of.Trials {
			s.Trials = append(s.Trials, newTrial(t))
		}
		all = append(all, s)
	}
	return all
}

func newTrial(of plan.Trial) Trial {
	t := Trial{Optimizer: of.Name, Choices: of.Choices, Seeds: of.Seeds, Made: of.Made, State: of.Value.State().String()}
	if of.Steps < config.MaxSteps {
		t.Steps = &of.Steps
	}
	if x, measured := of.Value.Number(); measured {
		f := Float(x)
		t.Value = &f
	}
	return t
}

// KeepStudies writes what was chosen beside the runs, if there was anything to choose and all of it is decided.
func (f *Folder) KeepStudies(studies []plan.Study) error {
	if len(studies) == 0 || slices.ContainsFunc(studies, func(s plan.Study) bool { return !s.Decided }) {
		return nil
	}
	all := NewStudies(f.asked, studies)
	path := filepath.Join(f.Dir, StudiesFile)
	text, err := json.MarshalIndent(all, "", "  ")
	if there, e := regular.ReadFile(path, mostJSON); err != nil || e == nil && bytes.Equal(bytes.TrimSpace(there), text) {
		return err
	}
	return atomicfile.WriteJSON(path, all)
}

// Studies are what was chosen, none if nothing was.
func (r *Results) Studies() (all []Study, err error) {
	text, err := regular.ReadFile(filepath.Join(r.Dir, StudiesFile), mostJSON)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	return all, err
}

// ReadStudies are what was chosen last in a results folder; none if nothing was.
func ReadStudies(dir string) (all []Study, err error) {
	text, err := regular.ReadFile(filepath.Join(dir, StudiesFile), mostJSON)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	return all, err
}

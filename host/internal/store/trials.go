package store

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/steepest/steepest/host/internal/config"
)

// Proposed are the trials of which the folder has a run whose values another program chose, by the name of the problem.
func (f *Folder) Proposed() (trials map[string][]config.Optimizer, err error) {
	folders, err := os.ReadDir(f.Dir)
	if err != nil {
		return nil, err
	}
	trials = map[string][]config.Optimizer{}
	for _, folder := range folders {
		if strings.HasPrefix(folder.Name(), ".") || !folder.IsDir() {
			continue
		}
		s, err := stand(filepath.Join(f.Dir, folder.Name()))
		if err != nil || s.begun == nil || !s.begun.Optimizer.Proposed {
			continue
		}
		o := s.begun.Optimizer
		for i, c := range o.Choices { // numbers were read as they are written
			text, err := json.Marshal(c.Value)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(text, &o.Choices[i].Value); err != nil {
				return nil, err
			}
		}
		trials[s.begun.Called] = append(trials[s.begun.Called], o)
	}
	return trials, nil
}

package store

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/steepest/steepest/host/internal/regular"
)

// tagsOf are the tags of the experiments whose results are in a folder, by the hashes that their runs have. What cannot be read has none.
func tagsOf(dir string) map[string][]string {
	all := map[string][]string{}
	files, err := os.ReadDir(dir)
	if err != nil {
		return all
	}
	for _, file := range files {
		if file.Name() != ExperimentFile && !another.MatchString(file.Name()) {
			continue
		}
		var e struct {
			ConfigHash string `json:"config_hash"`
			Experiment struct {
				Tags []string `json:"tags"`
			} `json:"experiment"`
		}
		b, err := regular.ReadFile(filepath.Join(dir, file.Name()), mostJSON)
		if err == nil && json.Unmarshal(b, &e) == nil && len(e.Experiment.Tags) > 0 {
			all[e.ConfigHash] = e.Experiment.Tags
		}
	}
	return all
}

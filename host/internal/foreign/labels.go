package foreign

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// seeded is a name that ends with a seed, as folders of runs do: adam-seed3, adam_seed=3, adam/seed3, adam-seed3-0123456789ab.
var seeded = regexp.MustCompile(`^(.*?)[-_ ./\\]*seed[-_=]?([0-9]+)(-[0-9a-f]{12})?$`)

// Label is the optimizer's name and the seed that a curve's name tells; the seed is 0 if it tells none.
func (c *Curve) Label() (optimizer string, seed uint64) {
	name := filepath.ToSlash(c.Name)
	m := seeded.FindStringSubmatch(name)
	if m == nil || m[1] == "" {
		return name, 0
	}
	seed, err := strconv.ParseUint(m[2], 10, 64)
	if err != nil {
		return name, 0
	}
	return m[1], seed
}

// ParseHyperparameters reads KEY=VALUE. A value is a bool, an int64, a float64 or a text, as in an experiment file.
func ParseHyperparameters(texts []string) (map[string]any, error) {
	all := map[string]any{}
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" || value == "" {
			return nil, fmt.Errorf("--hyperparameter %q is not KEY=VALUE; write it like --hyperparameter lr=0.1", text)
		}
		if _, twice := all[key]; twice {
			return nil, fmt.Errorf("--hyperparameter %s is given twice", key)
		}
		all[key] = parseValue(value)
	}
	return all, nil
}

func parseValue(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil && x-x == 0 {
		return x
	}
	switch text {
	case "true":
		return true
	case "false":
		return false
	}
	return text
}

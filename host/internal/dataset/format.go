package dataset

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/registry"
)

// format is a format of files. Each has a file of its own.
type format struct {
	name    string
	title   string // in a sentence
	endings []string
	named   func(name string) bool // of a file without one of the endings of any format; nil if its name cannot tell
	scaling Scaling                // what suits the features when nobody says

	// table reads features and targets from one file; array reads either, each from its own. One of them is nil.
	table func(*file, Files) (table, error)
	array func(*file) (*array, error)
}

func (f *format) String() string { return f.name }

// formats are in the order of the manual.
var formats = registry.List[*format]{&csvFormat, &libsvmFormat, &idxFormat, &npyFormat}

// Formats are the names of the formats of files.
var Formats = formats.Names()

// FormatTitles lists the formats in a sentence.
func FormatTitles() string {
	var titles []string
	for _, f := range formats {
		titles = append(titles, f.title)
	}
	return registry.Sentence(titles, "or")
}

func findFormat(name string) *format {
	if f, ok := formats.Find(name); ok {
		return f
	}
	return &format{}
}

// FormatOf tells a file's format from its name; "" if the name does not tell.
func FormatOf(name string) string {
	name = strings.TrimSuffix(strings.ToLower(filepath.Base(name)), ".gz")
	for _, f := range formats {
		if slices.Contains(f.endings, filepath.Ext(name)) {
			return f.name
		}
	}
	for _, f := range formats {
		if f.named != nil && f.named(name) {
			return f.name
		}
	}
	return ""
}

// HasTargets tells whether a file of the format holds targets beside features.
func HasTargets(format string) bool { return findFormat(format).table != nil }

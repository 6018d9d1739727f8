package picture

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/registry"
)

// Files are those of figures: how their names begin and end.
type Files struct {
	Format     string
	base, ends string
}

// FilesOf are files with the name that is given, which says the format too; or in the folder that is given, which is there or ends with a
// slash; or, if none is given, here. There they are called name. Where says what a relative path means.
func FilesOf(given, format, name string, where func(string) string) (Files, error) {
	ends := filepath.Ext(given)
	switch info, err := os.Stat(where(given)); {
	case given == "" || given == "-":
		ends, given = "", name
	case os.IsPathSeparator(given[len(given)-1]):
		if err := os.MkdirAll(where(given), 0o777); err != nil {
			return Files{}, err
		}
		ends, given = "", filepath.Join(given, name)
	case err == nil && info.IsDir():
		ends, given = "", filepath.Join(given, name)
	}
	if ends == "" {
		ends = "." + cmp.Or(format, figure.Formats()[0])
	}
	f := Files{Format: cmp.Or(format, ends[1:]), base: strings.TrimSuffix(given, ends), ends: ends}
	if !slices.Contains(figure.Formats(), f.Format) {
		return f, fmt.Errorf("%s: a figure is written as %s; end the name of the file so, or add --format", given, registry.Sentence(figure.Formats(), "or"))
	}
	return f, nil
}

// Name is the file of a figure.
func (f Files) Name(d Drawn) string { return f.base + d.Suffix + f.ends }

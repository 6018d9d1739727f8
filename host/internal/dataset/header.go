package dataset

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Header says whether the first line of a CSV file names its columns.
type Header string

// What a header can be. Without one, columns are called 1, 2, and so on.
const (
	HeaderAuto Header = "" // it does, and is refused if it looks like an example
	HeaderYes  Header = "true"
	HeaderNo   Header = "false"
)

// Separators are what can stand between the columns of a CSV file. Of those that do, the first in this list is taken that
// stands equally often in each of the first lines: a comma beside it is one of decimals.
var Separators = []string{"\t", ";", ",", "|", " "}

// sampleSize is how many bytes tell which separator a file has, and sampleLines how many lines.
const sampleSize, sampleLines = 1 << 16, 20

// guessSeparator finds out what separates the columns from the first bytes of a file.
func guessSeparator(sample []byte) rune {
	quoted := false
	text := slices.DeleteFunc(bytes.Clone(sample), func(c byte) bool {
		if c == '"' {
			quoted = !quoted
		}
		return quoted || c == '"'
	})
	var lines []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if line = strings.TrimSpace(line); line != "" && len(lines) < sampleLines {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return ','
	}
	if len(sample) >= sampleSize && 1 < len(lines) && len(lines) < sampleLines {
		lines = lines[:len(lines)-1] // cut short
	}
	most, best := ",", 0
	for _, c := range Separators {
		n := strings.Count(lines[0], c)
		if n > 0 && c != " " && !slices.ContainsFunc(lines, func(line string) bool { return strings.Count(line, c) != n }) {
			return rune(c[0])
		}
		if n > best && (c != " " || best == 0) {
			most, best = c, n
		}
	}
	return rune(most[0])
}

// ColumnError says that a CSV file has no column of that name.
type ColumnError struct {
	Path, Column string
	Columns      []string
}

func (e *ColumnError) Error() string {
	return fmt.Sprintf("%s:1: no column %q; the columns are %s", e.Path, e.Column, listed(e.Columns))
}

// listed is a list of names of which the first ones are shown.
func listed(names []string) string {
	const most = 20
	shown := make([]string, 0, most)
	for _, name := range names[:min(len(names), most)] {
		if r := []rune(name); len(r) > 40 {
			name = string(r[:40]) + "..."
		}
		shown = append(shown, name)
	}
	text := strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// targetColumn is the place of the target's column in a header.
func targetColumn(path string, header []string, how Files) (int, error) {
	at := len(header) - 1
	if how.Column != "" {
		if at = slices.Index(header, how.Column); at < 0 {
			return 0, &ColumnError{path, how.Column, header}
		}
		if slices.Contains(header[at+1:], how.Column) {
			return 0, fmt.Errorf("%s:1: two columns are called %q; rename the one that is no target", path, how.Column)
		}
	}
	switch {
	case len(header) < 2:
		return 0, fmt.Errorf("%s:1: one column; it needs at least a feature and a target, separated by commas, semicolons or tabs",
			path)
	case len(header) > maxFeatures:
		return 0, fmt.Errorf("%s:1: %d columns; at most %d are allowed", path, len(header), maxFeatures)
	case header[at] == "":
		return 0, fmt.Errorf("%s:1: the last column, which is the target's if no other is named, has no name; remove the separators "+
			"at the ends of the lines, or name the target's column with target_column", path)
	}
	return at, nil
}

// valueLike tells whether a text could be a value of a feature: a number, or a sign for one that is missing.
func valueLike(s string) bool {
	switch strings.ToLower(s) {
	case "", "?", "-", "na", "n/a", "nan", "null", "none", "nil":
		return true
	}
	return isNumber(s) || decimalComma(s)
}

// checkHeader refuses a first line that looks like an example, or that cannot tell the columns apart. Numbers can be names
// if they ascend (years, wavelengths, 0, 1, 2) and the target's column has a name of its own.
func checkHeader(path string, header []string, at int, targets []string) error {
	features := slices.Delete(slices.Clone(header), at, at+1)
	wrong := ""
	switch {
	case slices.ContainsFunc(features, func(s string) bool { return !valueLike(s) }) || !slices.ContainsFunc(features, isNumber):
	case isNumber(header[at]):
		wrong = "holds numbers, not the names of the columns"
	case slices.Contains(targets, header[at]):
		wrong = fmt.Sprintf("looks like an example: numbers, and %s, which is a target further below", excerpt(header[at]))
	case !ascend(features):
		wrong = fmt.Sprintf("looks like an example: numbers, and %s", excerpt(header[at]))
	}
	if wrong != "" {
		return fmt.Errorf("%s:1: the first line %s; put a line of names above it, or say that there is none with header = false "+
			"in the table of the data set (--header false); if these are the names, write header = true", path, wrong)
	}
	seen := map[string]bool{}
	for i, name := range header {
		switch {
		case name == "" && i > 0:
			return fmt.Errorf("%s:1: column %d has no name; give it one or remove the column, or accept it with header = true "+
				"in the table of the data set (--header true)", path, i+1)
		case seen[name]:
			return fmt.Errorf("%s:1: two columns are called %s; rename or remove one, or accept both with header = true in the "+
				"table of the data set (--header true)", path, excerpt(name))
		}
		seen[name] = true
	}
	return nil
}

// ascend tells whether the numbers among texts become larger and larger.
func ascend(texts []string) bool {
	last := math.Inf(-1)
	for _, s := range texts {
		if !isNumber(s) {
			continue
		}
		v := number64(s)
		if !(v > last) {
			return false
		}
		last = v
	}
	return true
}

// indexColumn warns of a first column that counts the examples, or has no name, as pandas writes an index: it would be a
// feature.
func indexColumn(header []string, at int, x *dense[float64]) []Warning {
	if at == 0 {
		return nil
	}
	name := header[0]
	nameless := name == "" || strings.HasPrefix(name, "Unnamed:")
	counts := x.rows >= 10 && x.columns > 1 && (x.data[0] == 0 || x.data[0] == 1)
	for i := 1; counts && i < x.rows; i++ {
		counts = x.data[i*x.columns] == x.data[0]+float64(i)
	}
	var message string
	remedy := "remove the column (pandas leaves an index out with to_csv(..., index=False)), or give it a name"
	switch {
	case nameless && counts:
		message = "the first column has no name and counts the examples, as an index does that was saved with the data; it is taken " +
			"for a feature"
	case nameless:
		message = "the first column has no name, as an index that was saved with the data; it is taken for a feature"
	case counts:
		message = fmt.Sprintf("the first column, %s, counts the examples; it is taken for a feature", excerpt(name))
		remedy = "remove the column unless it is meant as a feature"
	default:
		return nil
	}
	return []Warning{{message, remedy}}
}

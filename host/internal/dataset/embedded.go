package dataset

import (
	"bytes"
	_ "embed"
	"strings"
)

// Both files are the unchanged copies that scikit-learn 1.2.1 ships (BSD-3-Clause).
var (
	//go:embed data/breast_cancer.csv
	breastCancer []byte
	//go:embed data/digits.csv.gz
	digits []byte
)

// embedded are the data sets inside the program.
var embedded = []Known{{
	Name:    "breast-cancer",
	Summary: "cell nuclei of breast tumours: malignant or benign",
	Source: "Wolberg, Mangasarian, Street, Street: Breast Cancer Wisconsin (Diagnostic), " +
		"UCI Machine Learning Repository, 1995, doi:10.24432/C5DW2B; file of scikit-learn 1.2.1",
	load: loadBreastCancer,
}, {
	Name:    "digits",
	Summary: "handwritten digits, 8 x 8 pixels",
	Source: "Alpaydin, Kaynak: Optical Recognition of Handwritten Digits, " +
		"UCI Machine Learning Repository, 1998, doi:10.24432/C50P49; file of scikit-learn 1.2.1",
	load: loadDigits,
}}

func loadBreastCancer(map[string]float64) (*Dataset, error) {
	// scikit-learn's first line: examples, features, names of the classes; the class stands last in each row.
	header, body, _ := bytes.Cut(breastCancer, []byte("\n"))
	names := strings.Split(strings.TrimSpace(string(header)), ",")
	rows, err := embeddedRows("breast_cancer.csv", body, 30)
	if err != nil {
		return nil, err
	}
	d := &Dataset{X: rows.x}
	d.Y, _, err = targets(&rows.y, Classification)
	d.Classes = names[2:4]
	return d, err
}

func loadDigits(map[string]float64) (*Dataset, error) {
	rows, err := embeddedRows("digits.csv.gz", digits, 64)
	if err != nil {
		return nil, err
	}
	d := &Dataset{X: rows.x, Shape: []int{8, 8, 1}, Peak: 16, Scaling: Pixels}
	d.Y, d.Classes, err = targets(&rows.y, Classification)
	return d, err
}

// embeddedRows are the lines of a file without header whose target is in the column at.
func embeddedRows(name string, content []byte, at int) (*rows, error) {
	f, err := reader(name, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	r, err := newRecords(f, ",")
	if err != nil {
		return nil, err
	}
	out := &rows{name: name, at: at}
	return out, out.rest(r)
}

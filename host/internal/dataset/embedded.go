package dataset

import (
	"bytes"
	_ "embed"
	"encoding/csv"
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
	x, y, err := readRows(csv.NewReader(bytes.NewReader(body)), "breast_cancer.csv", 30)
	if err != nil {
		return nil, err
	}
	d := &Dataset{X: x}
	d.Y, _, err = targets(y, Classification)
	d.Classes = names[2:4]
	return d, err
}

func loadDigits(map[string]float64) (*Dataset, error) {
	f, err := reader("digits.csv.gz", bytes.NewReader(digits), int64(len(digits)))
	if err != nil {
		return nil, err
	}
	x, y, err := readRows(csv.NewReader(f), "digits.csv.gz", 64)
	if err != nil {
		return nil, err
	}
	d := &Dataset{X: x, Shape: []int{8, 8, 1}, Peak: 16, Scaling: Pixels}
	d.Y, d.Classes, err = targets(y, Classification)
	return d, err
}

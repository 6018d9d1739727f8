package dataset

import (
	"bytes"
	_ "embed"
	"strings"
)

// The unchanged copy that scikit-learn 1.2.1 ships (BSD-3-Clause).
//
//go:embed data/breast_cancer.csv
var breastCancerFile []byte

var breastCancer = Known{
	Name:    "breast-cancer",
	Summary: "cell nuclei of breast tumours: malignant or benign",
	Source: "Wolberg, Mangasarian, Street, Street: Breast Cancer Wisconsin (Diagnostic), " +
		"UCI Machine Learning Repository, 1995, doi:10.24432/C5DW2B; file of scikit-learn 1.2.1",
	load: loadBreastCancer,
}

func loadBreastCancer(map[string]float64) (*Dataset, error) {
	// scikit-learn's first line: examples, features, names of the classes; the class stands last in each row.
	header, body, _ := bytes.Cut(breastCancerFile, []byte("\n"))
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

package dataset

import _ "embed"

// The unchanged copy that scikit-learn 1.2.1 ships (BSD-3-Clause).
//
//go:embed data/digits.csv.gz
var digitsFile []byte

var digits = Known{
	Name:    "digits",
	Summary: "handwritten digits, 8 x 8 pixels",
	Source: "Alpaydin, Kaynak: Optical Recognition of Handwritten Digits, " +
		"UCI Machine Learning Repository, 1998, doi:10.24432/C50P49; file of scikit-learn 1.2.1",
	load: loadDigits,
}

func loadDigits(map[string]float64) (*Dataset, error) {
	rows, err := embeddedRows("digits.csv.gz", digitsFile, 64)
	if err != nil {
		return nil, err
	}
	d := &Dataset{X: rows.x, Shape: []int{8, 8, 1}, Peak: 16, Scaling: Pixels}
	d.Y, d.Classes, err = targets(&rows.y, Classification)
	return d, err
}

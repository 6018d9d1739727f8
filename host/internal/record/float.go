package record

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Float is a number in JSON, where NaN and the infinities are strings: "NaN", "Infinity", "-Infinity".
type Float float64

// MarshalJSON writes the shortest text that reads back as the same number.
func (f Float) MarshalJSON() ([]byte, error) {
	switch x := float64(f); {
	case math.IsNaN(x):
		return []byte(`"NaN"`), nil
	case math.IsInf(x, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(x, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(x)
	}
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (f *Float) UnmarshalJSON(b []byte) error {
	x, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*f = Float(x)
	return err
}

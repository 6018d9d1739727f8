package config

import (
	"encoding/json"
	"testing"
)

// TestNameOnRecord: a choice that was read from a record has the name of its layer, by which names of problems have it.
func TestNameOnRecord(t *testing.T) {
	data, err := json.Marshal(Choice{Key: "layer[0].units", Value: 4, name: "layer1.units"})
	if err != nil {
		t.Fatal(err)
	}
	var c Choice
	if err := json.Unmarshal(data, &c); err != nil || c.Name() != "layer1.units" {
		t.Errorf("the name is %q, %v", c.Name(), err)
	}
}

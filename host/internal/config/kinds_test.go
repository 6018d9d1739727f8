package config

import (
	"os"
	"strings"
	"testing"
)

// TestKindsAreInManuals: each kind of problem is explained in the manual of functions or in that of models.
func TestKindsAreInManuals(t *testing.T) {
	text := ""
	for _, manual := range []string{"problems.md", "models.md"} {
		b, err := os.ReadFile("../../../docs/" + manual)
		if err != nil {
			t.Fatal(err)
		}
		text += string(b)
	}
	for _, kind := range ProblemKinds() {
		if !strings.Contains(text, "\""+kind+"\"`") && !strings.Contains(text, "\n### "+kind+"\n") && !strings.Contains(text, "`"+kind+"`") {
			t.Errorf("no manual explains the kind %q", kind)
		}
	}
}

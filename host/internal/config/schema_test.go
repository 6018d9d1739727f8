package config

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/schedule"
)

// allowed are the keys that a reader says it knows when it meets one that it doesn't.
func allowed(t *testing.T, err error) []string {
	t.Helper()
	errs, _ := err.(Errors)
	for _, e := range errs {
		if _, list, ok := strings.Cut(e.Remedy, "one of "); ok && strings.Contains(e.Message, `"qqqqqqq"`) {
			names := strings.Split(list, ", ")
			slices.Sort(names)
			return names
		}
	}
	t.Fatalf("nothing is said of an unknown key: %v", err)
	return nil
}

// TestSchemaHasEveryKey: the keys that the reader of a problem or of a schedule knows are those that the schema has of it.
func TestSchemaHasEveryKey(t *testing.T) {
	const rest = "[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"o\"\n"
	for _, k := range kinds {
		_, err := Parse("f.toml", fmt.Sprintf("[problem]\nkind = %q\nqqqqqqq = 1\n", k.name)+rest)
		got := allowed(t, err)
		want := slices.Concat([]string{"kind", "name"}, k.keys().names(), ownKeys().names())
		slices.Sort(want)
		if want = slices.Compact(want); !slices.Equal(got, want) {
			t.Errorf("%s: the reader knows\n%v, the schema\n%v", k.name, got, want)
		}
	}
	for _, k := range schedule.Kinds {
		want := append(scheduleKeys(k).names(), "schedule", "unit", "warmup", "warmup_from")
		slices.Sort(want)
		for _, given := range []string{"", "factor = 0.5, ", "to = 0.1, ", "restart = 3, "} {
			if name, _, _ := strings.Cut(given, " "); !slices.Contains(want, name) && given != "" {
				continue
			}
			e, _ := resolve(t, "[problem]\nkind = \"sphere\"\n"+rest+fmt.Sprintf("lr = { schedule = %q, %sqqqqqqq = 1 }\n", k.Name, given))
			for _, name := range allowed(t, e.Errors()) {
				if !slices.Contains(want, name) {
					t.Errorf("%s: the reader knows %s, the schema %v", k.Name, name, want)
				}
			}
		}
	}
}

// TestSchemaIsTheSame: nothing of one schema is in the next, and every reference leads somewhere.
func TestSchemaIsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	var first []byte
	for range 5 {
		b, err := Plugins{}.JSONSchema()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if string(b) != string(first) {
			t.Fatal("the schema changes")
		}
		var schema struct {
			Defs map[string]any `json:"$defs"`
		}
		if err := json.Unmarshal(b, &schema); err != nil {
			t.Fatal(err)
		}
		for _, ref := range regexp.MustCompile(`"#/\$defs/([^"]+)"`).FindAllSubmatch(b, -1) {
			if schema.Defs[string(ref[1])] == nil {
				t.Fatalf("there is no %s", ref[1])
			}
		}
	}
}

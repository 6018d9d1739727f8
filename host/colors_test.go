package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/steepest/steepest/host/internal/figure"
)

// TestDashboardColors: a variant has the colour in dashboards that it has in figures on white; Grafana's own ink stands for the black.
func TestDashboardColors(t *testing.T) {
	files, err := filepath.Glob("../metrics/grafana/dashboards/*.json")
	if err != nil {
		t.Fatal(err)
	}
	const shades = 8
	seen := map[string]int{}
	for _, file := range files {
		var d struct {
			Panels []struct {
				Title       string
				FieldConfig struct {
					Overrides []struct {
						Matcher    struct{ ID, Options string }
						Properties []struct {
							ID    string
							Value json.RawMessage
						}
					}
				}
			}
		}
		b, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(b, &d)
		}
		if err != nil {
			t.Fatal(file, err)
		}
		colors := map[string]int{} // by the expressions that find it
		for place := range figure.Colors * shades {
			for _, form := range []string{"/^%d /", `/^Value #value .*color="%d"/`} {
				colors[fmt.Sprintf(form, place)] = place
			}
		}
		for _, p := range d.Panels {
			for _, o := range p.FieldConfig.Overrides {
				place, ok := colors[o.Matcher.Options]
				if !ok {
					continue
				}
				want := figure.Hex(figure.Look{Place: place % figure.Colors, Tone: place / figure.Colors}.Color())
				if place == figure.Colors-1 {
					want = "text"
				}
				var color struct{ FixedColor string }
				if o.Properties[0].ID != "color" || json.Unmarshal(o.Properties[0].Value, &color) != nil || color.FixedColor != want {
					t.Errorf("%s, panel %q: colour %d is %s, in figures %s", file, p.Title, place, o.Properties[0].Value, want)
				}
				seen[p.Title]++
			}
		}
	}
	for title, n := range seen {
		if n%(figure.Colors*shades) != 0 {
			t.Errorf("panel %q has %d colours", title, n)
		}
	}
	if len(seen) < 15 {
		t.Errorf("only %d panels have colours of variants", len(seen))
	}
}

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRenamed: a metric that is called otherwise than in the recorded data is a fault of the panels that ask for it, and of no other.
func TestRenamed(t *testing.T) {
	t.Chdir("../../..")
	if testing.Short() {
		t.Skip("all of it is drawn in continuous integration")
	}
	missing := installed()
	if _, err := os.Stat(home + "/node_modules"); err != nil && missing == nil {
		missing = errors.New("Grafana's components are missing; install them with: npm ci --prefix " + home)
	}
	if missing != nil {
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	const name = "plugins-and-boundary"
	o, err := parse([]string{"--source", "live", "--dashboards", t.TempDir(), "--out", t.TempDir(), name})
	if err != nil {
		t.Fatal(err)
	}
	dashboard, err := os.ReadFile("metrics/grafana/dashboards/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	renamed := bytes.ReplaceAll(dashboard, []byte("steepest_plugin_errors_total"), []byte("steepest_plugin_faults_total"))
	if err := os.WriteFile(filepath.Join(o.dashboards, name+".json"), renamed, 0o600); err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	err = run(o, &output)
	if err == nil || !strings.Contains(output.String(), "panel Errors: query A is empty: ") || !strings.Contains(output.String(), "panel Errors: no data") {
		t.Errorf("%v, and there is no fault of Errors:\n%s", err, output.String())
	}
	for line := range strings.Lines(output.String()) {
		if strings.HasPrefix(line, "  ") && !strings.Contains(line, "panel Errors: ") {
			t.Errorf("another fault: %s", line)
		}
	}
	if picture, err := os.ReadFile(filepath.Join(o.out, name+".png")); err != nil || !bytes.HasPrefix(picture, []byte("\x89PNG")) || len(picture) < 50_000 {
		t.Errorf("the picture: %d bytes, %v", len(picture), err)
	}
}

func TestViews(t *testing.T) {
	t.Chdir("../../..")
	for _, c := range []struct {
		args []string
		want string // the files, or what the error has in it
	}{
		{[]string{"run"}, "artefacts/dashboards/run.png artefacts/dashboards/run-by-step.png"},
		{[]string{"--width", "1280,1920", "--theme", "dark,light", "--format", "webp", "--out", "x", "plugins-and-boundary"}, "x/plugins-and-boundary-1280-dark.webp " +
			"x/plugins-and-boundary-1280-light.webp x/plugins-and-boundary-1920-dark.webp x/plugins-and-boundary-1920-light.webp"},
		{[]string{"ran"}, "no dashboard ran; there are compare-by-step, experiment, plugins-and-boundary, run"},
		{[]string{"--theme", "sepia"}, "--theme sepia: use light or dark"},
		{[]string{"--width", "wide"}, "--width wide: a width is from 200 to 8000"},
	} {
		o, err := parse(c.args)
		var views []view
		if err == nil {
			views, err = o.views()
		}
		var got []string
		for _, v := range views {
			got = append(got, filepath.ToSlash(v.file(o)))
		}
		if err != nil {
			got = []string{err.Error()}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v: %s, want %s", c.args, s, c.want)
		}
	}
}

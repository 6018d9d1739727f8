package foreign

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRecording: a recording says what flags say of a curve, and comes into the results that it is in.
func TestRecording(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results")
	write(t, filepath.Join(dir, ".recordings", "a.csv"), []byte("step,train_loss\n0,1\n5,0.5\n"))
	take := func(text string) (*Import, []Taken, error) {
		t.Helper()
		i := &Import{Recording: write(t, filepath.Join(dir, ".recordings", "a.json"), []byte(text))}
		if err := i.Check(); err != nil {
			t.Fatal(err)
		}
		taken, err := i.Run(t.Context(), t.TempDir())
		return i, taken, err
	}
	const rest = `"problem":"p","optimizer":"adam","seed":3,"began":"2026-01-02T03:04:05+00:00","within":"torch 9"`
	for text, want := range map[string]string{
		`{`:                                 "is no recording of a run: unexpected EOF",
		`{"curve":"../a.csv",` + rest + `}`: `its curve is "../a.csv", and not the name of a file beside it`,
		`{"curve":"a.csv","seed":3}`:        "does not say its problem and its optimizer",
		`{"curve":"a.csv","status":"finished",` + rest + `}`:               `unknown field "status"`,
		`{"curve":"a.csv","hyperparameters":{"betas":[1,2]},` + rest + `}`: "hyperparameter betas is no number, text or boolean",
		`{"curve":"b.csv",` + rest + `}`:                                   "b.csv: no such file",
	} {
		if _, _, err := take(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}
	seen := map[string]bool{}
	for _, plugin := range []string{"null", `{"name":"adam","version":"1","sha256":"aa"}`, `{"name":"adam","version":"1","sha256":"bb"}`} {
		text := `{"curve":"a.csv","hyperparameters":{"lr":1e-3,"n":2,"nesterov":true},"plugin":` + plugin + `,` + rest + `}`
		_, taken, err := take(text)
		if err != nil || len(taken) != 1 || taken[0].Before || filepath.Dir(taken[0].Dir) != dir || seen[taken[0].Dir] {
			t.Fatalf("%s: %+v %v", plugin, taken, err)
		}
		seen[taken[0].Dir] = true // another program is another run
		if _, taken, err = take(text); err != nil || !taken[0].Before {
			t.Errorf("%s: again: %+v %v", plugin, taken, err)
		}
		b, err := os.ReadFile(filepath.Join(taken[0].Dir, "run.json"))
		for _, want := range []string{`"format": "recording"`, `"within": "torch 9"`, `"started": "2026-01-02T03:04:05Z"`, `"lr": 0.001`, `"n": 2`,
			`"nesterov": true`} {
			if err != nil || !strings.Contains(string(b), want) {
				t.Errorf("%s: there is no %s: %v\n%s", plugin, want, err, b)
			}
		}
	}
	elsewhere := write(t, filepath.Join(t.TempDir(), "a.json"), []byte(`{"curve":"a.csv",`+rest+`}`))
	write(t, filepath.Join(filepath.Dir(elsewhere), "a.csv"), []byte("step,train_loss\n0,1\n"))
	i := &Import{Recording: elsewhere}
	if _, err := i.Run(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "say with --out where it is to come") {
		t.Error(err)
	}
}

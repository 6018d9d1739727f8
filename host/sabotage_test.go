package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/proto"
)

// TestSabotage: the claims of shipped experiments notice when the rule of an optimizer is wrong, and name it. Each plugin is built from its
// own source with one line of it changed.
func TestSabotage(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds plugins")
	}
	for _, x := range []struct{ what, plugin, right, wrong, experiment, claim, failing string }{
		{"no look ahead", "momentum", "d = g + h.Momentum*s.V[i]", "d = s.V[i]", "rosenbrock",
			"Looking ahead shortens the way", "nesterov: difference 0;"},
		{"the velocity is forgotten", "momentum", "s.V[i] = h.Momentum*s.V[i] + g", "s.V[i] = g", "quickstart",
			"Whatever is more than plain SGD gets there in fewer steps", "momentum:"},
		{"no correction of the start at zero", "adam", "lr, eps := h.LR*math.Sqrt(c2)/c1, h.Eps*math.Sqrt(c2)",
			"lr, eps := h.LR*max(1, c1*c2), h.Eps", "rosenbrock", "Adam's first step is its learning rate along each axis", "adam:"},
		{"the wrong sign", "sgd", "x.Update[i] = -h.LR * g", "x.Update[i] = h.LR * g", "schedules",
			"With a constant learning rate the loss comes down to the noise", "constant:"},
	} {
		t.Run(x.what, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			sabotaged(t, dir, x.plugin, x.right, x.wrong)
			file := "../experiments/" + x.experiment + ".toml"
			var out, errs bytes.Buffer
			code := within("", plugin.PathEnv+"="+dir+string(filepath.ListSeparator)+pluginDir).steepest(
				[]string{"run", "--quiet", "--out", filepath.Join(dir, "out"), file}, &out, &errs)
			if code != exitUnmet {
				t.Errorf("exit code %d\n%s%s", code, &errs, &out)
			}
			_, verdicts, _ := strings.Cut(out.String(), x.claim+"\n")
			fails := regexp.MustCompile(`(?m)^  FAIL +` + regexp.QuoteMeta(x.failing))
			if claim := regexp.MustCompile(`(?m)^\S`).Split(verdicts, 2)[0]; !fails.MatchString(claim) {
				t.Errorf("the claim does not fail:\n%s", verdicts)
			}
		})
	}
}

// sabotaged builds a bundled plugin with something wrong in place of what is right.
func sabotaged(t *testing.T, dir, name, right, wrong string) {
	t.Helper()
	source, err := filepath.Abs("../plugins/" + name + "/" + name + ".go")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(source)
	if err != nil || strings.Count(string(b), right) != 1 {
		t.Fatalf("%s does not have %q once: %v", source, right, err)
	}
	changed, overlay := filepath.Join(dir, name+".go"), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{source: changed}})
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{changed: strings.Replace(string(b), right, wrong, 1), overlay: string(replace)} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-overlay", overlay, "-o", filepath.Join(dir, proto.BinaryPrefix+name), "../plugins")
	build.Env = append(os.Environ(), "GOEXPERIMENT=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

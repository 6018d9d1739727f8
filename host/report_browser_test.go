package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// picturesEnv names a folder in which TestReportInBrowser leaves pictures of the pages, to be looked at.
const picturesEnv = "STEEPEST_PICTURES"

// axeFile is the script that finds what keeps people from reading a page. Debian does not package it.
const axeFile = "../tools/axe/node_modules/axe-core/axe.min.js"

// hostileExperiment has markup in every name that an author can choose.
const hostileExperiment = `
question = "</script><script>window.hostile=1</script><img src=x onerror=window.hostile=1>"
notes    = "<script>window.hostile=1</script>"
tags     = ["<img/src=x/onerror=window.hostile=1>"]
budget   = { steps = 20 }
seeds    = { count = 2 }
record   = { parameters = true }

[[problem]]
name           = "<svg onload=window.hostile=1>"
kind           = "rosenbrock"
gradient_noise = 0.1

[[problem]]
name           = "</title><script>window.hostile=1</script>"
kind           = "sphere"
gradient_noise = 0.1

[[optimizer]]
name   = "\"><script>window.hostile=1</script>"
plugin = "sgd"
lr     = { grid = [1e-4, 1e-3] }

[[optimizer]]
name   = "'onmouseover=window.hostile=1//"
plugin = "adam"

[[expect]]
claim        = "<iframe src=javascript:window.hostile=1>"
measure      = "train_loss"
greater_than = 0
`

// sweepExperiment has 450 runs.
const sweepExperiment = `
question = "Which optimizer minds its learning rate least?"
budget   = { steps = 30 }
seeds    = { count = 5 }
target   = { train_loss = 1.0 }

[[problem]]
name           = "sphere"
kind           = "sphere"
gradient_noise = 0.1

[[problem]]
name           = "rosenbrock"
kind           = "rosenbrock"
gradient_noise = 0.1

[[problem]]
name           = "beale"
kind           = "beale"
gradient_noise = 0.1

[[optimizer]]
plugin = "sgd"
lr     = { log_grid = [1e-4, 1, 10] }

[[optimizer]]
plugin = "momentum"
lr     = { log_grid = [1e-4, 1, 10] }

[[optimizer]]
plugin = "adam"
lr     = { log_grid = [1e-4, 1, 10] }
`

// TestReportInBrowser: pages have nothing to complain of for a browser or for axe, ask the network for nothing and fit its window, wide and narrow, light
// and dark; what is hostile in an experiment stays a text.
func TestReportInBrowser(t *testing.T) {
	known(t)
	t.Parallel()
	browser := startBrowser(t)
	axe := readAxe(t)
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"hostile.toml": hostileExperiment, "sweep.toml": sweepExperiment} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, args := range map[string][]string{
		"hostile":    {"hostile.toml"},
		"sweep":      {"sweep.toml"},
		"quickstart": {filepath.Join(root, "experiments/quickstart.toml")},
		"rosenbrock": {"--set", "budget.steps=2000", filepath.Join(root, "experiments/rosenbrock.toml")},
	} {
		var output bytes.Buffer
		code := within(dir, "PATH="+os.Getenv("PATH")).steepest(append([]string{"run", "--quiet", "--report", "--out", name}, args...), &output, &output)
		page := filepath.Join(dir, name, "report.html")
		if _, err := os.Stat(page); err != nil || code != exitOK && code != exitUnmet {
			t.Fatalf("exit code %d, %v\n%s", code, err, &output)
		}
		for _, width := range []int{1280, 400} {
			for _, scheme := range []string{"light", "dark"} {
				look(t, browser, page, fmt.Sprintf("%s-%d-%s", name, width, scheme), width, scheme, axe)
			}
		}
	}
}

// readAxe reads the script that examines pages, nil if it is not installed.
func readAxe(t *testing.T) []byte {
	t.Helper()
	script, err := os.ReadFile(axeFile)
	if errors.Is(err, fs.ErrNotExist) {
		const remedy = "axe-core is missing: npm ci --prefix tools/axe"
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal(remedy)
		}
		t.Run("axe", func(t *testing.T) { t.Skip(remedy) })
	} else if err != nil {
		t.Fatal(err)
	}
	return script
}

// startBrowser starts Chromium, without a window.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal("chromium is missing: apt-get install chromium")
		}
		t.Skip("chromium is missing: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(2*time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // and waits for it, before its folder is removed
	return ctx
}

// complaintsOf listens to what a browser has to complain of a page, and what it asks for that the page should not.
func complaintsOf(ctx context.Context, allowed func(address string) bool) func() []string {
	var mu sync.Mutex
	var all []string
	complain := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, fmt.Sprintf(format, args...))
	}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded:
			complain("log: %s", e.Entry.Text)
		case *cdpruntime.EventConsoleAPICalled:
			complain("console: %s", e.Type)
		case *cdpruntime.EventExceptionThrown:
			complain("exception: %v", e.ExceptionDetails)
		case *network.EventRequestWillBeSent:
			if !allowed(e.Request.URL) {
				complain("request: %s", e.Request.URL)
			}
		}
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

// look opens a page as a reader would, tries what can be pressed, and reports all that is wrong with it.
func look(t *testing.T, browser context.Context, page, name string, width int, scheme string, axe []byte) {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	defer cancel()
	address := (&url.URL{Scheme: "file", Path: page}).String()
	complaints := complaintsOf(ctx, func(asked string) bool { return asked == address })
	var state struct {
		Wide, Window, Shown, Hidden, After int
		Hostile                            bool
		Readout, Left                      string
	}
	var violations []string
	var picture []byte
	actions := []chromedp.Action{
		log.Enable(), network.Enable(),
		emulation.SetDeviceMetricsOverride(int64(width), 900, 1, false),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		chromedp.Navigate(address),
		chromedp.Evaluate(tryPage, &state),
	}
	actions = append(append(actions, examine(axe, &violations)...), chromedp.FullScreenshot(&picture, 100))
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, c := range append(complaints(), violations...) {
		t.Errorf("%s: %s", name, c)
	}
	if state.Wide > state.Window {
		t.Errorf("%s is %d wide in a window of %d", name, state.Wide, state.Window)
	}
	if state.Hostile {
		t.Errorf("%s: a script of the experiment was executed", name)
	}
	if state.Shown == 0 || state.Hidden != 0 || state.After != state.Shown {
		t.Errorf("%s: of an optimizer %d marks are shown, %d when it is hidden, %d afterwards", name, state.Shown, state.Hidden, state.After)
	}
	if state.Left != "" || !strings.Contains(state.Readout, "step ") || !strings.Contains(state.Readout, "\n") {
		t.Errorf("%s: under the pointer stands %q", name, state.Readout)
	}
	if folder := os.Getenv(picturesEnv); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
			t.Error(err)
		}
	}
}

// examine lets axe look for what keeps people from reading the page, if there is axe.
func examine(axe []byte, violations *[]string) []chromedp.Action {
	if axe == nil {
		return nil
	}
	return []chromedp.Action{chromedp.Evaluate(string(axe)+";0", nil),
		chromedp.Evaluate(`axe.run(document).then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical")
			.map(v => v.id + ": " + v.nodes[0].html + " " + v.nodes[0].failureSummary))`, violations, awaited)}
}

func awaited(p *cdpruntime.EvaluateParams) *cdpruntime.EvaluateParams {
	return p.WithAwaitPromise(true)
}

// tryPage presses the first key twice, and moves the pointer over the first curves.
const tryPage = `(() => {
	const key = document.querySelector(".keys button"), names = JSON.parse(key.dataset.names);
	const shown = () => [...document.querySelectorAll("[data-series]")].filter((m) => names.includes(m.dataset.series) && m.checkVisibility()).length;
	const state = { Wide: document.documentElement.scrollWidth, Window: innerWidth, Hostile: "hostile" in window, Shown: shown() };
	key.click();
	state.Hidden = shown();
	key.click();
	state.After = shown();
	const svg = [...document.querySelectorAll("#curves svg.figure")].find((s) => s.checkVisibility()), box = svg.getBoundingClientRect();
	const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true };
	svg.dispatchEvent(new PointerEvent("pointermove", at));
	state.Readout = svg.closest("figure").querySelector(".readout").textContent;
	document.body.dispatchEvent(new PointerEvent("pointermove", at));
	state.Left = svg.closest("figure").querySelector(".readout").textContent;
	return state;
})()`

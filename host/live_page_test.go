package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/steepest/steepest/host/internal/store"
)

// paged runs an experiment in a folder, in the background with a page, and returns its address and where the exit code comes.
func paged(t *testing.T, dir, toml string, args ...string) (url string, stdout, stderr *output, code chan int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "paged.toml"), []byte(toml), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code = &output{}, &output{}, make(chan int, 1)
	go func() {
		code <- within(dir, "PATH="+os.Getenv("PATH")).steepest(append([]string{"run", "--jobs", "2", "--ui", "paged.toml"}, args...), stdout, stderr)
	}()
	return await(t, stderr, `Live page: (http://127\.0\.0\.1:\d+/)`), stdout, stderr, code
}

// longer makes the hostile experiment go on until it is stopped, after runs that end at once.
func longer() string {
	text := strings.Replace(hostileExperiment, "budget   = { steps = 20 }\n", "", 1)
	text = strings.Replace(text, "kind           = \"rosenbrock\"", "kind           = \"rosenbrock\"\nbudget = { steps = 20 }", 1)
	text = strings.Replace(text, "kind           = \"sphere\"", "kind           = \"sphere\"\nbudget = { steps = 100_000_000 }", 1)
	return strings.Replace(text, "parameters = true", "parameters = true, every = 10", 1)
}

// TestLivePageInBrowser: while runs go on the page changes, asks nothing but its own server, and has nothing to complain of for
// a browser or for axe, on this machine and at the metrics port, where it can only be read; its button stops the runs, which the same command goes on with.
func TestLivePageInBrowser(t *testing.T) {
	known(t)
	t.Parallel()
	browser, axe := startBrowser(t), readAxe(t)
	dir := t.TempDir()
	url, stdout, stderr, code := paged(t, dir, longer(), "--metrics-address", ":0")
	landing := await(t, stderr, `metrics at (http\S+)metrics`)
	watchPage(t, browser, url, "live-1280-light", 1280, "light", axe)
	watchPage(t, browser, landing, "landing-1280-dark", 1280, "dark", axe)
	watchPage(t, browser, landing, "landing-400-light", 400, "light", axe)
	watchPage(t, browser, url, "live-400-dark", 400, "dark", axe)

	ctx, cancel := chromedp.NewContext(browser)
	defer cancel()
	var told string
	if err := chromedp.Run(ctx, chromedp.Navigate(url), chromedp.Click("#stop", chromedp.NodeVisible), chromedp.Click("#sure button[value=no]", chromedp.NodeVisible),
		chromedp.Sleep(100*time.Millisecond), chromedp.Click("#stop", chromedp.NodeVisible), chromedp.Click("#sure button[value=stop]", chromedp.NodeVisible),
		chromedp.Poll(`document.getElementById("told").textContent`, &told)); err != nil {
		t.Fatal(err)
	}
	if c := <-code; c != exitInterrupted {
		t.Errorf("exit code %d after the button, which said %q\n%s", c, told, stderr.String())
	}
	if !strings.Contains(stdout.String(), "Next:    steepest run") {
		t.Errorf("nothing says how to go on:\n%s", stdout.String())
	}
	var last string
	if err := chromedp.Run(ctx, chromedp.Poll(`document.getElementById("connection").textContent`, &last)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(last, "at last") {
		t.Errorf("after the end the page says %q", last)
	}
	resumed(t, dir)
}

// resumed goes on with runs that were stopped, and stops them again.
func resumed(t *testing.T, dir string) {
	t.Helper()
	url, _, stderr, code := paged(t, dir, longer())
	again := regexp.MustCompile(`"resumed":\s*\[\s*\{\s*"time":\s*"[^"]*",\s*"step":\s*[1-9]`)
	seen := false
	for range 1500 {
		files, _ := filepath.Glob(filepath.Join(dir, "runs/paged/*/attempt-2.claim"))
		for _, file := range files {
			b, _ := os.ReadFile(file)
			seen = seen || again.Match(b)
		}
		if seen {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !seen {
		t.Errorf("no run went on from where it was stopped; the page is at %s\n%s", url, stderr.String())
	}
	if _, err := store.RequestStop(filepath.Join(dir, "runs/paged")); err != nil {
		t.Error(err)
	}
	if c := <-code; c != exitInterrupted {
		t.Errorf("exit code %d\n%s", c, stderr.String())
	}
}

// watchPage opens the page, waits until it changed twice, and reports all that is wrong with it.
func watchPage(t *testing.T, browser context.Context, page, name string, width int, scheme string, axe []byte) {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	defer cancel()
	complaints := complaintsOf(ctx, func(asked string) bool { return strings.HasPrefix(asked, page) })
	var state struct {
		Wide, Window int
		Hostile      bool
		Runs, Counts string
		Buttons      int // of what is live
		Readout      string
	}
	var at struct{ X, Y float64 }
	var violations []string
	var picture []byte
	rows := `document.querySelector("#live tbody").textContent`
	actions := []chromedp.Action{
		log.Enable(), network.Enable(),
		emulation.SetDeviceMetricsOverride(int64(width), 900, 1, false),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		chromedp.Navigate(page),
		chromedp.Poll(`document.querySelector("#live svg.figure")`, nil),
		chromedp.Evaluate(`(() => {
			window.drawn = [...document.querySelectorAll("#live svg.figure")].find((s) => s.checkVisibility());
			drawn.scrollIntoView({ behavior: "instant", block: "center" });
			const box = drawn.getBoundingClientRect();
			return { X: box.x + box.width / 2, Y: box.y + box.height / 2 };
		})()`, &at),
		chromedp.ActionFunc(func(ctx context.Context) error { return chromedp.MouseEvent(input.MouseMoved, at.X, at.Y).Do(ctx) }),
		chromedp.Evaluate(`window.before = `+rows, nil),
		chromedp.Poll(rows+` !== before && !drawn.isConnected`, nil),
		chromedp.Evaluate(`window.before = `+rows, nil),
		chromedp.Poll(rows+` !== before`, nil),
		chromedp.Evaluate(`({ Wide: document.documentElement.scrollWidth, Window: innerWidth, Hostile: "hostile" in window,
			Runs: `+rows+`, Counts: document.querySelector("#live .tally").textContent,
			Buttons: document.querySelectorAll("#live button, #live dialog, #live [data-part=log]").length,
			Readout: document.querySelector("#live .readout:not(:empty)")?.textContent ?? "" })`, &state),
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
	if !strings.Contains(state.Runs, "running") || !strings.Contains(state.Counts, "finished") {
		t.Errorf("%s: of the runs stands %q, and %q", name, state.Counts, state.Runs)
	}
	if !strings.HasPrefix(state.Readout, "step ") || !strings.Contains(state.Readout, "\n") {
		t.Errorf("%s: under the pointer, over a figure that is another now, stands %q", name, state.Readout)
	}
	if readOnly := strings.HasPrefix(name, "landing"); readOnly != (state.Buttons == 0) {
		t.Errorf("%s: there are %d buttons, dialogs and logs", name, state.Buttons)
	}
	keepPicture(t, name, picture)
}

// TestLandingAfterRuns: the page at the metrics port can be opened after runs of a second as long as the port lingers, with all that they recorded; what the reader
// chooses stays where the report is another; and where it was open when the program ended it says so.
func TestLandingAfterRuns(t *testing.T) {
	known(t)
	t.Parallel()
	browser, axe := startBrowser(t), readAxe(t)
	url, stderr, code := watched(t, t.TempDir(), `
problem   = { kind = "mlp", dataset = "breast-cancer", hidden = [4], validation = 0.2 }
budget    = { epochs = 20 }
seeds     = { count = 3 }
optimizer = [{ plugin = "sgd", lr = 0.1 }, { plugin = "adam", lr = 0.01 }]
`, "--linger", "10m")
	await(t, stderr, `(waiting up to 10 min 00 s)`)
	ctx, cancel := chromedp.NewContext(browser)
	defer cancel()
	const chosen = `[...document.querySelectorAll("main input")].map((i) => i.checked).join() + " " +
		[...document.querySelectorAll(".keys button")].map((b) => b.getAttribute("aria-pressed")).join()`
	var state struct {
		Tally                      string
		Bands, Lines, Wide, Window int
		Log                        bool
		Before, Chosen, After      string
	}
	var violations []string
	var picture []byte
	actions := []chromedp.Action{
		emulation.SetDeviceMetricsOverride(400, 900, 1, false),
		chromedp.Navigate(url),
		chromedp.Poll(`document.querySelector("#live svg.figure") && wanted === shown`, nil),
		chromedp.Evaluate(`(async () => {
			const svg = [...document.querySelectorAll("#live svg.figure")].find((s) => s.checkVisibility());
			const state = { Tally: document.querySelector("#live .tally").textContent, Wide: document.documentElement.scrollWidth, Window: innerWidth,
				Bands: svg.querySelectorAll("[data-series][opacity='0.16']").length,
				Lines: new Set([...svg.querySelectorAll("path[data-series]")].map((p) => p.dataset.series)).size,
				Log: svg.querySelector("[data-frame]").dataset.y.startsWith("log"), Before: `+chosen+` };
			for (const last of document.querySelectorAll("main fieldset label:last-of-type input")) last.click();
			document.querySelector(".keys button").click();
			state.Chosen = `+chosen+`;
			swap(new DOMParser().parseFromString(await (await fetch("./")).text(), "text/html"));
			state.After = `+chosen+`;
			return state;
		})()`, &state, awaited),
	}
	if err := chromedp.Run(ctx, append(append(actions, examine(axe, &violations)...), chromedp.FullScreenshot(&picture, 100))...); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Error(v)
	}
	if strings.TrimSpace(state.Tally) != "6 finished" || state.Lines != 2 || state.Bands != 2 || !state.Log || state.Wide > state.Window {
		t.Errorf("the page shows %+v", state)
	}
	if state.Chosen == state.Before || state.After != state.Chosen {
		t.Errorf("%q is chosen, then %q, and in another report %q", state.Before, state.Chosen, state.After)
	}
	keepPicture(t, "landing-after-400", picture)
	scrape(t, url)
	if c := <-code; c != exitOK {
		t.Errorf("exit code %d\n%s", c, stderr.String())
	}
	var last string
	if err := chromedp.Run(ctx, chromedp.Poll(`document.getElementById("connection").textContent`, &last)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(last, "at last") {
		t.Errorf("after the end the page says %q", last)
	}
}

// keepPicture leaves a picture where they are wanted.
func keepPicture(t *testing.T, name string, picture []byte) {
	t.Helper()
	if folder := os.Getenv(picturesEnv); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
			t.Error(err)
		}
	}
}

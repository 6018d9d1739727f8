package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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

// TestLivePageInBrowser: while runs go on the page changes, keeps what the reader chose, asks nothing but its own server, and has nothing to complain of for
// a browser or for axe; its button stops the runs, which can be gone on with.
func TestLivePageInBrowser(t *testing.T) {
	known(t)
	t.Parallel()
	browser, axe := startBrowser(t), readAxe(t)
	dir := t.TempDir()
	url, stdout, stderr, code := paged(t, dir, longer())
	for _, width := range []int{1280, 400} {
		for _, scheme := range []string{"light", "dark"} {
			watchPage(t, browser, url, fmt.Sprintf("live-%d-%s", width, scheme), width, scheme, axe)
		}
	}
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
}

// watchPage opens the page, waits until it changed twice, and reports all that is wrong with it.
func watchPage(t *testing.T, browser context.Context, page, name string, width int, scheme string, axe []byte) {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	defer cancel()
	var mu sync.Mutex
	var complaints []string
	complain := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		complaints = append(complaints, fmt.Sprintf(format, args...))
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
			if !strings.HasPrefix(e.Request.URL, page) {
				complain("request: %s", e.Request.URL)
			}
		}
	})
	var state struct {
		Wide, Window int
		Hostile      bool
		Runs, Counts string
	}
	var violations []string
	var picture []byte
	rows := `document.querySelector("#live tbody").textContent`
	actions := []chromedp.Action{
		log.Enable(), network.Enable(),
		emulation.SetDeviceMetricsOverride(int64(width), 900, 1, false),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		chromedp.Navigate(page),
		chromedp.Evaluate(`window.before = `+rows, nil),
		chromedp.Poll(rows+` !== before`, nil),
		chromedp.Evaluate(`window.before = `+rows, nil),
		chromedp.Poll(rows+` !== before`, nil),
		chromedp.Evaluate(`({ Wide: document.documentElement.scrollWidth, Window: innerWidth, Hostile: "hostile" in window,
			Runs: `+rows+`, Counts: document.querySelector("#live .tally").textContent })`, &state),
	}
	actions = append(append(actions, examine(axe, &violations)...), chromedp.FullScreenshot(&picture, 100))
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, c := range append(complaints, violations...) {
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
	if folder := os.Getenv(picturesEnv); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
			t.Error(err)
		}
	}
}

// Command preview draws the shipped dashboards as Grafana would, with Grafana's own components in Chromium, from a recorded data set, and
// fails if a panel is empty or broken. Call it in the root of the repository:
//
//	go run ./metrics/grafana/preview [flags] [DASHBOARD...]
//
// It needs prometheus, chromium and npm. record.sh records the data set anew.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// home is the folder of this program, from the root of the repository.
const home = "metrics/grafana/preview"

// options are what is drawn, and how.
type options struct {
	dashboards, out, format string
	themes, sources         []string
	widths                  []string
	variables               url.Values
	names                   []string // of dashboards; none are all
}

func main() {
	o, err := parse(os.Args[1:])
	if err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "preview:", err)
		}
		os.Exit(2)
	}
	if err := run(o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "preview:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	o := options{variables: url.Values{}}
	f := flag.NewFlagSet("preview", flag.ContinueOnError)
	f.StringVar(&o.dashboards, "dashboards", "metrics/grafana/dashboards", "take the dashboards in `FOLDER`")
	f.StringVar(&o.out, "out", "artefacts/dashboards", "put the pictures into `FOLDER`")
	f.StringVar(&o.format, "format", "png", "png or webp")
	widths := f.String("width", "1280", "pixels, such as 1280,1920")
	themes := f.String("theme", "light", "light, dark or light,dark")
	sources := f.String("source", "live,by-step", "data source: live, by-step or both")
	f.Func("var", "choose `NAME=VALUE` of a variable; can be repeated", func(s string) error {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return errors.New("it is NAME=VALUE")
		}
		o.variables.Add("var-"+name, value)
		return nil
	})
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.widths, o.themes, o.sources = strings.Split(*widths, ","), strings.Split(*themes, ","), strings.Split(*sources, ",")
	o.names = f.Args()
	for _, w := range o.widths {
		if n, err := strconv.Atoi(w); err != nil || n < 200 || n > 8000 {
			return o, fmt.Errorf("--width %s: a width is from 200 to 8000", w)
		}
	}
	for _, allowed := range []struct {
		flag   string
		values []string
		known  []string
	}{
		{"theme", o.themes, []string{"light", "dark"}}, {"source", o.sources, []string{"live", "by-step"}}, {"format", []string{o.format}, []string{"png", "webp"}},
	} {
		for _, v := range allowed.values {
			if !slices.Contains(allowed.known, v) {
				return o, fmt.Errorf("--%s %s: use %s", allowed.flag, v, strings.Join(allowed.known, " or "))
			}
		}
	}
	return o, nil
}

// usual is what a reader has chosen who comes to a dashboard from another.
var usual = map[string]url.Values{"run": {"var-variant": {"adam, cosine"}}}

// view is one picture.
type view struct {
	dashboard, source, width, theme string
}

// file is the name of its file, without what is the same in all pictures.
func (v view) file(o options) string {
	name := v.dashboard
	if v.source != "live" {
		name += "-" + v.source
	}
	if len(o.widths) > 1 {
		name += "-" + v.width
	}
	if len(o.themes) > 1 {
		name += "-" + v.theme
	}
	return filepath.Join(o.out, name+"."+o.format)
}

// liveOnly is what dashboards and panels say of themselves that exported runs do not have.
var liveOnly = regexp.MustCompile(`(?i)\blive only\b`)

// views are the pictures that are asked for.
func (o options) views() ([]view, error) {
	files, err := filepath.Glob(filepath.Join(o.dashboards, "*.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no dashboards in %s; call this in the root of the repository (%v)", o.dashboards, err)
	}
	var all []string
	var views []view
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		all = append(all, name)
		if len(o.names) > 0 && !slices.Contains(o.names, name) {
			continue
		}
		var dashboard struct{ Description string }
		b, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(b, &dashboard)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, source := range o.sources {
			if source == "by-step" && liveOnly.MatchString(dashboard.Description) {
				continue
			}
			for _, width := range o.widths {
				for _, theme := range o.themes {
					views = append(views, view{name, source, width, theme})
				}
			}
		}
	}
	for _, name := range o.names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("no dashboard %s; there are %s", name, strings.Join(all, ", "))
		}
	}
	return views, nil
}

// span is the time that data are of, in seconds since 1970.
type span struct{ From, To int64 }

// run draws all pictures, and writes their names and what is wrong with them to output.
func run(o options, output io.Writer) error {
	views, err := o.views()
	if err != nil {
		return err
	}
	if err := installed(); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "steepest-preview-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := bundle(work); err != nil {
		return err
	}
	spans, err := readSpans()
	if err != nil {
		return err
	}
	sources := map[string]string{}
	for _, source := range o.sources {
		address, stop, err := startPrometheus(source, filepath.Join(work, source))
		if err != nil {
			return err
		}
		defer stop()
		sources[source] = address
	}
	site, stop, err := servePage(work, o.dashboards, sources)
	if err != nil {
		return err
	}
	defer stop()
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	browser, stop, err := startBrowser(work)
	if err != nil {
		return err
	}
	defer stop()

	faults := drawAll(browser, site, o, views, spans)
	broken := 0
	for i, v := range views {
		_, _ = fmt.Fprintln(output, v.file(o))
		for _, fault := range faults[i] {
			broken++
			_, _ = fmt.Fprintf(output, "  %s\n", fault)
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d faults", broken)
	}
	return nil
}

// installed tells which program is missing, and how to install it.
func installed() error {
	for _, program := range []string{"prometheus", "chromium", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%s is missing; install it with: apt-get install %s", program, program)
		}
	}
	return nil
}

// drawAll draws some pictures at once, as one waits for Prometheus while others are drawn, and returns what is wrong with each.
func drawAll(browser context.Context, site string, o options, views []view, spans map[string]span) [][]string {
	faults := make([][]string, len(views))
	var wait sync.WaitGroup
	slots := make(chan struct{}, 3)
	for i, v := range views {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			query := url.Values{"dashboard": {v.dashboard}, "source": {v.source}, "width": {v.width}, "theme": {v.theme},
				"from": {strconv.FormatInt(spans[v.source].From, 10)}, "to": {strconv.FormatInt(spans[v.source].To, 10)}}
			maps.Copy(query, usual[v.dashboard])
			maps.Copy(query, o.variables)
			faults[i] = draw(browser, site+"/?"+query.Encode(), v.width, v.file(o), o.format)
		})
	}
	wait.Wait()
	return faults
}

// readSpans are the times of the recorded data, by source.
func readSpans() (spans map[string]span, err error) {
	b, err := os.ReadFile(home + "/data/spans.json")
	if err == nil {
		err = json.Unmarshal(b, &spans)
	}
	return spans, err
}

// bundle makes the page, after it installed what the page is made of.
func bundle(folder string) error {
	commands := [][]string{{"node", "bundle.mjs", folder}}
	if _, err := os.Stat(home + "/node_modules/.package-lock.json"); err != nil {
		commands = append([][]string{{"npm", "ci", "--silent"}}, commands...)
	}
	for _, c := range commands {
		command := exec.Command(c[0], c[1:]...)
		command.Dir, command.Stdout, command.Stderr = home, os.Stderr, os.Stderr
		if err := command.Run(); err != nil {
			return fmt.Errorf("%s: %w", strings.Join(c, " "), err)
		}
	}
	return nil
}

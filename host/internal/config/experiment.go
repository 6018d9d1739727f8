package config

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/regular"
)

// Experiment is an experiment file with every default filled in.
type Experiment struct {
	File       string            `json:"file"`
	Name       string            `json:"name"` // of the file, without extension
	Question   string            `json:"question,omitempty"`
	Tags       []string          `json:"tags,omitempty"`  // by which its runs can be found
	Notes      string            `json:"notes,omitempty"` // whatever is worth to know of it
	Workloads  []*Workload       `json:"workloads"`       // one for each problem that the file describes
	Seeds      []uint64          `json:"seeds"`
	Search     Search            `json:"search,omitzero"` // how the sets within an optimizer become variants, if it does not say so itself
	Tune       *Tune             `json:"tune,omitempty"`  // nil if every variant is compared
	Record     Record            `json:"record"`
	Diagnose   []diagnose.Chosen `json:"diagnose,omitempty"` // what is measured of every run beyond the standard quantities
	Checkpoint Checkpoint        `json:"checkpoint"`
	Failures   Failures          `json:"failures"`
	Expect     []claim.Claim     `json:"expect,omitempty"`  // what must come out
	Figures    []Figure          `json:"figures,omitempty"` // that show the answer

	// Written are the keys as the file has them, with those that it includes and that were set: what people see when the file changes.
	Written map[string]any `json:"written,omitempty"`

	// Variables are the environment in which Build looks for fetched data sets.
	Variables environ.Variables `json:"-"`

	*document `json:"-"`
	weight    int // of all variants; see maxWeight
	folder    string
	judges    judges // after Resolve

	expectPaths, diagnosePaths, figurePaths []string // of Expect, Diagnose and Figures
}

// Problem is what is minimised. Which fields count depends on Kind.
type Problem struct {
	Kind string `json:"kind"`

	// models
	*Data  // nil for functions
	*Model // likewise

	Batching *dataset.Batching `json:"batches,omitempty"` // how training meets the data; nil if there are none

	// functions
	Dimension     int       `json:"dimension,omitempty"` // where it can be chosen
	Start         []float64 `json:"start,omitempty"`
	GradientNoise float64   `json:"gradient_noise,omitempty"` // standard deviation

	// quadratic: condition number of a matrix and what it is drawn from, or CSV files
	Condition  float64 `json:"condition,omitempty"`
	Seed       uint64  `json:"seed,omitempty"`
	MatrixFile string  `json:"matrix_file,omitempty"`
	CenterFile string  `json:"center_file,omitempty"`
	StartFile  string  `json:"start_file,omitempty"`

	// what is drawn from Seed likewise
	Movement *problem.Movement `json:"movement,omitempty"` // of a quadratic's minimum
	Waves    int               `json:"waves,omitempty"`    // of a random function
	Samples  int               `json:"samples,omitempty"`  // random matrices

	// Content has the sums of all files that the problem is made from, by their keys in [problem]; known after Build.
	Content map[string]dataset.Sum `json:"content,omitempty"`
}

// WithoutPaths is the problem without the paths of its files: what is in them counts, not where they lie.
func (p Problem) WithoutPaths() Problem {
	p.MatrixFile, p.CenterFile, p.StartFile = "", "", ""
	if p.Data != nil && p.Files != nil {
		data, files := *p.Data, *p.Files
		files.Features, files.Targets, files.TestFeatures, files.TestTargets = "", "", "", ""
		data.Dataset, data.Files = "", &files
		p.Data = &data
	}
	if p.Model != nil {
		m := *p.Model
		m.Layers = slices.Clone(m.Layers)
		for i, l := range m.Layers {
			m.Layers[i] = l.withoutPaths()
		}
		p.Model = &m
	}
	if p.Batching != nil && p.Batching.Order != nil {
		b := *p.Batching
		b.Order = nil
		p.Batching = &b
	}
	return p
}

// Checkpoint is when a run writes down all that it needs to go on: after so many steps or so much time, whichever comes
// first; 0 is never.
type Checkpoint struct {
	Steps    int           `json:"steps"`
	Interval time.Duration `json:"interval_ns"`
}

func (c *Checkpoint) keys() keys {
	return keys{
		integerKey(&c.Steps, "steps", 0, 1, unbounded, "steps between two checkpoints").or("none"),
		durationKey(&c.Interval, "interval", 10*time.Second, time.Millisecond,
			"time between two checkpoints; stretched if writing them takes more than a twentieth of it"),
	}
}

// maxRecordedParameters is the most weights that record.parameters logs at each step.
const maxRecordedParameters = 1000

// Load reads and checks an experiment file. If anything in it is wrong, the error is Errors. Plugins are checked by
// [Experiment.Resolve], data by [Experiment.Build].
func Load(file string) (*Experiment, error) { return LoadWith(file, nil) }

// LoadWith is Load with some keys set as if they stood in the file, each as in "optimizer.sgd.lr=0.1".
func LoadWith(file string, set []string) (*Experiment, error) {
	src, err := read(file)
	if err != nil {
		d := &document{source: &source{file: file}, findings: &findings{}}
		remedy := "give the path of a TOML file; experiments/ has examples"
		if file == "-" || errors.As(err, new(*regular.Error)) {
			remedy = "write the experiment into a file: its name is that of the results, and paths in it start at its folder"
		}
		d.fault(position{}, "cannot read the experiment file: "+reason(err), remedy)
		d.errors[0].cause = err
		return nil, d.errors
	}
	return assemble(file, src, set)
}

// Parse is Load for a file whose content is at hand.
func Parse(file, src string) (*Experiment, error) {
	return assemble(file, src, nil)
}

func assemble(file, src string, set []string) (*Experiment, error) {
	d := &document{findings: &findings{}}
	d.source = newSource(file, src, 0)
	r := sources{document: d}
	whole, ok := r.file(d.source, src, nil)
	if ok {
		ok = r.set(&whole, set)
	}
	if !ok {
		return nil, d.Errors()
	}
	d.found = whole.found
	e := &Experiment{File: file, document: d}
	e.Name, e.folder = experimentName(file)
	e.Written, _ = jsonable(whole.keys).(map[string]any)
	e.read(&table{document: d, keys: whole.keys})
	return e, e.Errors()
}

// read reads a regular file of at most maxFile bytes.
func read(file string) (string, error) {
	f, size, err := regular.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	var b []byte
	if size <= maxFile { // the files of /proc have the size 0
		b, err = io.ReadAll(io.LimitReader(f, maxFile+1))
	}
	if size > maxFile || len(b) > maxFile {
		err = fmt.Errorf("it has more than %d MB", maxFile>>20)
	}
	return string(b), err
}

// reason is an error of the file system without the path, which the reader knows already, and without a remedy.
func reason(err error) string {
	var p *os.PathError
	var irregular *regular.Error
	switch {
	case errors.As(err, &p):
		return p.Err.Error()
	case errors.As(err, &irregular):
		return irregular.What()
	}
	return err.Error()
}

// place turns a byte offset into a position. (The parser's own line is one too many if it stumbled over the line's end.)
func place(src string, offset, length int) position {
	start := min(max(offset, 0), len(src))
	before, text := src[:start], src[start:min(start+max(length, 0), len(src))]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return position{line: strings.Count(before, "\n") + 1, column: utf8.RuneCountInString(line) + 1, length: max(utf8.RuneCountInString(text), 1)}
}

// Fault reports something wrong with the value at a path such as "problem.dataset".
func (d *document) Fault(path, message, remedy string) { d.fault(d.at(path), message, remedy) }

// faultFor is Fault with the error that is the cause.
func (d *document) faultFor(cause error, path, message, remedy string) {
	d.Fault(path, message, remedy)
	d.errors[len(d.errors)-1].cause = cause
}

// Warn reports a value at a path that can be run but is hardly meant.
func (d *document) Warn(path, message, remedy string) {
	d.warnings = append(d.warnings, d.diagnostic(d.at(path), message, remedy))
}

// Warnings returns what can be run but is hardly meant, in the order of the file.
func (d *document) Warnings() []Diagnostic { return d.warnings.sorted() }

// Errors returns what was found wrong so far; nil if nothing was.
func (d *document) Errors() error {
	if len(d.errors) == 0 {
		return nil
	}
	return d.errors.sorted()
}

func (e *Experiment) read(t *table) {
	t.refuseOthers()
	t.fill(e.keys())
	e.readDiagnose(t)
	e.readWorkloads(t)
	e.readExpect(t)
	e.readFigures(t)
	t.done()
}

// keys are those of a file.
func (e *Experiment) keys() keys {
	problem := node{"$ref": "#/$defs/problem"}
	one := node{"allOf": []node{problem, {"$ref": "#/$defs/whole-problem"}}} // of several, which no other file completes
	path := node{"type": "string"}
	return slices.Concat(keys{
		workloadKey("include", either(path, arrayOf(path)), "[other files](#include) with parts of the experiment").ofKind("string or strings").or("none"),
		stringKey(&e.Question, "question", "", "what the experiment asks; shown with the result"),
		stringsKey(&e.Tags, "tags", "words by which its runs can be found").or("none"),
		stringKey(&e.Notes, "notes", "", "whatever is worth to know of it; kept with its results"),
		workloadKey("problem", node{"if": node{"type": "array"}, "then": arrayOf(one), "else": problem}, "what is minimised; [several](#several-problems) are `[[problem]]`").
			needed("add a table [problem] with kind = \"mlp\" or the name of a function, such as \"rosenbrock\""),
	}, ownKeys(), keys{
		{name: "tune", kind: "table", value: tuneNode(), words: "none", help: "how the values of each optimizer are chosen before it is compared",
			read: func(t *table, _ *key) { e.readTune(t) }},
		{name: "seeds", kind: "table", value: new(seeds).keys().closed(), words: "one seed", help: "how often each optimizer runs",
			read: func(t *table, _ *key) { e.readSeeds(t) }},
		workloadKey("optimizer", arrayOf(node{"$ref": "#/$defs/optimizer"}), "the optimizers to compare").ofKind("tables").
			needed("add a table [[optimizer]] with plugin = \"...\"; `steepest plugins list` shows them"),
		{name: "search", kind: "table", value: searchNode(), words: "every combination", help: "how [sets](#sets) become variants",
			read: func(t *table, _ *key) {
				if search, given := t.sub("search"); given {
					e.Search = search.readSearch()
				}
			}},
		workloadKey("exclude", arrayOf(node{"type": "object", "minProperties": 1}), "combinations that are [left out](#exclude)").ofKind("tables").or("none"),
		workloadKey("gradient", node{"$ref": "#/$defs/gradient"}, "clipping").or("none"),
		workloadKey("expect", arrayOf(claimNode()), "what must [come out](claims.md)").ofKind("tables").or("nothing"),
		workloadKey("figure", arrayOf(figureNode()), "[figures](#figure) that show the answer").ofKind("tables").or("none"),
		workloadKey("diagnose", arrayOf(diagnoseNode()), "what is [measured](diagnostics.md) beyond loss and norms").ofKind("tables").or("nothing"),
		tableKey("record", recordKeys(&e.Record), "what is recorded beyond the usual"),
		tableKey("checkpoint", e.Checkpoint.keys(), "when a run writes down what it needs to go on").always().or("every 10 s"),
		{name: "failures", kind: "table", value: e.Failures.keys().closed(), help: "what is done about runs that fail",
			read: func(t *table, _ *key) { e.readFailures(t) }},
	})
}

// ownKeys are those of the file that a problem can have of its own.
func ownKeys() keys {
	w := &Workload{Experiment: &Experiment{}}
	return keys{
		workloadKey("budget", budgetKeys(&w.Budget).closed(), "how long each run lasts").or("that of `[problem]`, or required"),
		workloadKey("target", w.targetNode(), "what a run is to reach").or("none"),
		workloadKey("stop", w.stopNode(), "when a run ends before its budget").or("never"),
	}
}

// workloadKey is a table that each workload reads as it sees it.
func workloadKey(name string, value node, help string) key {
	return key{name: name, kind: "table", value: value, help: help, read: func(t *table, _ *key) { t.lookup(name) }}
}

func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// readSeeds reads the seeds, which [tune] has defaults for.
func (e *Experiment) readSeeds(t *table) {
	s := e.Tune.defaultSeeds()
	if n, isNumber := t.keys["seeds"].(int64); isNumber {
		t.mistyped("seeds", t.place("seeds"), "a table", n, fmt.Sprintf("write seeds = { count = %d }", n))
		t.keys = maps.Clone(t.keys)
		delete(t.keys, "seeds")
	}
	sub, _ := t.sub("seeds")
	sub.read(s.keys())
	if e.Tune != nil && e.Tune.Protocol == AlgoPerf && s.count != e.Tune.Studies {
		t.fault(t.at("seeds.count"), fmt.Sprintf("%d seeds for %d studies", s.count, e.Tune.Studies),
			fmt.Sprintf("each study has one seed: write studies = %d in [tune], or remove count", s.count))
	}
	for i := range s.count {
		e.Seeds = append(e.Seeds, uint64(s.first+i))
	}
}

// seeds are so many from the first on, which are the defaults when they are read.
type seeds struct{ count, first int }

func (s *seeds) keys() keys {
	return keys{
		integerKey(&s.count, "count", max(s.count, 1), 1, maxRuns, "number of seeds"),
		integerKey(&s.first, "first", max(s.first, 1), 0, unbounded, "the first; the others follow it"),
	}
}

// Folder is the name of the folder of the experiment's results: usually Name, and safe on every file system.
func (e *Experiment) Folder() string { return e.folder }

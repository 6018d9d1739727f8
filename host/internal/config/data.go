package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Data is what a model is fitted to, and how it is divided.
type Data struct {
	Dataset   string             `json:"dataset"`               // a name in the catalogue, or a file
	Options   map[string]float64 `json:"options,omitempty"`     // of a synthetic data set, every one
	Files     *dataset.Files     `json:"files,omitempty"`       // of one from disk
	OneVsRest string             `json:"one_vs_rest,omitempty"` // the class against all others
	OddEven   bool               `json:"odd_even,omitempty"`    // odd against even classes
	Splitting dataset.Splitting  `json:"split"`                 // and preparation

	whole bool // nothing in it is wrong so far
}

// keys are those of [problem] that say which data and which part of them trains.
func (d *Data) keys() keys {
	s := &d.Splitting
	return keys{
		key{name: "dataset", kind: "string or table", value: datasetNode(), help: "a name, the path of a file, or a table, see below",
			read: func(t *table, _ *key) { d.readDataset(t) }}.
			needed("add dataset = " + quoted(dataset.Names()) + " or the path of a " + dataset.FormatTitles() + " file"),
		{name: "target_column", kind: "string", value: node{"type": "string"}, words: "the last",
			help: "the column of a CSV file that holds the targets", read: func(t *table, _ *key) { d.readColumn(t) }},
		{name: "validation", kind: "number or `\"test\"`", value: either(portionNode(true), only("test")), standard: 0.2,
			help: "examples held out to measure on: a fraction below 1 or a count from 2, drawn with the seed; `\"test\"` is the data set's own " +
				"test part, which is the default if it has one",
			read: func(t *table, _ *key) { d.readValidation(t) }},
		portionKey(&s.Test, "test", true, "further examples held out, measured once, at the end: `final_test_loss` and "+
			"`final_test_accuracy` of `run.json`. A data set's own test part is this if something else validates"),
		boolKey(&s.Stratify, "stratify", false,
			"training, validation and test examples have every class in the same proportion, as nearly as whole examples allow"),
		portionKey(&s.Subset, "subset", false, "train on this fraction or count of the training examples only").or("all"),
		numberKey(&s.LabelNoise, "label_noise", 0, "[0,1]",
			"share of the training examples that get one of the other classes instead of their own").called("a share"),
		choiceKey(&s.Scaling, "scale", "", texts(dataset.Scalings), "how features are scaled").or("[what suits the data](data.md#in-an-experiment)"),
		{name: "standardize", kind: "boolean", value: node{"type": "boolean"}, help: "short for `scale = \"standardize\"` or `\"none\"`",
			read: func(t *table, _ *key) {
				if short := t.boolean("standardize", true); short && t.given("standardize") {
					s.Scaling = dataset.Standardize
				} else if !short {
					s.Scaling = dataset.Unscaled
				}
			}},
	}
}

// texts are strings of a type of their own as such.
func texts[S ~string](list []S) (out []string) {
	for _, s := range list {
		out = append(out, string(s))
	}
	return out
}

// readData reads the keys of [problem] that say which data and which part of them trains.
func readData(t *table) *Data {
	d, before := &Data{}, len(t.errors)
	t.fill(d.keys())
	switch s := d.Splitting; {
	case s.Test != (dataset.Portion{}) && d.ownTest():
		t.fault(t.place("test"), "the data set has a test part of its own", "remove test")
	case t.given("standardize") && t.given("scale"):
		t.fault(t.place("standardize"), "scale and standardize exclude each other",
			"remove standardize; true is scale = \"standardize\", false is \"none\"")
	}
	d.whole = len(t.errors) == before
	return d
}

func (d *Data) readDataset(t *table) {
	switch v, _ := t.lookup("dataset"); v := v.(type) {
	case nil:
	case string:
		d.readNamed(v)
		if d.Files != nil {
			d.Files.Task = taskOf(t)
		}
	case map[string]any:
		sub, _ := t.sub("dataset")
		d.readTable(sub)
		if d.Files != nil && d.Files.Task == dataset.Automatic {
			d.Files.Task = taskOf(t)
		}
	default:
		t.wrong("dataset", "a name, a file or a table", v, `"breast-cancer" or { name = "two-moons", noise = 0.1 }`)
	}
}

func (d *Data) readColumn(t *table) {
	switch column := t.str("target_column", ""); {
	case column == "":
	case d.Files == nil && d.Dataset != "":
		t.fault(t.place("target_column"), fmt.Sprintf("the data set %q has a fixed target", d.Dataset), "remove target_column")
	case d.Files != nil:
		d.Files.Column = column
	}
}

// taskOf is what the loss says about the targets of a file: one that is not for classes is of numbers.
func taskOf(t *table) dataset.Task {
	name, _ := t.keys["loss"].(string)
	if loss, ok := model.Losses.Find(name); ok && loss.Accuracy == nil && t.keys["target"] != "input" {
		return dataset.Regression
	}
	return dataset.Automatic
}

// readNamed takes a name in the catalogue, or else the path of a file.
func (d *Data) readNamed(name string) {
	d.Dataset = name
	if known, ok := dataset.Find(name); ok {
		d.Options = defaults(known)
		return
	}
	d.Files = &dataset.Files{Features: name}
}

func defaults(k dataset.Known) map[string]float64 {
	values := map[string]float64{}
	for _, o := range k.Options {
		values[o.Name] = o.Default
	}
	return values
}

func (d *Data) readTable(t *table) {
	_, named := t.keys["name"]
	_, file := t.keys["file"]
	if named == file {
		t.fault(t.at(t.path), "dataset needs either name or file",
			`write one of them, such as { name = "two-moons" } or { file = "data.csv" }`)
		return
	}
	if named {
		known, _ := dataset.Find(t.choice("name", "", dataset.Names()))
		if known.Name == "" {
			return // of an unknown set no key can be judged
		}
		d.Dataset, d.Options = known.Name, map[string]float64{}
		t.fill(optionKeys(d.Options, known))
	} else {
		d.readFiles(t)
	}
	t.fill(d.classKeys())
	if d.OneVsRest != "" && d.OddEven {
		t.fault(t.place("odd_even"), "one_vs_rest and odd_even exclude each other", "keep one of them")
	}
	t.done()
}

// optionKeys are those of a synthetic data set.
func optionKeys(values map[string]float64, known dataset.Known) (list keys) {
	for _, o := range known.Options {
		value := within(&v1.Interval{Low: o.Low, High: o.High})
		if o.Whole {
			value["type"] = "integer"
		}
		list = append(list, key{name: o.Name, kind: strings.TrimPrefix(o.Allowed(), "a "), value: value, standard: o.Default, help: o.Help,
			read: func(t *table, _ *key) {
				values[o.Name] = t.number(o.Name, o.Default, func(x float64) bool {
					return x >= o.Low && x <= o.High && (!o.Whole || x == math.Trunc(x))
				}, o.Allowed())
			}})
	}
	return list
}

// classKeys are those of every data set with classes.
func (d *Data) classKeys() keys {
	return keys{
		stringKey(&d.OneVsRest, "one_vs_rest", "", "two classes: the named one (1) and all others (0)"),
		boolKey(&d.OddEven, "odd_even", false, "two classes: odd (1) and even (0); the names of the classes must be whole numbers"),
	}
}

// fileKeys are those of a data set from disk.
func fileKeys(f *dataset.Files) keys {
	return keys{
		stringKey(&f.Features, "file", "", "the features, and in a CSV or LIBSVM file the targets too"),
		stringKey(&f.Targets, "targets", "", "the file of targets, for IDX and NumPy files"),
		stringKey(&f.TestFeatures, "test_file", "", "the data set's own test part, in a file like the first"),
		stringKey(&f.TestTargets, "test_targets", "", "its targets"),
		choiceKey(&f.Format, "format", "", dataset.Formats, "how the files are written").or("[what the name tells](data.md#files)"),
		stringKey(&f.Column, "target_column", "", "the column of a CSV file that holds the targets").or("the last"),
		{name: "header", kind: "boolean", value: node{"type": "boolean"}, words: "found out",
			help: "whether the first line of a CSV file names its columns; without, they are called `\"1\"`, `\"2\"`, ... " +
				"By default it must, and a first line that looks like an example is refused",
			read: func(t *table, _ *key) {
				if header := t.boolean("header", true); t.given("header") {
					f.Header = dataset.Header(strconv.FormatBool(header))
				}
			}},
		{name: "separator", kind: code(each(strconv.Quote, dataset.Separators)), value: node{"enum": dataset.Separators},
			words: "found out from the first lines", help: "what stands between the columns of a CSV file",
			read: func(t *table, _ *key) { f.Separator = readSeparator(t) }},
		choiceKey(&f.Decimal, "decimal", "", []string{".", ","}, "what the numbers of a CSV file have before their fraction").or("`\".\"`"),
		choiceKey(&f.Task, "task", "", texts([]dataset.Task{dataset.Classification, dataset.Regression}), "what the targets are").
			or("regression if the loss is the mean squared error or numbers with a fraction are among the targets"),
	}
}

// each are some texts after a change.
func each(change func(string) string, texts []string) (out []string) {
	for _, s := range texts {
		out = append(out, change(s))
	}
	return out
}

// code are names as code, in a list.
func code(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }

// readSeparator reads what stands between the columns of a file.
func readSeparator(t *table) string {
	s := t.str("separator", "")
	if s != "" && !slices.Contains(dataset.Separators, s) {
		t.fault(t.place("separator"), fmt.Sprintf("separator = %q is out of range", s),
			"choose one of "+strings.Join(each(strconv.Quote, dataset.Separators), ", "))
		return ""
	}
	return s
}

// datasetNode is a name, a path, or a table with a name and its options or with files.
func datasetNode() node {
	var d Data
	name := key{name: "name", kind: "string", value: node{"enum": dataset.Names()}, need: "name it", help: "one of these data sets"}
	var sorts []sort
	for _, known := range dataset.Catalog() {
		sorts = append(sorts, sort{[]string{known.Name}, slices.Concat(optionKeys(map[string]float64{}, known), d.classKeys()).object()})
	}
	named := keys{name}.sorted(sorts)
	files := slices.Concat(fileKeys(&dataset.Files{}), d.classKeys()).closed()
	return either(node{"type": "string", "examples": dataset.Names()},
		node{"if": node{"required": []string{"file"}}, "then": files, "else": named, "type": "object"})
}

func (d *Data) readFiles(t *table) {
	d.Files = &dataset.Files{}
	t.fill(fileKeys(d.Files))
	d.Dataset = d.Files.Features
	format := d.format()
	if format == "" {
		return // reported when the data are loaded
	}
	for _, pair := range [][2]string{{"file", "targets"}, {"test_file", "test_targets"}} {
		_, features := t.keys[pair[0]]
		_, targets := t.keys[pair[1]]
		switch {
		case targets && (dataset.HasTargets(format) || !features):
			t.fault(t.place(pair[1]), fmt.Sprintf("%s does not go with these files", pair[1]),
				fmt.Sprintf("remove %s: a %s file has its targets with it, "+
					"and other files need %s", pair[1], format, pair[0]))
		case features && !targets && !dataset.HasTargets(format):
			t.fault(t.place(pair[0]), fmt.Sprintf("a file of the format %s has no targets", format),
				fmt.Sprintf("add %s = \"FILE\"", pair[1]))
		}
	}
	for _, key := range []string{"target_column", "header", "separator", "decimal"} {
		if _, given := t.keys[key]; given && format != "csv" {
			t.fault(t.place(key), fmt.Sprintf("%s is for CSV files, and this is one of the format %s", key, format), "remove "+key)
		}
	}
}

func (d *Data) format() string {
	if d.Files.Format != "" {
		return d.Files.Format
	}
	return dataset.FormatOf(d.Files.Features)
}

func (d *Data) readValidation(t *table) {
	s := &d.Splitting
	if d.ownTest() {
		s.OnTest = true
	} else {
		s.Validation = dataset.Portion{Fraction: 0.2}
	}
	if v, ok := t.keys["validation"].(string); ok {
		t.known = append(t.known, "validation")
		switch {
		case v != "test":
			t.fault(t.place("validation"), fmt.Sprintf("validation = %q is neither a number nor \"test\"", v),
				"write a fraction such as 0.2, a number of examples such as 1000, or \"test\"")
		case !d.ownTest():
			t.fault(t.place("validation"), "the data set has no test part of its own",
				"write a fraction such as 0.2 or a number of examples such as 1000")
		}
	} else if portion, given := t.portion("validation", true); given {
		s.OnTest, s.Validation = false, portion
	}
}

// ownTest tells whether the data set has a test part of its own.
func (d *Data) ownTest() bool {
	if d.Files != nil {
		return d.Files.TestFeatures != ""
	}
	known, _ := dataset.Find(d.Dataset)
	return known.Fetched != nil
}

// portionKey is a fraction or a number of examples.
func portionKey(p *dataset.Portion, name string, none bool, help string) key {
	k := key{name: name, kind: "number", value: portionNode(none), help: help, read: func(t *table, _ *key) { *p, _ = t.portion(name, none) }}
	if none {
		k.standard = 0
	}
	return k
}

func portionNode(none bool) node {
	list := []node{{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, {"type": "integer", "minimum": 2}}
	if none {
		list = append(list, only(0))
	}
	return either(list...)
}

// portion reads a fraction below 1 or a number of examples from 2; 0 is none, if that is allowed.
func (t *table) portion(key string, none bool) (p dataset.Portion, given bool) {
	want := "a fraction above 0 and below 1, or a whole number of examples from 2"
	if none {
		want += "; 0 is none"
	}
	x := t.number(key, 0, func(x float64) bool {
		return x > 0 && x < 1 || x > 1 && x <= math.MaxInt32 && x == math.Trunc(x) || none && x == 0
	}, want)
	if x > 1 {
		p.Count = int(x)
	} else {
		p.Fraction = x
	}
	_, given = t.keys[key]
	return p, given
}

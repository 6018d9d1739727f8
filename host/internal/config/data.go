package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
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

// readData reads the keys of [problem] that say which data and which part of them trains.
func readData(t *table) *Data {
	d, before := &Data{}, len(t.errors)
	t.required("dataset", "add dataset = "+quoted(dataset.Names())+" or the path of a "+dataset.FormatTitles()+" file")
	v, given := t.lookup("dataset")
	column := t.str("target_column", "")
	if given {
		switch v := v.(type) {
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
	if column != "" {
		switch {
		case d.Files == nil && d.Dataset != "":
			t.fault(t.place("target_column"), fmt.Sprintf("the data set %q has a fixed target", d.Dataset), "remove target_column")
		case d.Files != nil:
			d.Files.Column = column
		}
	}
	d.readSplitting(t)
	d.whole = len(t.errors) == before
	return d
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
		d.Dataset, d.Options = known.Name, defaults(known)
		for _, o := range known.Options {
			d.Options[o.Name] = t.number(o.Name, o.Default, func(x float64) bool {
				return x >= o.Low && x <= o.High && (!o.Whole || x == math.Trunc(x))
			}, o.Allowed())
		}
	} else {
		d.readFiles(t)
	}
	d.OneVsRest, d.OddEven = t.str("one_vs_rest", ""), t.boolean("odd_even", false)
	if d.OneVsRest != "" && d.OddEven {
		t.fault(t.place("odd_even"), "one_vs_rest and odd_even exclude each other", "keep one of them")
	}
	t.done()
}

func (d *Data) readFiles(t *table) {
	d.Dataset = t.str("file", "")
	d.Files = &dataset.Files{Features: d.Dataset, Targets: t.str("targets", ""), TestFeatures: t.str("test_file", ""),
		TestTargets: t.str("test_targets", ""), Format: t.choice("format", "", dataset.Formats),
		Column: t.str("target_column", ""), Separator: t.str("separator", ""), Decimal: t.choice("decimal", "", []string{".", ","}),
		Task: dataset.Task(t.choice("task", "", []string{string(dataset.Classification), string(dataset.Regression)}))}
	if header := t.boolean("header", true); t.keys["header"] != nil {
		d.Files.Header = dataset.Header(strconv.FormatBool(header))
	}
	if s := d.Files.Separator; s != "" && !slices.Contains(dataset.Separators, s) {
		t.fault(t.place("separator"), fmt.Sprintf("separator = %q is out of range", s), "choose one of "+quotedAll(dataset.Separators))
		d.Files.Separator = ""
	}
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

// quotedAll is a list of texts as a TOML file has them.
func quotedAll(texts []string) string {
	var list []string
	for _, s := range texts {
		list = append(list, strconv.Quote(s))
	}
	return strings.Join(list, ", ")
}

func (d *Data) format() string {
	if d.Files.Format != "" {
		return d.Files.Format
	}
	return dataset.FormatOf(d.Files.Features)
}

func (d *Data) readSplitting(t *table) {
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
	s.Test, _ = t.portion("test", true)
	if s.Test != (dataset.Portion{}) && d.ownTest() {
		t.fault(t.place("test"), "the data set has a test part of its own", "remove test")
	}
	s.Subset, _ = t.portion("subset", false)
	s.Stratify = t.boolean("stratify", false)
	s.LabelNoise = t.number("label_noise", 0, func(x float64) bool { return x >= 0 && x <= 1 },
		"a share from 0 to 1 of the training examples")
	var names []string
	for _, scaling := range dataset.Scalings {
		names = append(names, string(scaling))
	}
	s.Scaling = dataset.Scaling(t.choice("scale", "", names))
	if _, given := t.keys["standardize"]; given {
		short := dataset.Unscaled
		if t.boolean("standardize", true) {
			short = dataset.Standardize
		}
		if _, both := t.keys["scale"]; both {
			t.fault(t.place("standardize"), "scale and standardize exclude each other",
				"remove standardize; true is scale = \"standardize\", false is \"none\"")
		}
		s.Scaling = short
	}
	t.known = append(t.known, "standardize")
}

// ownTest tells whether the data set has a test part of its own.
func (d *Data) ownTest() bool {
	if d.Files != nil {
		return d.Files.TestFeatures != ""
	}
	known, _ := dataset.Find(d.Dataset)
	return known.Fetched != nil
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

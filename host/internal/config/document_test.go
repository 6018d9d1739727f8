package config

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/schedule"
	"github.com/steepest/steepest/host/internal/transform"
)

var update = flag.Bool("update", false, "write what the kinds say of themselves into the manuals")

// TestDocument holds the lists of the manuals to what the kinds say of themselves.
func TestDocument(t *testing.T) {
	for file, parts := range map[string]map[string]func() string{
		"models.md": {"layers": layersTable, "activations": activationsTable, "losses": lossesTable,
			"initial values": initializersTable},
		"schedules.md":   {"schedules": schedulesTable},
		"diagnostics.md": {"diagnostics": diagnosticsText},
		"data.md": {"data sets": dataTable, "data keys": keysTable(slices.Concat(new(Data).keys(), batchKeys(new(dataset.Batching), standardBatches))),
			"class keys": keysTable(new(Data).classKeys()), "file keys": keysTable(slices.Concat(fileKeys(new(dataset.Files)), new(Data).classKeys()))},
		"experiment-reference.md": {"kinds": kindsText, "transforms": transformsTable, "sets": setsTable, "searches": searchesTable,
			"file keys": fileTable, "mlp keys": keysTable(append(mlpKeys(new(Model)), startFolderKey(new(Problem)))), "network keys": keysTable(networkKeys(new(Model))[len(new(Model).keys()):]),
			"function keys":       keysTable(functionKeys(new(Problem), problem.Functions[0])),
			"quadratic file keys": keysTable(quadraticFiles(new(Problem))), "quadratic keys": keysTable(quadraticNumbers(new(Problem))),
			"nonstationary keys": keysTable(movingKeys(new(Problem))), "random function keys": keysTable(randomFunctionKeys(new(Problem))),
			"random matrix keys": keysTable(randomMatrixKeys(new(Problem))),
			"stochastic keys":    keysTable(batchKeys(new(dataset.Batching), problem.StochasticFunctions[0].Batching())),
			"budget keys":        keysTable(budgetKeys(new(Budget))), "optimizer keys": keysTable(optimizerKeys(new(Optimizer))),
			"group keys": keysTable(groupKeys(new(Group))), "search keys": keysTable(drawKeys(new(Search))), "halving keys": keysTable(halvingKeys(new(Search))), "record keys": keysTable(recordKeys(new(Record))),
			"validation keys": keysTable(validationKeys(new(record.Cadence))),
			"seeds keys":      keysTable(new(seeds).keys()),
			"stop keys":       keysTable(stopKeys(new(measure.Stop))), "plateau keys": keysTable(new(Workload).plateauKeys(new(measure.Plateau))),
			"divergence keys": keysTable(new(Workload).divergenceKeys(new(measure.Divergence))),
			"tune keys":       keysTable(new(Tune).keys()),
			"expect keys":     keysTable(new(expectation).keys()),
			"figure keys":     figureTable,
			"checkpoint keys": keysTable(new(Checkpoint).keys()), "failures keys": keysTable(new(Failures).keys())},
	} {
		path := "../../../docs/" + file
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for name, part := range parts {
			begin := fmt.Sprintf("<!-- %s: made by go test ./host/internal/config -run Document -update -->\n\n", name)
			before, rest, ok := strings.Cut(text, begin)
			_, after, ok2 := strings.Cut(rest, "\n<!-- end -->\n")
			if !ok || !ok2 {
				t.Fatalf("%s has no place for %s", file, name)
			}
			text = before + begin + part() + "\n<!-- end -->\n" + after
		}
		switch {
		case text == string(b):
		case *update:
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s is not up to date; run this test with -update", file)
		}
	}
}

// markdown is a table; a cell that is empty has no blanks.
func markdown(header string, rows [][]string) string {
	var b strings.Builder
	columns := strings.Split(header, ", ")
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	for _, row := range rows {
		b.WriteString("|")
		for _, cell := range row {
			if cell != "" {
				cell = " " + strings.ReplaceAll(cell, "|", `\|`)
			}
			b.WriteString(cell + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// keysTable describes the keys of a table.
func keysTable(list keys) func() string {
	var rows [][]string
	for _, k := range list {
		standard := k.words
		switch {
		case standard != "":
		case k.need != "":
			standard = "required"
		case k.standard != nil:
			b, err := json.Marshal(k.standard)
			if err != nil {
				panic(err)
			}
			standard = "`" + string(b) + "`"
		}
		rows = append(rows, []string{"`" + k.name + "`", k.kind, standard, k.help})
	}
	return func() string { return markdown("key, type, default, meaning", rows) }
}

// figureTable describes the keys of figures, and which kinds have them.
func figureTable() string {
	type row struct{ name, kind, standard, help string }
	var rows []row
	of := map[row][]string{}
	for _, k := range figureKinds {
		for _, x := range figureKeys(&Figure{}, k) {
			r := row{"`" + x.name + "`", x.kind, x.words, x.help}
			if x.need != "" {
				r.standard = "required"
			}
			if of[r] == nil {
				rows = append(rows, r)
			}
			of[r] = append(of[r], "`"+k.name+"`")
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return len(of[b]) - len(of[a]) })
	var cells [][]string
	for _, r := range rows {
		kinds := strings.Join(of[r], ", ")
		if len(of[r]) == len(figureKinds) {
			kinds = "all"
		}
		cells = append(cells, []string{r.name, r.kind, r.standard, r.help, kinds})
	}
	return markdown("key, type, default, meaning, kinds", cells)
}

// diagnosticsText describes every diagnostic: what it measures, from where, what it takes, its keys and its quantities.
func diagnosticsText() string {
	var b strings.Builder
	for i, k := range diagnose.Kinds {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "## %s\n\n%s%s.\n\n", k.Name, strings.ToUpper(k.Help[:1]), k.Help[1:])
		rows := [][]string{{"source", k.Source}, {"cost", k.Cost}}
		if k.Limits != "" {
			rows = append(rows, []string{"of", k.Limits})
		}
		if k.EachRow {
			rows = append(rows, []string{"when", "at each row, unless something else is asked"})
		}
		if k.AtEnd {
			rows = append(rows, []string{"when", "at the end, unless something else is asked"})
		}
		settings := diagnose.Every()[i].Settings
		for _, key := range k.Keys {
			text := key.Help
			switch {
			case key.Default != nil:
				text += fmt.Sprintf("; `%v` by default", key.Default)
			case key.Type == model.Switch:
				text += fmt.Sprintf("; `%s` by default", key.Choices[0])
				settings[key.RecordedName()] = true // all that there can be
			case key.Type == model.Whole:
				settings[key.RecordedName()] = 1
			}
			rows = append(rows, []string{"key `" + key.Name + "`", text})
		}
		b.WriteString(markdown(", ", rows) + "\n")
		rows = nil
		for _, q := range k.Quantities(settings) {
			rows = append(rows, []string{"`" + q.Name + "`", q.Help})
		}
		if k.Elements != nil {
			seen := map[string]bool{}
			for _, q := range k.Elements(settings, example()) {
				name, _, _ := strings.Cut(q.Name, "[")
				if !seen[name] {
					rows = append(rows, []string{"`" + name + "[…]`", q.Help})
				}
				seen[name] = true
			}
		}
		b.WriteString(markdown("quantity, meaning", rows))
	}
	return b.String()
}

// example is a problem with everything that diagnostics measure parts of.
func example() problem.Problem {
	relu, _ := model.Activations.Find("relu")
	n, err := model.New(model.Shape{2}, []model.Layer{model.Activated{Layer: model.Dense{Units: 2}, Activation: relu}})
	if err != nil {
		panic(err)
	}
	return &problem.Supervised{Network: n, Data: &dataset.Dataset{Classes: []string{"a", "b"}, Y: []float64{0, 1}}}
}

// fileTable describes the tables and keys of a file as their headers have them.
func fileTable() string {
	list := new(Experiment).keys()
	for i, k := range list {
		switch k.kind {
		case "table":
			list[i].name = "[" + k.name + "]"
		case "tables":
			list[i].name = "[[" + k.name + "]]"
		}
	}
	return keysTable(list)()
}

// keyRow says what a key takes.
func keyRow(k model.Key) []string {
	kind, standard := "", fmt.Sprintf("`%v`", k.Default)
	switch k.Type {
	case model.Whole:
		kind = "integer"
	case model.Number:
		kind = "number" + inWords(mustInterval(cmp.Or(k.In, everyNumber)))
	case model.Pair:
		kind = "integer or two"
		if pair, ok := k.Default.([2]int); ok && pair[0] == pair[1] {
			standard = fmt.Sprintf("`%d`", pair[0])
		}
	case model.Choice:
		kind, standard = `"`+strings.Join(k.Choices, `", "`)+`"`, fmt.Sprintf("`%q`", k.Default)
		if k.Name == "activation" {
			kind = "string"
		} else {
			kind = "`" + strings.ReplaceAll(kind, `", "`, "\"`, `\"") + "`"
		}
	case model.Switch:
		kind, standard = "boolean", "`true`"
	case model.Start:
		kind, standard = "string or table", "that of `[problem]`"
	}
	switch {
	case k.Last:
		standard = "required, but not in the last layer"
	case k.Needed != "":
		standard = "required"
	case k.Like != "":
		standard = "the " + k.Like
	}
	return []string{"`" + k.Name + "`", kind, standard, k.Help}
}

func layersTable() string {
	var rows [][]string
	for _, l := range model.LayerKinds {
		name := "`" + l.Name + "`"
		if l.Help != "" {
			rows, name = append(rows, []string{name, "", "", "", l.Help}), ""
		}
		for _, k := range l.Keys {
			rows, name = append(rows, append([]string{name}, keyRow(k)...)), ""
		}
		if name != "" && l.Help == "" {
			rows = append(rows, []string{name, "", "", "", ""})
		}
	}
	return markdown("kind, key, type, default, meaning", rows)
}

func activationsTable() string {
	var rows [][]string
	for _, a := range model.Activations {
		rows = append(rows, []string{"`" + a.Name + "`", a.Formula})
	}
	return markdown("name, formula", rows)
}

func lossesTable() string {
	var rows [][]string
	for _, l := range model.Losses {
		rows = append(rows, []string{"`" + l.Name + "`", l.Formula, l.Suits})
	}
	return markdown("name, mean of, default for", rows)
}

func initializersTable() string {
	var rows [][]string
	for _, f := range model.InitializerKinds {
		var keys []string
		for _, k := range f.Keys {
			key := "`" + k.Name + "`"
			switch {
			case k.Needed != "":
			case k.Choices != nil:
				key += " (`\"" + strings.Join(k.Choices, "\"`, or `\"") + "\"`)"
			case k.Default != nil:
				key += fmt.Sprintf(" (%v)", k.Default)
			default:
				key += " (0)"
			}
			keys = append(keys, key)
		}
		rows = append(rows, []string{"`" + f.Name + "`", strings.Join(keys, ", "), f.Help})
	}
	return markdown("kind, keys, values", rows)
}

func schedulesTable() string {
	var rows [][]string
	for _, k := range schedule.Kinds {
		name := "`" + k.Name + "`"
		for _, u := range k.Manual {
			rows, name = append(rows, []string{name, u.Keys, u.Formula, u.Like}), ""
		}
	}
	return markdown("name, keys, v_k, equals", rows)
}

func dataTable() string {
	var rows [][]string
	for _, k := range dataset.Catalog() {
		var options []string
		for _, o := range k.Options {
			options = append(options, o.Name)
		}
		row := []string{"`" + k.Name + "`", k.Summary, ""}
		if options != nil {
			row[2] = code(options)
		}
		rows = append(rows, row)
	}
	return markdown("name, what it has, options", rows)
}

func kindsText() string {
	var rows [][]string
	names := map[string][]string{}
	for _, k := range kinds {
		if names[k.about] == nil {
			rows = append(rows, []string{"", k.about})
		}
		names[k.about] = append(names[k.about], k.name)
	}
	for _, row := range rows {
		row[0] = code(names[row[1]])
	}
	return markdown("kind, what it is", rows)
}

func transformsTable() string {
	var rows [][]string
	for _, k := range transform.Kinds {
		rows = append(rows, []string{"`" + k.Name + "`", "number above 0", k.Help})
	}
	return markdown("key, type, meaning", rows)
}

func setsTable() string {
	var rows [][]string
	for _, k := range setKinds {
		rows = append(rows, []string{"`{ " + k.name + " = ... }`", k.form, k.help})
	}
	return markdown("set, of, values", rows)
}

func searchesTable() string {
	var rows [][]string
	for _, k := range searchKinds {
		rows = append(rows, []string{"`" + k.name + "`", k.help})
	}
	return markdown("kind, trials", rows)
}

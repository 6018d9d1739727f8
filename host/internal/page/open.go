package page

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/conduct"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/picture"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Extent is how much of an experiment a page has.
type Extent struct {
	Jobs []plan.Job // as far as they are known
	Over int        // how many of them were over
}

// Open makes the page of the results in a folder, as they are on record. What the experiment was made from may be gone.
func Open(ctx context.Context, dir string) (p Page, has Extent, err error) {
	asked, there, err := store.Restore(ctx, dir)
	if err != nil {
		return p, has, err
	}
	last, jobs, err := conduct.Look(ctx, asked, there)
	if err != nil {
		return p, has, err
	}
	folder := there.Folder()
	standing := folder.Standing()
	has.Jobs = jobs
	for _, r := range standing {
		if r.Status.Over() || r.Status == record.Failed {
			has.Over++
		}
	}
	runs := conduct.Answers(last, standing)
	if asked.Judge() != "" && len(last.Answers) == 0 {
		runs = nil // nothing is chosen yet
	}
	p = Page{Name: asked.Name, Question: asked.Question, Notes: asked.Notes, Tags: asked.Tags}
	verdicts, err := compare.Claims(asked.Experiment, folder, runs)
	if err != nil {
		return p, has, fmt.Errorf("the claims cannot be judged: %w", err)
	}
	p.judged(asked, verdicts)
	results := picture.Of(asked, folder, runs)
	p.Keys = keys(results)
	var warnings []string
	if p.Answer, warnings, err = answer(results); err != nil {
		return p, has, err
	}
	p.Warnings = append(p.Warnings, warnings...)
	if p.Sections, err = sections(results); err != nil {
		return p, has, err
	}
	p.Warnings = append(p.Warnings, results.Unreadable()...)
	if err := p.compared(ctx, dir, asked); err != nil {
		p.Warnings = append(p.Warnings, "nothing is compared: "+err.Error())
	}
	p.missing(runs)
	p.Varied = varied(asked, results)
	p.Configuration = config.Text(asked.Written)
	if err := p.provenance(ctx, dir); err != nil {
		return p, has, err
	}
	p.warned(asked, folder)
	if len(asked.Jobs) > 0 { // else all are of other programs, and nothing can replay them
		p.Replay = []Command{
			{"Make the runs that are not there, and judge", terminal.Command([]string{"steepest", "run"}, asked.File)},
			{"Judge the claims again, from what is on record", terminal.Command([]string{"steepest", "check-claims"}, dir)},
		}
	}
	p.Replay = append(p.Replay, Command{"Make this page again", terminal.Command([]string{"steepest", "report"}, dir)},
		Command{"Take the numbers elsewhere", terminal.Command([]string{"steepest", "export", "--format", "csv", "--out", "tables"}, dir)})
	return p, has, nil
}

// judged has the verdicts, and how many there are of each kind.
func (p *Page) judged(asked plan.Plan, verdicts []claim.Verdict) {
	for _, v := range verdicts {
		q, _ := v.Measure.Find(asked.Quantities())
		if n := len(p.Claims); n == 0 || p.Claims[n-1].Text != v.String() {
			p.Claims = append(p.Claims, Claim{Text: v.String()})
		}
		c := &p.Claims[len(p.Claims)-1]
		c.Verdicts = append(c.Verdicts, Verdict{string(v.Result), v.Subject(), report.Measured(v, q), v.Warnings})
	}
	for _, result := range []claim.Result{claim.Pass, claim.Fail, claim.Inconclusive} {
		n := 0
		for _, v := range verdicts {
			if v.Result == result {
				n++
			}
		}
		if n > 0 {
			p.Counts = append(p.Counts, Count{string(result), n})
		}
	}
}

// compared has what `steepest compare` says of the runs: counts, medians with intervals, paired differences and what follows from them.
func (p *Page) compared(ctx context.Context, dir string, asked plan.Plan) error {
	results, err := store.OpenResults(ctx, dir)
	if err != nil {
		return err
	}
	c, faults, err := compare.Read(ctx, []*store.Results{results}, compare.Options{Schema: asked.Quantities()})
	if err != nil {
		return err
	}
	for _, fault := range faults {
		p.Warnings = append(p.Warnings, fault.Error())
	}
	for _, w := range c.Warnings {
		text := w.Text
		if w.Problem != "" {
			text = w.Problem + ": " + text
		}
		p.Warnings = append(p.Warnings, text)
	}
	for _, drawn := range c.Tables() {
		p.Tables = append(p.Tables, p.table(drawn))
	}
	return nil
}

// table is a drawing of a part of a comparison.
func (p *Page) table(drawn compare.Table) Table {
	t := Table{Title: drawn.Heading(), Head: drawn.Columns, Notes: drawn.Notes}
	for _, cells := range drawn.Rows {
		row := Row{Key: p.keyOf(cells[0].Text)}
		for at, x := range cells {
			row.Cells = append(row.Cells, cell(x.Text, drawn.Columns[at]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// cell splits what stands in brackets from the number before it.
func cell(text, column string) Cell {
	switch i := strings.LastIndexByte(text, '['); {
	case column == "verdict":
		return Cell{Value: text, Words: true}
	case i > 1 && column != "":
		return Cell{Value: text[:i-1], Aside: text[i:]}
	}
	return Cell{Value: text}
}

// missing says how many of the runs that are asked for are in no number, since they did not come to an end.
func (p *Page) missing(runs []store.Run) {
	n := 0
	for _, r := range runs {
		if r.Status == "" {
			n++
		}
	}
	if n > 0 {
		p.Warnings = append(p.Warnings, fmt.Sprintf("of the %d runs that are asked for %d did not end or were never begun; they are in no number", len(runs), n))
	}
}

// keyOf is the key of the optimizer whose line a name is of; the zero Key if it has none, since it is of another program.
func (p *Page) keyOf(name string) Key {
	for _, k := range p.Keys {
		if slices.Contains(k.Series, name) {
			return k
		}
	}
	return Key{}
}

// varied are the sets that the experiment chose from, and its seeds.
func varied(asked plan.Plan, r *picture.Results) (facts []Fact) {
	note := func(name, value string) {
		i := slices.IndexFunc(facts, func(f Fact) bool { return f.Name == name })
		if i < 0 {
			facts = append(facts, Fact{name, value})
		} else if known := strings.Split(facts[i].Text, ", "); !slices.Contains(known, value) {
			facts[i].Text += ", " + value
		}
	}
	if len(asked.Workloads) > 1 {
		for _, w := range asked.Workloads {
			note("problem", w.Name)
		}
	}
	for _, k := range keys(r) {
		note("optimizer", k.Name)
	}
	for _, p := range r.Problems {
		for _, c := range p.Workload.Choices {
			note("problem."+c.Key, c.String())
		}
		for _, v := range p.Variants {
			for _, c := range v.Choices {
				note(picture.Base(v.Optimizer)+"."+c.Key, c.String())
			}
		}
	}
	var seeds []string
	for _, s := range asked.Seeds {
		seeds = append(seeds, strconv.FormatUint(s, 10))
	}
	return append(facts, Fact{"seed", strings.Join(seeds, ", ")})
}

// warned has what the reader must know before any number is believed.
func (p *Page) warned(asked plan.Plan, folder *store.Folder) {
	for _, w := range asked.Warnings() {
		p.Warnings = append(p.Warnings, w.Message)
	}
	for _, d := range asked.Doubts() {
		p.Warnings = append(p.Warnings, d.Message+"; "+d.Remedy)
	}
	if mixed := folder.Mixed(); mixed != "" {
		p.Warnings = append(p.Warnings, mixed)
	}
	if len(asked.Expect) > 0 {
		if imported, _ := folder.Imported(); len(imported) > 0 {
			p.Warnings = append(p.Warnings, report.NotJudged(len(imported)))
		}
	}
}

// Program is a plugin whose runs are in the results, or the host.
type Program struct {
	Role, Name, Version, SHA256 string
	Details                     string
	Runs                        int
}

// provenance finds the programs, the data and the machines of all runs on record.
func (p *Page) provenance(ctx context.Context, dir string) error {
	results, err := store.OpenResults(ctx, dir)
	if err != nil {
		return err
	}
	p.Began = results.Began.UTC().Format("2 January 2006, 15:04 UTC")
	programs, order := map[Program]int{}, []Program{}
	facts := map[string]map[string]bool{}
	count := func(x Program) {
		if programs[x] == 0 && x.Name != "" {
			order = append(order, x)
		}
		programs[x]++
	}
	fact := func(name, text string) {
		if text == "" {
			return
		}
		if facts[name] == nil {
			facts[name] = map[string]bool{}
		}
		facts[name][text] = true
	}
	for r, err := range results.Runs(ctx) {
		if err != nil {
			p.Warnings = append(p.Warnings, err.Error())
			continue
		}
		for _, made := range r.Plugins() {
			count(Program{Role: "plugin", Name: made.Name, Version: made.Version, SHA256: made.SHA256, Details: details(made)})
		}
		count(Program{Role: "host", Name: r.Host.Name, Version: r.Host.Version, SHA256: r.Host.SHA256, Details: r.Go})
		for _, key := range slices.Sorted(maps.Keys(r.Problem.Content)) {
			sum := r.Problem.Content[key]
			count(Program{Role: "data", Name: key, Version: fmt.Sprintf("%d bytes", sum.Bytes), SHA256: sum.SHA256})
		}
		if m := r.Machine; m.OS != "" {
			fact("machine", fmt.Sprintf("%s, %d cores, %s/%s", m.CPU, m.Cores, m.OS, m.Arch))
		}
		for _, met := range r.Met() {
			if r.Imported == nil {
				fact("numerics", met.String())
			}
		}
		fact("commit of the host", r.Commit)
		fact("commit of the experiment", r.Git)
		if r.Imported != nil {
			fact("imported", r.Imported.Source+" (SHA-256 "+r.Imported.SHA256+")")
		}
		if !r.Started.IsZero() {
			fact("days", r.Started.UTC().Format(time.DateOnly))
		}
	}
	for _, x := range order {
		n := programs[x]
		x.Runs = n
		p.Provenance = append(p.Provenance, x)
	}
	slices.SortStableFunc(p.Provenance, func(a, b Program) int { return strings.Compare(b.Role, a.Role) })
	for _, name := range []string{"machine", "numerics", "commit of the host", "commit of the experiment", "imported", "days"} {
		if texts := slices.Sorted(maps.Keys(facts[name])); len(texts) > 0 {
			p.Facts = append(p.Facts, Fact{name, strings.Join(texts, "; ")})
		}
	}
	return nil
}

// details says how a plugin worked with the host, and what an exam found.
func details(p store.PluginProgram) string {
	parts := []string{string(p.DataPlane), p.Kernel}
	if c := p.Certificate; c != nil {
		parts = append(parts, "certificate "+fmt.Sprint(c.Verdict)+" of "+c.Date.UTC().Format(time.DateOnly))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

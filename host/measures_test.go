//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/execute"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// measured has runs that finish, stop, and diverge.
const measured = `
[problem]
kind = "mlp"
dataset = "breast-cancer"
hidden = [4]
batch = 32
[budget]
epochs = 8
[target]
"train_loss mean over last 5" = 0.2
[stop]
plateau = { measure = "validation_loss", patience = 1, min_delta = 0.05 }
divergence = { measure = "update_norm", above = 1e100 }
[[optimizer]]
plugin = "adam"
lr = 0.01
beta1 = { schedule = "linear", from = 0.9, to = 0.5 }
[[optimizer]]
plugin = "sgd"
lr = 0.1
[[optimizer]]
name = "explodes"
plugin = "momentum"
lr = 1e200
`

// evaluators are told of a run while it trains.
type evaluators struct {
	all    map[string]*measure.Evaluator
	values map[string]measure.Value
}

func (e evaluators) Observe(p *record.Sample) error {
	for _, m := range e.all {
		m.Observe(p)
	}
	return nil
}

func (e evaluators) End(o record.Outcome) error {
	for text, m := range e.all {
		e.values[text] = m.End(o)
	}
	return nil
}

// TestMeasuresOnlineAndOnRecord: a measure has the same bits whether it is evaluated while a run trains or from its record, and the best
// of a quantity also without its summary.
func TestMeasuresOnlineAndOnRecord(t *testing.T) {
	t.Parallel()
	texts := []string{measure.StepsToTarget, "steps", "gradient_evaluations", "example_gradients", "gradient_equivalents"}
	quantities := append(record.Standard(), record.Hyperparameter("beta1"))
	for _, q := range quantities {
		texts = append(texts, q.Name)
		if q.Column {
			texts = append(texts, q.Name+" at step 0", q.Name+" at step 7", q.Name+" at step 60", q.Name+" mean over last 4", q.Name+" mean over last 50")
		}
		if q.Target() {
			texts = append(texts, q.Name+" best")
		}
	}
	measures := map[string]measure.Measure{}
	for _, text := range texts {
		m, err := measure.ParseIn(text, measure.Setting{Schema: quantities, Target: true})
		if err != nil {
			t.Fatal(err)
		}
		measures[text] = m
	}

	dir := t.TempDir()
	file, out := filepath.Join(dir, "measured.toml"), filepath.Join(dir, "results")
	if err := os.WriteFile(file, []byte(measured), 0o644); err != nil {
		t.Fatal(err)
	}
	if code := within(dir).steepest([]string{"run", "--quiet", "--jobs", "1", "--out", out, file}, io.Discard, io.Discard); code != exitOK {
		t.Fatal("exit code", code)
	}
	records, faults, err := store.ReadRecords(t.Context(), out)
	if err != nil || len(faults) > 0 || len(records) != 3 {
		t.Fatal(len(records), faults, err)
	}

	pool := plugin.NewPool(plugin.Find([]plugin.Folder{{Path: pluginDir}}))
	defer pool.Kill()
	experiments, err := new(program).prepare(t.Context(), []string{file}, pool)
	if err != nil {
		t.Fatal(err)
	}
	e := experiments[0]
	online := map[string]evaluators{} // by optimizer
	execute.Local(t.Context(), pool, e.Jobs, execute.Settings{Jobs: 1, Plane: optimizer.Auto, Failures: &execute.Failures{}, Share: func(int) {}, Ended: func(plan.Job, record.Outcome) {},
		Begin: func(j plan.Job, _ []*plugin.Process) (execute.Record, []record.Observer, error) {
			schema := j.Workload.Schema(*j.Optimizer)
			o := evaluators{map[string]*measure.Evaluator{}, map[string]measure.Value{}}
			for text, m := range measures {
				o.all[text] = m.Begin(schema)
			}
			online[j.Optimizer.Name] = o
			files, err := store.Create(filepath.Join(dir, j.ID), store.Manifest{}, store.Extra{Schema: schema})
			return files, []record.Observer{o}, err
		}})

	states := map[measure.State]int{}
	for _, r := range records {
		schema := record.Standard()
		for _, name := range r.Scheduled() {
			schema = append(schema, record.Hyperparameter(name))
		}
		for text, m := range measures {
			if m.Check(measure.Setting{Schema: schema, Target: true}) != nil {
				continue // a schedule that the others do not have
			}
			stored, err := m.Of(schema, r.Outcome, r)
			if err != nil {
				t.Fatal(err)
			}
			without := r.Outcome
			without.Best = nil
			read, err := m.Of(schema, without, r)
			if got := online[r.Optimizer.Name].values[text]; fmt.Sprintf("%b", got) != fmt.Sprintf("%b", stored) ||
				fmt.Sprintf("%b", read) != fmt.Sprintf("%b", stored) || err != nil {
				t.Errorf("%s of %s: while it trained %v, on record %v, without its summary %v %v", text, r.Optimizer.Name, got, stored, read, err)
			}
			states[stored.State()]++
		}
		t.Log(r.Optimizer.Name, r.Outcome.Status, r.Outcome.Steps, r.Outcome.Reason)
	}
	for _, s := range []measure.State{measure.Missing, measure.Measured, measure.Infinite} {
		if states[s] < 5 {
			t.Errorf("%d measures are %v", states[s], s)
		}
	}
}

// slow has a run of a second or so that stops by measures of many points. Its rule sleeps in each step.
const slow = `
[problem]
kind = "rosenbrock"
[budget]
steps = 100000
[target]
"train_loss mean over last 90" = 4.2
[stop]
plateau = { measure = "train_loss mean over last 70", patience = 500, min_delta = 0.3 }
[checkpoint]
steps = 40
[[optimizer]]
plugin = "rogue"
mode = "slow"
lr = 1e-4
`

// disturbed makes the only run of an experiment twice, once as it is and once with its host killed when it has so many rows, and returns both outcomes. The
// records are the same, but for times.
func disturbed(t *testing.T, text string, kills ...int) (whole, killed record.Outcome) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "slow.toml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	folders := []string{filepath.Join(dir, "whole"), filepath.Join(dir, "killed")}
	begin := func(out string) *process {
		p := &process{t: t, dir: dir}
		p.Cmd = exec.Command("steepest", "run", "--quiet", "--out", out, file)
		p.Env = append(os.Environ(), plugin.PathEnv+"="+pluginDir, "TMPDIR="+dir)
		p.Stdout, p.Stderr = &p.stdout, &p.stderr
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Process.Kill() })
		return p
	}
	rows := func(out string) string {
		found := runFolders(filepath.Join(out, "rogue-seed1"))
		if len(found) != 1 {
			return ""
		}
		b, _ := os.ReadFile(latest(found[0], store.StepsFile))
		return string(b)
	}
	undisturbed := begin(folders[0])
	for _, until := range kills {
		p := begin(folders[1])
		p.eventually("steps", func() bool { return strings.Count(rows(folders[1]), "\n") > until })
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.Wait()
	}
	p := begin(folders[1])
	if err := errors.Join(p.Wait(), undisturbed.Wait()); err != nil {
		t.Fatal(err, p.stderr.String(), undisturbed.stderr.String())
	}
	want, err1 := withoutWall(rows(folders[0]))
	got, err2 := withoutWall(rows(folders[1]))
	if want != got || err1 != nil || err2 != nil {
		t.Errorf("%d rows undisturbed, %d of the killed one, or others: %v %v", strings.Count(want, "\n"), strings.Count(got, "\n"), err1, err2)
	}
	var outcomes [2]record.Outcome
	for i, out := range folders {
		records, _, err := store.ReadRecords(t.Context(), out)
		if err != nil || len(records) != 1 {
			t.Fatal(err)
		}
		outcomes[i] = records[0].Outcome
	}
	return outcomes[0], outcomes[1]
}

// TestStopAfterKills: a run whose host is killed again and again stops where it would have stopped, with the same record.
func TestStopAfterKills(t *testing.T) {
	t.Parallel()
	a, b := disturbed(t, slow, 50, 200, 400) // the last of them within the patience
	if a.Status != record.Stopped || a.Steps < 500 || a.StepsToTarget < 90 || b.Status != a.Status || b.Reason != a.Reason || b.Steps != a.Steps ||
		b.StepsToTarget != a.StepsToTarget || !slices.Equal(a.Best, b.Best) || !slices.Equal(a.Final, b.Final) {
		t.Errorf("undisturbed %+v\nkilled %+v", a, b)
	}
}

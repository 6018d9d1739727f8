//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/plugin"
)

// Of twelve runs, three diverge at once, and six go on in one process of a plugin.
const healthy = `
[problem]
kind       = "mlp"
dataset    = "breast-cancer"
hidden     = [4]
activation = "relu"
[budget]
steps = 1_000_000
[seeds]
count = 3
[[optimizer]]
plugin = "sgd"
name   = "too far"
lr     = 1e200
[[optimizer]]
plugin = "rogue"
name   = "small"
mode   = "slow"
[[optimizer]]
plugin = "rogue"
name   = "large"
mode   = "slow"
lr     = 0.1
[[optimizer]]
plugin = "rogue"
name   = "schedule"
mode   = "slow"
lr     = { schedule = "constant", value = 0.1 }
`

// mischief is an experiment of runs that do the same wrong, and of one that goes on meanwhile.
const mischief = `
[problem]
kind    = "mlp"
dataset = "breast-cancer"
hidden  = [4]
[budget]
steps = 1_000_000_000
[[optimizer]]
plugin       = "rogue"
step_timeout = "10m"
mode         = %q
at           = { grid = [10, 11, 12, 13] }
[[optimizer]]
plugin = "adam"
`

// TestAlertsLive: the shipped alerts, but for shorter times, fire where something is wrong with programs that Prometheus finds by their files, and
// stay silent beside: where one process of many runs is killed, few of many runs diverge, a program does not answer for a while, and one ends.
func TestAlertsLive(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes 25 seconds")
	}
	t.Parallel()
	needPrometheus(t)
	discovery := filepath.Join(t.TempDir(), "discovery")
	launch := func(name, text string, flags ...string) *process {
		t.Helper()
		p := &process{t: t, dir: t.TempDir()}
		if err := os.WriteFile(filepath.Join(p.dir, name+".toml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		p.Cmd = exec.Command("steepest", append([]string{"run", "--metrics-discovery", discovery, name + ".toml"}, flags...)...)
		p.Dir, p.Env = p.dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir, "TMPDIR="+p.dir)
		p.Stdout, p.Stderr = &p.stdout, &p.stderr
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = p.Process.Signal(syscall.SIGCONT)
			_ = p.Process.Kill()
			_ = p.Wait()
		})
		return p
	}
	host := launch("healthy", healthy, "--jobs", "12")
	launch("crashes", fmt.Sprintf(mischief, "exit"), "--jobs", "5")
	hangs := launch("hangs", fmt.Sprintf(mischief, "hang"), "--jobs", "5")
	address := await(t, &host.stderr, `metrics at http://(\S+)/metrics`)
	of := `{instance="` + address + `"}`
	s := watch(t, freeAddress(t), "discovery/*.json", discovery+"/*.json", "for: 1m", "for: 8s", " > 60", " > 8")
	has := func(query string) func() bool {
		return func() bool {
			n, err := s.series(query, true)
			return err == nil && n > 0
		}
	}
	firing := func(alert, labels string) string {
		return fmt.Sprintf(`ALERTS{alertname="%s", alertstate="firing"%s}`, alert, labels)
	}

	host.eventually("six runs in a process of a plugin", func() bool {
		return has(`count(steepest_run_step * on (instance, run_id) group_left (optimizer) steepest_run_info{optimizer="rogue", experiment="healthy"} > 10) >= 6`)() &&
			has(`steepest_experiment_runs{experiment="healthy", status="diverged"} == 3`)()
	})
	if err := syscall.Kill(host.plugins()["steepest-optimizer-rogue"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	host.eventually("its death", has(`steepest_plugin_deaths_total{experiment="healthy", optimizer="rogue"} == 1 and on (instance, experiment, optimizer) steepest_plugin_restarts_total >= 6`))
	for _, alert := range []string{
		firing("PluginCrashLoop", `, experiment="crashes"`), firing("FailureRatioHigh", `, experiment="crashes"`), firing("RunStalled", `, experiment="hangs"`),
		firing("NonFinite", `, experiment="healthy"`),
	} {
		host.eventually(alert, has(alert))
		t.Log(alert)
	}

	stopped := time.Now()
	if err := host.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	host.eventually("a gap", has("up"+of+" == 0"))
	if err := host.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	host.eventually("the end of the gap", has("up"+of+" == 1"))
	short := time.Since(stopped) < 7*time.Second // else nothing is said of the gap: on a busy machine it may be one that rightly fires
	hangsAt := await(t, &hangs.stderr, `metrics at http://(\S+)/metrics`)
	if err := hangs.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = hangs.Wait()
	if n, err := s.series(firing("RunStalled", `, run=~"adam.*"`), true); n != 0 || err != nil {
		t.Errorf("RunStalled fires of a run that goes on: %v", err)
	}
	if n, err := s.series(`last_over_time(steepest_runs_in_flight{instance="`+hangsAt+`"}[1m]) == 0`, true); n != 1 || err != nil {
		t.Errorf("to Prometheus, runs of the program that was interrupted seem to go on: %v", err)
	}
	if n, err := s.series(`last_over_time(`+firing("HostGone", "")+`[10m])`, true); short && n != 0 || err != nil {
		t.Errorf("HostGone fires for a gap, or a program that ended: %v", err)
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	host.eventually("HostGone", has(firing("HostGone", `, instance="`+address+`"`)))

	fired, err := s.values(`count by (alertname, instance, experiment) (last_over_time(ALERTS{alertstate="firing"}[10m]))`, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range fired {
		name, here := a.Metric["alertname"], a.Metric["instance"] == address
		if name == "HostGone" && !here || here && short && slices.Contains([]string{"PluginCrashLoop", "FailureRatioHigh", "RunStalled", "SeriesDropped"}, name) {
			t.Errorf("fires of what is well: %v", a.Metric)
		}
	}
	left, err := filepath.Glob(filepath.Join(discovery, "*.json"))
	if err != nil || len(left) != 2 || !strings.Contains(strings.Join(left, " "), fmt.Sprintf("-%d.json", host.Process.Pid)) {
		t.Errorf("left are the files %v: %v", left, err)
	}
}

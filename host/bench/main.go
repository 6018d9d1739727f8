// Command bench measures full training steps: gradient, boundary, Adam and recording every step, in float64, over
// implementations of linear algebra and numbers of threads; with -peers beside PyTorch in the same run, alternating.
// `make bench-train` and `make bench-peers` run it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/proto"
)

// setting is how Steepest computes.
type setting struct {
	blas    string
	threads int
}

var settings = []setting{{"gonum", 1}, {"gonum", 2}, {"openblas", 1}, {"openblas", 2}}

func (s setting) String() string { return fmt.Sprintf("%s, %d", s.blas, s.threads) }

// budget is how long one measurement lasts.
type budget struct {
	time   time.Duration
	rounds int
}

func main() {
	plugins := flag.String("plugins", "bin/plugins", "`FOLDER` of the plugins")
	name := flag.String("plugin", "", "optimizer `PLUGIN` whose steps are measured (required)")
	duration := flag.Duration("time", 2*time.Second, "measure each for about this `LONG`")
	rounds := flag.Int("rounds", 3, "measure all this often, in turn; the medians are shown")
	peers := flag.Bool("peers", false, "measure PyTorch too")
	python := flag.String("python", "", "the `PYTHON` that has PyTorch (default python3, then /usr/bin/python3)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, plugin.Binary{Name: *name, Path: filepath.Join(*plugins, proto.BinaryPrefix+*name)}, budget{*duration, *rounds}, *peers, *python); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, binary plugin.Binary, b budget, peers bool, python string) error {
	var torch *torch
	if peers {
		pythons := []string{"python3", "/usr/bin/python3"}
		if python != "" {
			pythons = []string{python}
		}
		if torch = findTorch(ctx, pythons...); torch == nil {
			return nil
		}
	}
	available := slices.DeleteFunc(slices.Clone(settings), func(s setting) bool { return blas.Use(s.blas) != nil })
	if len(available) < len(settings) {
		fmt.Printf("OpenBLAS is not measured; install it: %s\n", blas.Install)
	}
	var rows []row
	for _, n := range networks {
		rows = append(rows, row{network: n, ours: map[setting][]float64{}, theirs: map[int][]float64{}})
	}
	for range b.rounds {
		for i := range rows {
			for _, s := range available {
				us, err := measure(ctx, binary, rows[i].network, s, b.time)
				if err != nil {
					return fmt.Errorf("%s, %v: %w", rows[i].network.name, s, err)
				}
				rows[i].ours[s] = append(rows[i].ours[s], us)
			}
			if torch == nil {
				continue
			}
			for threads := 1; threads <= 2; threads++ {
				us, err := torch.measure(ctx, rows[i].network, threads, b.time)
				if err != nil {
					return err
				}
				rows[i].theirs[threads] = append(rows[i].theirs[threads], us)
			}
		}
	}
	show(rows, available, torch)
	return nil
}

// row is what was measured of a network, in microseconds a step, a value for each round.
type row struct {
	network network
	ours    map[setting][]float64
	theirs  map[int][]float64 // by threads
}

func show(rows []row, available []setting, torch *torch) {
	t := table.NewWriter()
	t.SetOutputMirror(os.Stdout)
	head := table.Row{"microseconds a step"}
	for _, s := range available {
		head = append(head, s.String())
	}
	if torch != nil {
		head = append(head, torch.version+", 1", torch.version+", 2")
		for _, s := range available {
			head = append(head, "ratio, "+s.String())
		}
	}
	t.AppendHeader(head)
	for _, r := range rows {
		line := table.Row{r.network.name}
		for _, s := range available {
			line = append(line, fmt.Sprintf("%.4g", quantile.Median(r.ours[s])))
		}
		if torch != nil {
			one, two := quantile.Median(r.theirs[1]), quantile.Median(r.theirs[2])
			line = append(line, fmt.Sprintf("%.4g", one), fmt.Sprintf("%.4g", two))
			for _, s := range available {
				line = append(line, fmt.Sprintf("%.3gx", min(one, two)/quantile.Median(r.ours[s])))
			}
		}
		t.AppendRow(line)
	}
	t.Render()
	fmt.Println("Medians over rounds of the median step. Columns: implementation, threads. A ratio is the time of PyTorch with its better\n" +
		"number of threads over ours. float64, Adam, every step recorded.")
}

// measure is the median time of a step, in microseconds.
func measure(ctx context.Context, binary plugin.Binary, n network, s setting, long time.Duration) (float64, error) {
	if err := blas.Use(s.blas); err != nil {
		return 0, err
	}
	blas.SetThreads(s.threads)
	objective, err := n.objective(seed.New(1))
	if err != nil {
		return 0, err
	}
	run := train.Run{Objective: objective, Steps: math.MaxInt32, Schema: record.Standard(), Recorded: -1}
	launched, err := plugin.Launch(ctx, binary)
	if err != nil {
		return 0, fmt.Errorf("%w; build the plugins with `make build`", err)
	}
	defer launched.Kill()
	connect(&run, launched, objective)
	dir, err := os.MkdirTemp("", "steepest-bench-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	recorder, err := store.Create(filepath.Join(dir, "run"), store.Manifest{}, store.Extra{})
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var steps []float64
	start := time.Now()
	last := start
	run.Observers = []record.Observer{recorder, record.Each(func(p *record.Sample) error {
		now := time.Now()
		if p.Step >= warmup {
			steps = append(steps, float64(now.Sub(last).Nanoseconds())/1e3)
		}
		if last = now; len(steps) >= 5 && now.Sub(start) > long {
			stop()
		}
		return nil
	})}
	outcome := run.Do(ctx)
	if outcome.Status != record.Interrupted || len(steps) == 0 {
		return 0, fmt.Errorf("the run %s after %d steps: %s %w", outcome.Status, outcome.Steps, outcome.Reason, outcome.Err)
	}
	return quantile.Median(steps), nil
}

// warmup are steps that are not counted: buffers grow, caches fill.
const warmup = 3

// connect gives the run an optimizer with its default hyperparameters, in shared memory where there is any.
func connect(run *train.Run, p *plugin.Process, o *objective) {
	run.Open = func(ctx context.Context, oracle optimizer.Oracle) (optimizer.Optimizer, error) {
		return p.Open(ctx, optimizer.Config{Instance: "bench", Layout: o.network.Layout(), Seed: 1, Log: io.Discard, Plane: optimizer.Auto,
			Oracle: oracle, MaxAsks: 100})
	}
	values := proto.Defaults(p.Description)
	run.Values = func(int) []float64 { return values }
}

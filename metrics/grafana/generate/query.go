package main

import "strings"

// Selectors of what the variables choose: of metrics with the labels of a point, of those with a run's alone, and of others.
const (
	machine       = `job=~"$job",instance=~"$instance"`
	ofRuns        = `{` + machine + `,experiment=~"$experiment",problem=~"$problem",optimizer=~"$optimizer",run_id=~"$run"}`
	ofRun         = `{` + machine + `,run_id=~"$run"}`
	ofOptimizer   = `{` + machine + `,experiment=~"$experiment",optimizer=~"$optimizer"}`
	ofProblem     = `{` + machine + `,experiment=~"$experiment",problem=~"$problem"}`
	ofExperiment  = `{` + machine + `,experiment=~"$experiment"}`
	ofMachine     = `{` + machine + `}`
	info          = `steepest_run_info{` + machine + `,experiment=~"$experiment",problem=~"$problem",optimizer=~"$optimizer",variant=~"$variant",run_id=~"$run"}`
	rateInterval  = "[$__rate_interval]"
	wholeInterval = "[$__range]"
	atEnd         = wholeInterval + " @ end()"
)

// Labels that tell variants and runs apart, also variants of one name with other settings, or of other results. The colour is that of the variant's optimizer in all figures.
const (
	variantLabels = "instance, experiment, problem, variant, variant_id, color"
	runLabels     = "run_id, run, " + variantLabels
)

// bounded leaves out what has no place on an axis that others are read from: NaN, the infinities, and the huge values of runs
// that diverge, beyond the variable ceiling.
func bounded(x string) string { return x + " < $ceiling" }

// drawable leaves out what has no place on a logarithmic axis: 0 and what is below it, and what would stretch it by decades.
func drawable(x string) string { return "(" + x + ") > 1e-20" }

// at is a metric at a point; on the axis of steps, where not every step need be on record, its last value since the point before, which the
// offset leaves out: windows of Prometheus 2 have both their ends.
func at(metric string) string {
	return "(" + metric + " or last_over_time(" + metric + "[$__interval] offset -1ms))"
}

// sparse is the last value of a metric since the point before: on the axis of steps it is only where it was measured.
func sparse(metric string) string { return "last_over_time(" + metric + ofRuns + rateInterval + ")" }

// held is likewise, and stays for a minute: a line where it is measured once an epoch.
func held(metric string) string {
	return "(" + sparse(metric) + " or last_over_time(" + metric + ofRuns + "[1m]))"
}

// with selects by one more label.
func with(selector, matcher string) string {
	return strings.TrimSuffix(selector, "}") + "," + matcher + "}"
}

// chosen are the runs that the variables choose, one series of 1 each, with their labels; also those that left within a window,
// unless it is empty. A run that goes on with another plugin has two such series for a moment: one counts.
func chosen(window string) string {
	all := at(info)
	if window != "" {
		all = "last_over_time(" + info + window + ")"
	}
	return "topk by (instance, run_id) (1, " + all + ")"
}

// running are the chosen runs that go on, or did within the interval of a point, so that a scrape that failed is no gap and the
// last point on the axis of steps is there.
func running() string {
	return chosen("") + " and on (instance, run_id) max_over_time(steepest_run_status" + with(ofRun, `status="running"`) + rateInterval + ") == 1"
}

// lowest are of the chosen runs the few with the lowest last loss on each problem, the same all the time.
func lowest(few string) string {
	return chosen("") + " and on (instance, run_id) bottomk by (instance, experiment, problem) (" + few + ", last_over_time(steepest_train_loss" +
		ofRuns + atEnd + ") and on (instance, run_id) " + chosen(atEnd) + ")"
}

// latest are of the chosen runs the few of which a point was recorded last; exported runs, of which the time is not known, those
// that made most steps. Those that do not have a metric are left out, unless it is empty.
func latest(few, window, metric string) string {
	last := func(metric string) string { return "last_over_time(" + metric + ofRun + atEnd + ")" }
	having := ""
	if metric != "" {
		having = " and on (instance, run_id) " + last(metric)
	}
	return chosen(window) + " and on (instance, run_id) topk(" + few + ", (" + last("steepest_run_last_step_timestamp_seconds") + " or " +
		last("steepest_run_step") + ") and on (instance, run_id) " + chosen(atEnd) + having + ")"
}

// of gives values of runs the labels of the runs, and leaves out those of others.
func of(runs, x string) string {
	return "(" + x + ") * on (instance, run_id) group_left (experiment, problem, optimizer, variant, variant_id, run, color) (" + runs + ")"
}

// quantile is one over the seeds of each variant.
func quantile(q, x string) string {
	return "quantile by (" + variantLabels + ") (" + q + ", " + x + ")"
}

// each has a series for each run.
func each(runs, x string) string { return "max by (" + runLabels + ") (" + of(runs, x) + ")" }

// while leaves out what no chosen run belongs to, of series that have the labels in common with it.
func while(x, labels string) string { return "(" + x + " and on (" + labels + ") " + info + ")" }

// rate and increase of a counter, summed by labels besides the machine and the experiment. A plugin or a problem that no chosen run
// has is left out.
func rate(metric, selector, by string) string { return summed("rate", metric, selector, by) }

func increase(metric, selector, by string) string {
	return "round(" + summed("increase", metric, selector, by) + ")"
}

func summed(function, metric, selector, by string) string {
	of := "optimizer"
	if selector == ofProblem {
		of = "problem"
	}
	return while("sum by (instance, experiment, "+by+") ("+function+"("+metric+selector+rateInterval+"))", "instance, experiment, "+of)
}

package main

// states are those of runs, each with its colour in all panels.
var states = []struct{ status, color string }{
	{"running", "blue"}, {"finished", "green"}, {"diverged", "orange"}, {"stopped", "yellow"}, {"pruned", "text"}, {"failed", "red"},
	{"interrupted", "purple"}, {"paused", "blue"}, {"pending", "text"},
}

// inState counts runs. Live it is known of all runs of an experiment, also of those that have no series of their own; of exported runs
// by their own state, within a window.
func inState(matcher, by, window string) string {
	return "(sum by (" + by + ") (" + while("steepest_experiment_runs"+with(ofExperiment, matcher), "instance, experiment") + ") or count by (" + by +
		") (" + of(chosen(window), "last_over_time(steepest_run_status"+with(ofRun, matcher)+window+") == 1") + "))"
}

// experimentsTable has a row for each experiment, with its runs by state.
func experimentsTable() *panel {
	const by = "instance, experiment"
	columns := []target{column("ended", inState(`status!~"pending|running"`, by, wholeInterval)+" / "+inState(`status!=""`, by, wholeInterval))}
	shown := []string{"experiment", "ended"}
	for _, s := range states {
		count := inState(`status="`+s.status+`"`, by, wholeInterval) + " or 0 * count by (" + by + ") (" + chosen(wholeInterval) + ")"
		columns, shown = append(columns, column(s.status, count)), append(shown, s.status)
	}
	p := table("Experiments", "How many runs of each experiment are in which state, all variants together. A healthy experiment turns from "+
		"running to finished; orange is a learning rate too large, red a plugin that fails.", append(shown, "instance"), []string{"experiment"}, columns...)
	p.FieldConfig.Defaults["unit"], p.FieldConfig.Defaults["decimals"] = "locale", 0
	for _, s := range states {
		p.field(s.status, "custom.width", 12+8*max(8, len(s.status)), "custom.cellOptions", object{"type": "color-text"}, "thresholds", object{"mode": "absolute",
			"steps": []object{{"value": nil, "color": "text"}, {"value": 1, "color": s.color}}})
	}
	return p.field("ended", "unit", "percentunit", "min", 0, "max", 1, "custom.width", 140, "custom.cellOptions", object{"type": "gauge", "mode": "basic"},
		"color", object{"mode": "fixed", "fixedColor": "green"})
}

// runsTable has a row for each run, with a link to it.
func runsTable() *panel {
	last := func(x string) string {
		return each(latest("100", wholeInterval, ""), "last_over_time("+x+wholeInterval+")")
	}
	p := table("Runs, the 100 with the latest points", "Runs with their state and their last values. A click on a run opens it. A run stays here for "+
		"as long as the time range reaches back to it.",
		[]string{"run", "experiment", "status", "step", "train loss", "validation loss", "gradient norm", "instance", "run_id"},
		[]string{"experiment", "run"},
		column("status is", "max by (status, "+runLabels+") ("+of(latest("100", wholeInterval, ""), "last_over_time(steepest_run_status"+ofRun+wholeInterval+") == 1")+")"),
		column("step", last("steepest_run_step"+ofRun)),
		column("train loss", last("steepest_train_loss"+ofRuns)),
		column("validation loss", last("steepest_validation_loss"+ofRuns)),
		column("gradient norm", last("steepest_gradient_norm"+ofRuns)))
	return p.field("run", "custom.width", 200, "links", []object{linkToRun("${__data.fields.run_id}")}).field("step", "unit", "locale", "decimals", 0, "custom.width", 80).
		field("run_id", "custom.hidden", true, "custom.hideFrom", object{"viz": true})
}

// finalLoss compares the ends of the runs as `steepest run` does: by the losses over all examples, and a run that diverged is infinitely
// bad. A huge number stands for that, as quantile() makes NaN of the infinite.
func finalLoss() *panel {
	ended := func(metric string) string {
		return of(chosen(wholeInterval), "clamp(last_over_time("+metric+ofRuns+wholeInterval+"), -1e300, 1e300)")
	}
	train, validation := ended("steepest_final_train_loss"), ended("steepest_final_validation_loss")
	p := table("Final loss, as the command's table has it", "Over the seeds of each variant whose runs ended: how many, and the median of their loss at the end over all examples. Quartiles, "+
		"not means; a run that diverged counts as infinitely bad. The lowest median stands first.",
		[]string{"variant", "experiment", "problem", "runs", "train loss", "lower quartile", "upper quartile", "validation loss", "accuracy", "instance"},
		[]string{"experiment", "problem", "train loss"},
		column("runs", "count by ("+variantLabels+") ("+train+")"),
		column("train loss", quantile("0.5", train)),
		column("lower quartile", quantile("0.25", train)),
		column("upper quartile", quantile("0.75", train)),
		column("validation loss", quantile("0.5", validation)),
		column("accuracy", quantile("0.5", ended("steepest_final_validation_accuracy"))))
	diverged := object{"index": 0, "text": "diverged", "color": "orange"}
	p.FieldConfig.Defaults["mappings"] = []object{
		{"type": "range", "options": object{"from": 1e200, "to": nil, "result": diverged}},
		{"type": "range", "options": object{"from": nil, "to": -1e200, "result": diverged}},
	}
	return p.field("runs", "unit", "locale", "decimals", 0, "custom.width", 70).field("accuracy", "unit", "percentunit", "decimals", 1)
}

// leftOut counts the runs that are not on the axes.
func leftOut() *panel {
	last := "last_over_time(steepest_train_loss" + ofRuns + wholeInterval + ")"
	return bars("Runs beyond the axis", "How many runs of each variant have a last training loss that is infinite, NaN, or not below the number of Draw below. "+
		"The curves leave them out while they are there: medians over the rest flatter.", "locale",
		now("{{variant}} · {{experiment}} · {{problem}}", "sort_desc(sum by ("+variantLabels+") ("+of(chosen(wholeInterval), "1 - ("+last+" < bool $ceiling)")+"))"))
}

// soFar compares what the runs of a variant reached until now.
func soFar() *panel {
	lowest := func(metric string) string {
		return "min by (" + variantLabels + ") (" + of(chosen(wholeInterval), "min_over_time("+metric+ofRuns+wholeInterval+") < $ceiling") + ")"
	}
	return table("Lowest loss so far", "Lowest loss of any run of a variant that a scrape met in the time range. The training loss is of one batch: the lowest of a noisy curve flatters.",
		[]string{"variant", "experiment", "problem", "lowest train loss", "lowest validation loss", "instance"}, []string{"experiment", "problem", "lowest validation loss"},
		column("lowest train loss", lowest("steepest_train_loss")), column("lowest validation loss", lowest("steepest_validation_loss")))
}

func experiment() dashboard {
	perState := series("Runs by state", "How many runs are in which state, of the whole experiments; of exported runs those that are at the step, which end at their last.", "locale",
		query("{{status}} · {{instance}}", inState(`status!=""`, "instance, status", rateInterval)))
	perState.custom("stacking", object{"mode": "normal", "group": "A"}).custom("fillOpacity", 60).custom("lineWidth", 1)
	for _, s := range states {
		perState.rule("byRegexp", "/^"+s.status+" /", "color", object{"mode": "fixed", "fixedColor": s.color})
	}
	single := series("Training loss of single runs, the 10 lowest of each problem", "Each run by itself; a click on a line opens the run.", "sci",
		colored(runName, each(lowest("10"), bounded(at("steepest_train_loss"+ofRuns))))).log().ascending().toRun("${__field.labels.run_id}")
	nonFinite := "sum by (experiment, instance) (" + of(chosen(""), "increase(steepest_non_finite_values_total"+with(ofRun, `quantity=~"loss|gradient_norm|update_norm"`)+rateInterval+")") + ")"
	return newDashboard(experimentUID, "Steepest / Experiment", "Experiments as a whole: where their runs stand, and which optimizer leads.",
		beside(6, experimentsTable()),
		beside(11,
			spread("Training loss, median and quartiles of the runs that go on", "Median over the seeds of a variant, and hatched the half of them that lies between the "+
				"quartiles. A flat stretch is a plateau, a sudden rise a cliff or too large a learning rate; a wide band says that the start or the batches decide, not the rule. "+
				"It compares optimizers that run at the same time; Compare by step compares them at the same step.", at("steepest_train_loss"+ofRuns))),
		beside(11,
			spread("Validation loss, median and quartiles of the runs that go on", "Rising again while the training loss still falls: the model begins to learn its examples by heart.",
				held("steepest_validation_loss"))),
		beside(9, finalLoss()),
		beside(11,
			spread("Gradient norm, median and quartiles of the runs that go on", "On a plateau loss and gradient norm are both flat; near a minimum the norm falls with the "+
				"loss; an exploding gradient rises by orders of magnitude within a few points.", at("steepest_gradient_norm"+ofRuns))),
		beside(11, single),
		beside(9, soFar().wide(15), leftOut()),
		beside(9,
			series("Steps per second (live only)", "Updates applied in a second, all runs of the optimizer together. Steps that are repeated after a plugin's "+
				"death count once.", "locale", query("{{optimizer}} · {{experiment}} · {{instance}}", rate("steepest_steps_total", ofOptimizer, "optimizer"))),
			series("Failures (live only)", "Plugins started again, failed calls, and losses and norms that are no finite numbers, in the interval of a point. Not "+
				"zero is worth a look at the run's plugin.log.", "locale",
				query("{{optimizer}} restarts · {{experiment}} · {{instance}}", increase("steepest_plugin_restarts_total", ofOptimizer, "optimizer")),
				query("{{optimizer}} {{kind}} · {{experiment}} · {{instance}}", increase("steepest_plugin_errors_total", ofOptimizer, "optimizer, kind")+" > 0"),
				query("NaN or infinite · {{experiment}} · {{instance}}", nonFinite))),
		beside(8, perState),
		beside(12, runsTable()),
	)
}

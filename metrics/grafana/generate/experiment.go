package main

// colors are those of the states in all panels.
var colors = []struct{ status, color string }{
	{"pending", "text"}, {"running", "blue"}, {"finished", "green"}, {"diverged", "orange"}, {"stopped", "yellow"}, {"pruned", "text"},
	{"failed", "red"}, {"interrupted", "purple"}, {"paused", "blue"},
}

// colored gives each state its color.
func colored(p *panel) *panel {
	for _, c := range colors {
		p.override(c.status, "color", object{"mode": "fixed", "fixedColor": c.color})
	}
	return p
}

// runsTable has a row for each run, with a link to it.
func runsTable() *panel {
	last := func(metric string) string { return "max by (run_id) (last_over_time(" + metric + wholeInterval + "))" }
	p := table("Runs", "Every run with its state and its last values. A click on the run opens it. A run stays here for as long as the time "+
		"range reaches back to it.", []string{"run_id", "status", "step", "train loss", "validation loss", "gradient norm"},
		column("status is", "max by (run_id, status) (last_over_time(steepest_run_status"+ofRun+wholeInterval+")) == 1"),
		column("step", last("steepest_run_step"+ofRun)),
		column("train loss", last("steepest_train_loss"+ofRuns)),
		column("validation loss", last("steepest_validation_loss"+ofRuns)),
		column("gradient norm", last("steepest_gradient_norm"+ofRuns)))
	organize := p.Transformations[1]["options"].(object)
	organize["excludeByName"] = object{"Time": true, "Value #status is": true}
	return p.override("run_id", "links", []object{linkToRun("${__value.text}")}).override("step", "unit", "locale")
}

func experiment() dashboard {
	median := func(metric string) string {
		return "quantile by (variant) (0.5, " + "(" + metric + ofRuns + finite + ")" + ofVariant("") + ")"
	}
	best := func(metric string) string {
		return "min by (variant) (min_over_time(" + metric + ofRuns + wholeInterval + ")" + ofVariant(wholeInterval) + ")"
	}
	ended := `sum(steepest_experiment_runs{experiment=~"$experiment",status!~"pending|running"})`
	all := "sum(steepest_experiment_runs" + ofExperiment + ")"
	progress := newPanel("gauge", "Progress", "Share of the experiment's runs that ended, however they ended.", "percentunit",
		[]target{query("ended", "("+ended+" or vector(0)) / "+all)})
	progress.FieldConfig.Defaults["min"], progress.FieldConfig.Defaults["max"] = 0, 1
	progress.Options = object{"reduceOptions": reduce(), "orientation": "auto", "showThresholdLabels": false, "showThresholdMarkers": false,
		"sizing": "auto", "minVizHeight": 75, "minVizWidth": 75}
	states := colored(series("Runs by state", "How many runs are in which state. A healthy experiment turns from running to finished; orange "+
		"is a learning rate too large, red a plugin that fails.", "short",
		query("{{status}}", "sum by (status) (steepest_experiment_runs"+ofExperiment+")")))
	states.custom("stacking", object{"mode": "normal", "group": "A"}).custom("fillOpacity", 60).custom("lineWidth", 1)

	return newDashboard(experimentUID, "Steepest / Experiment", "One experiment as a whole: where its runs stand, and which optimizer leads.",
		beside(5,
			colored(numbers("States", "Runs of the experiment in each state now.", "short",
				query("{{status}}", "sum by (status) (steepest_experiment_runs"+ofExperiment+")"))),
			progress,
			bars("Best training loss", "Lowest training loss of any run of the optimizer that a scrape met in the time range. The loss is of one "+
				"batch: the lowest of a noisy curve flatters.", "short", now("{{variant}}", best("steepest_train_loss"))),
			bars("Best validation loss", "Lowest validation loss of any run of the optimizer in the time range. Compare optimizers by this one "+
				"where there is validation.", "short", now("{{variant}}", best("steepest_validation_loss")))),
		beside(9,
			series("Training loss, median over seeds", "Median of the runs that go on at the moment, so it compares optimizers that run at the "+
				"same time. A flat stretch is a plateau, a sudden rise a cliff or too large a learning rate. Runs with an infinite loss are left out: "+
				"States counts them.", "short", query("{{variant}}", median("steepest_train_loss"))).log(),
			series("Gradient norm, median over seeds", "On a plateau loss and gradient norm are both flat; near a minimum the norm falls with the "+
				"loss; an exploding gradient rises by orders of magnitude within a few points.", "short",
				query("{{variant}}", median("steepest_gradient_norm"))).log()),
		beside(8, band("Training loss", "Median over the optimizer's seeds, and between the quartiles half of them. A wide band says that the "+
			"start or the batches decide, not the rule.", "steepest_train_loss")),
		beside(8, band("Gradient norm", "Median over the optimizer's seeds, and between the quartiles half of them.", "steepest_gradient_norm")),
		beside(9,
			series("Training loss of every run", "Each run by itself; a click on a line opens the run.", "short",
				query("{{run_id}}", "max by (run_id) (steepest_train_loss"+ofRuns+finite+")")).log().toRun("${__field.labels.run_id}"),
			series("Steps per second", "Updates applied in a second, all runs of the optimizer together. Steps that are repeated after a plugin's "+
				"death count once.", "ops", query("{{optimizer}}", "sum by (optimizer) (rate(steepest_steps_total"+ofOptimizer+rateInterval+"))"))),
		beside(8,
			states,
			series("Failures", "Plugins started again, failed calls, and values that are no finite numbers, in the interval of a point. Not "+
				"zero is worth a look at the run's plugin.log.", "short",
				query("{{optimizer}} restarts", "sum by (optimizer) (increase(steepest_plugin_restarts_total"+ofOptimizer+rateInterval+"))"),
				query("{{optimizer}} {{kind}}", "sum by (optimizer, kind) (increase(steepest_plugin_errors_total"+ofOptimizer+rateInterval+"))"),
				query("{{quantity}} is {{kind}}", "sum by (quantity, kind) (increase(steepest_non_finite_values_total"+ofRun+rateInterval+"))"))),
		beside(10, runsTable()),
	)
}

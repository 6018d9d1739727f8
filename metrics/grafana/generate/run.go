package main

import "strings"

// shown are the runs of the dashboard.
var shown = latest("12", "", "")

func run() dashboard {
	last := func(metric string) string {
		return each(latest("12", wholeInterval, ""), "last_over_time("+metric+ofRun+wholeInterval+")")
	}
	about := table("What it is: the 12 runs with the latest points of those that are chosen", "The run's optimizer as it is named in the experiment file, its seed, and where it stands.",
		[]string{"run", "variant", "seed", "experiment", "problem", "status", "step", "epoch", "plugin_version", "config_hash", "instance", "run_id"}, []string{"experiment", "run"},
		column("info", "max by (seed, config_hash, plugin_version, "+runLabels+") ("+latest("12", wholeInterval, "")+")"),
		column("status is", "max by (status, "+runLabels+") ("+of(latest("12", wholeInterval, ""), "last_over_time(steepest_run_status"+ofRun+wholeInterval+") == 1")+")"),
		column("step", last("steepest_run_step")),
		column("epoch", last("steepest_run_epoch")))
	about.field("step", "unit", "locale", "decimals", 0, "custom.width", 80).field("epoch", "unit", "locale", "decimals", 1, "custom.width", 80).
		field("seed", "unit", "string", "custom.width", 60).field("run", "custom.width", 170)
	value := func(metric string) string { return bounded(at("steepest_" + metric + ofRuns)) }
	seldom := func(metric string) string { return bounded(sparse("steepest_" + metric)) }
	const found, measured = "increase(steepest_non_finite_values_total", `quantity=~"loss|gradient_norm|update_norm"`
	nonFinite := `label_replace(sum without (quantity, kind) (` + found + with(ofRun, measured) + rateInterval + `)), "quantity", "loss and norms", "", "") or ` +
		`sum without (kind) (` + found + with(ofRun, strings.Replace(measured, "=~", "!~", 1)) + rateInterval + `)) > 0`
	since := "time() - (steepest_run_last_step_timestamp_seconds" + ofRun + " or steepest_run_start_timestamp_seconds" + ofRun +
		`) and on (instance, run_id) steepest_run_status` + with(ofRun, `status="running"`) + ` == 1`
	return newDashboard(runUID, "Steepest / Run", "One run, or a few, in all that is recorded live. The curves are against the step.",
		beside(8, about),
		beside(11,
			runsByStep("Loss by step", "Training loss of the last batch, and validation loss when it was last evaluated.", "sci", shown, "",
				quantity{"training", value("train_loss")}, quantity{"validation", seldom("validation_loss")}),
			series("Training loss in time", "The same as the time passed: marks say when plugins were started again, runs diverged, and alerts fired.", "sci",
				colored(runName, each(shown, value("train_loss")))).log().ascending()),
		beside(10,
			runsByStep("Gradient and update norm by step", "Where both fall together a minimum is near. An update norm that stays while the gradient's falls "+
				"is an adaptive rule or momentum at work.", "sci", shown, "",
				quantity{"gradient", value("gradient_norm")}, quantity{"update", value("update_norm")}),
			runsByStep("Gradient norm of each layer by step (live only)", "For runs with --metrics-layers. Norms that fall from the last layer to the first are a vanishing "+
				"gradient, norms that rise an exploding one.", "sci", latest("12", "", "steepest_layer_gradient_norm"), "layer", quantity{"", bounded("steepest_layer_gradient_norm" + ofRun)})),
		beside(10,
			runsByStep("Learning rate by step", "What the schedule gave for the last update.", "sci", shown, "", quantity{"", value("learning_rate")}),
			runsByStep("Scheduled hyperparameters by step", "What schedules gave for the last update, beside the learning rate.", "none", latest("12", "", "steepest_hyperparameter"), "hyperparameter",
				quantity{"", at("steepest_hyperparameter" + ofRun)})),
		beside(10,
			runsByStep("Validation accuracy by step", "Share of the validation examples that are classified correctly.", "percentunit", latest("12", "", "steepest_validation_accuracy"), "",
				quantity{"", sparse("steepest_validation_accuracy")}),
			series("Values that are no finite numbers (live only)", "Recorded values that are NaN or infinite, in the interval of a point. The first is where to "+
				"look: what came before it, step by step, is in steps.csv. What diagnostics measure is infinite at times where all is well.", "locale",
				colored("${__field.labels.quantity} · "+runName, "round(max by (quantity, "+runLabels+") ("+of(shown, nonFinite)+"))"))),
		beside(10,
			runsByStep("Curvature by step", "For experiments with [[diagnose]] hessian and preconditioned. Gradient descent is unstable where the sharpness is above 2 / learning rate, "+
				"and any update without momentum where the step sharpness is above 2.", "sci", latest("12", "", "steepest_sharpness"), "",
				quantity{"sharpness", seldom("sharpness")}, quantity{"step sharpness", seldom("step_sharpness")}),
			runsByStep("Noise and alpha by step", "For experiments with [[diagnose]] noise and alpha. A norm test above 1: the batch's gradient is mostly noise. An alpha below 0: steps "+
				"stop short of the minimum along them; above 0 they go beyond it.", "none", latest("12", "", "steepest_norm_test"), "",
				quantity{"norm test", seldom("norm_test")}, quantity{"alpha", seldom("alpha")})),
		beside(9,
			series("Step in time", "Number of the last recorded point. A flat stretch is a run that waits.", "locale", colored(runName, each(shown, at("steepest_run_step"+ofRun)))),
			series("Epoch in time", "Completed passes over the training data.", "locale", colored(runName, each(shown, at("steepest_run_epoch"+ofRun)))),
			bars("Since the last point (live only)", "Time since the last point was recorded, of runs that go on. It grows if a run is stuck; the alert "+
				"RunStalled fires after a minute.", "s", now("{{run}} · {{experiment}}", each(shown, since)))),
	)
}

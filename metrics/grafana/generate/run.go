package main

func run() dashboard {
	of := func(metric string) string { return "max by (run_id) (" + metric + ofRun + ")" }
	value := func(metric string) string { return "max by (run_id) (" + metric + ofRuns + finite + ")" }
	states := table("What it is", "The run's optimizer as it is named in the experiment file, its seed, and where it stands.",
		[]string{"run_id", "variant", "seed", "status", "step", "epoch", "plugin_version", "config_hash"},
		column("info", "max by (run_id, variant, seed, config_hash, plugin_version) (last_over_time(steepest_run_info"+ofRun+wholeInterval+"))"),
		column("status is", "max by (run_id, status) (last_over_time(steepest_run_status"+ofRun+wholeInterval+")) == 1"),
		column("step", "max by (run_id) (last_over_time(steepest_run_step"+ofRun+wholeInterval+"))"),
		column("epoch", "max by (run_id) (last_over_time(steepest_run_epoch"+ofRun+wholeInterval+"))"))
	states.Transformations[1]["options"].(object)["excludeByName"] = object{"Time": true, "Value #status is": true, "Value #info": true}

	return newDashboard(runUID, "Steepest / Run", "One run, or a few, in all that is recorded live.",
		beside(6, states,
			numbers("Since the last point", "Time since the last point was recorded, of runs that go on. It grows if a run is stuck; the alert "+
				"RunStalled fires after a minute.", "s", now("{{run_id}}",
				"time() - max by (run_id) (steepest_run_last_step_timestamp_seconds"+ofRun+" or steepest_run_start_timestamp_seconds"+ofRun+
					`) and on (run_id) steepest_run_status{run_id=~"$run_id",status="running"} == 1`))),
		beside(10,
			series("Loss", "Training loss of the last batch, and validation loss when it was last evaluated.", "short",
				query("{{run_id}} training", value("steepest_train_loss")),
				query("{{run_id}} validation", "max by (run_id) ("+sparse("steepest_validation_loss")+finite+")")).log(),
			byStep("Training loss by step", "The same against the number of the step.", "steepest_train_loss"+ofRuns+finite)),
		beside(9,
			series("Gradient and update norm", "Where both fall together a minimum is near. An update norm that stays while the gradient's falls "+
				"is an adaptive rule or momentum at work.", "short",
				query("{{run_id}} gradient", value("steepest_gradient_norm")),
				query("{{run_id}} update", value("steepest_update_norm"))).log(),
			series("Gradient norm of each layer", "For runs with --metrics-layers. Norms that fall from the last layer to the first are a vanishing "+
				"gradient, norms that rise an exploding one.", "short",
				query("{{layer}} {{run_id}}", "max by (run_id, layer) (steepest_layer_gradient_norm"+ofRun+finite+")")).log()),
		beside(8,
			series("Learning rate", "What the schedule gave for the last update, and so for other hyperparameters that have a schedule.", "short",
				query("{{run_id}}", value("steepest_learning_rate")),
				query("{{hyperparameter}} {{run_id}}", "max by (run_id, hyperparameter) (steepest_hyperparameter"+ofRun+")")).log(),
			series("Validation accuracy", "Share of the validation examples that are classified correctly.", "percentunit",
				query("{{run_id}}", "max by (run_id) ("+sparse("steepest_validation_accuracy")+")")),
			series("Values that are no finite numbers", "Recorded values that are NaN or infinite, in the interval of a point. The first is where to "+
				"look: what came before it, step by step, is in steps.csv.", "short",
				query("{{run_id}} {{quantity}} {{kind}}", "max by (run_id, quantity, kind) (increase(steepest_non_finite_values_total"+ofRun+rateInterval+"))"))),
		beside(8,
			series("Step", "Number of the last recorded point. A flat stretch is a run that waits.", "locale", query("{{run_id}}", of("steepest_run_step"))),
			series("Epoch", "Completed passes over the training data.", "locale", query("{{run_id}}", of("steepest_run_epoch")))),
		beside(9,
			series("Curvature", "For experiments with [[diagnose]] hessian and preconditioned. Gradient descent is unstable where the sharpness is above 2 / learning rate, "+
				"and any update without momentum where the step sharpness is above 2.", "short",
				query("{{run_id}} sharpness", "max by (run_id) ("+sparse("steepest_sharpness")+finite+")"),
				query("{{run_id}} step sharpness", "max by (run_id) ("+sparse("steepest_step_sharpness")+finite+")")).log(),
			series("Noise and alpha", "For experiments with [[diagnose]] noise and alpha. A norm test above 1: the batch's gradient is mostly noise. An alpha below 0: steps "+
				"stop short of the minimum along them; above 0 they go beyond it.", "short",
				query("{{run_id}} norm test", "max by (run_id) ("+sparse("steepest_norm_test")+finite+")"),
				query("{{run_id}} alpha", "max by (run_id) ("+sparse("steepest_alpha")+finite+")"))),
	)
}

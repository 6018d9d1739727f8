package main

func compareByStep() dashboard {
	return newDashboard(compareUID, "Steepest / Compare by step",
		"Runs of the chosen optimizers against the number of their step, not the time: what a step is worth, whatever it costs.",
		beside(11,
			byStep("Training loss by step", "A line is a run. Live it has the points that scrapes met, from an exported run it has all that the "+
				"time range and the width of the panel allow. Parallel lines: one optimizer needs a fixed factor more steps.",
				"steepest_train_loss"+ofRuns+finite),
			byStep("Validation loss by step", "Rising again while the training loss still falls: the model begins to learn its examples by heart.",
				sparse("steepest_validation_loss")+finite)),
		beside(11,
			byStep("Gradient norm by step", "Euclidean norm before clipping. An upward jump with the loss is a cliff; steady growth an exploding "+
				"gradient; a level that stays is the noise of the batches.", "steepest_gradient_norm"+ofRuns+finite),
			byStep("Update norm by step", "Euclidean norm of the update that was applied. SGD's follows the gradient; Adam's stays near the "+
				"learning rate times the root of the number of parameters.", "steepest_update_norm"+ofRuns+finite)),
		beside(9,
			byStep("Learning rate by step", "What the schedule gave. Optimizers without a learning rate have no line.",
				"steepest_learning_rate"+ofRuns+" > 0"),
			finalLoss()),
	)
}

// finalLoss compares the ends of the runs as `steepest run` does: a run that diverged is infinitely bad. A huge number stands
// for that, as quantile() makes NaN of the infinite.
func finalLoss() *panel {
	last := func(metric string) string { return "last_over_time(" + metric + ofRuns + wholeInterval + ")" }
	quantile := func(q, metric string) string {
		return "quantile by (variant) (" + q + ", ((" + last(metric) + " < 1e300) or count without () (" + last(metric) + ") * 1e300)" +
			ofVariant(wholeInterval) + ")"
	}
	p := table("Final loss", "Over the seeds of each variant of an optimizer: how many runs, and the last value of each run's loss. Quartiles, "+
		"not means; a run that diverged counts as infinitely bad.",
		[]string{"variant", "runs", "median train loss", "lower quartile", "upper quartile", "median validation loss"},
		column("runs", "count by (variant) ("+last("steepest_train_loss")+ofVariant(wholeInterval)+")"),
		column("median train loss", quantile("0.5", "steepest_train_loss")),
		column("lower quartile", quantile("0.25", "steepest_train_loss")),
		column("upper quartile", quantile("0.75", "steepest_train_loss")),
		column("median validation loss", quantile("0.5", "steepest_validation_loss")))
	p.FieldConfig.Defaults["mappings"] = []object{{"type": "range",
		"options": object{"from": 1e200, "to": nil, "result": object{"index": 0, "text": "diverged", "color": "orange"}}}}
	return p
}

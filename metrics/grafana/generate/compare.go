package main

func compareByStep() dashboard {
	return newDashboard(compareUID, "Steepest / Compare by step",
		"Variants of optimizers against the number of their step, not the time: what a step is worth, whatever it costs. Live, the curves have the points that scrapes met; "+
			"of exported runs all that the time range and the width of the panel allow.",
		beside(11,
			medianByStep("Training loss by step, median", "Median over the seeds of a variant that go on. Parallel lines: one optimizer needs a fixed factor more steps.",
				"steepest_train_loss"+ofRuns),
			medianByStep("Validation loss by step, median", "Rising again while the training loss still falls: the model begins to learn its examples by heart.",
				sparse("steepest_validation_loss"))),
		beside(11,
			medianByStep("Gradient norm by step, median", "Euclidean norm before clipping. An upward jump with the loss is a cliff; steady growth an exploding "+
				"gradient; a level that stays is the noise of the batches.", "steepest_gradient_norm"+ofRuns),
			medianByStep("Update norm by step, median", "Euclidean norm of the update that was applied. SGD's follows the gradient; Adam's stays near the "+
				"learning rate times the root of the number of parameters.", "steepest_update_norm"+ofRuns)),
		beside(11,
			runsByStep("Training loss by step of single runs, the 10 lowest of each problem", "A line is a run, of those with the lowest last loss.", "sci", lowest("10"), "", quantity{"", bounded("steepest_train_loss" + ofRuns)}),
			medianByStep("Learning rate by step, median", "What the schedule gave. Optimizers without a learning rate have no line.", "steepest_learning_rate"+ofRuns+" > 0")),
		beside(9, finalLoss()),
	)
}

package main

func compareByStep() dashboard {
	single := func(title, description, x string) *panel {
		return runsByStep(title+", the 10 lowest runs of each problem", description, "sci", lowest("10"), "", quantity{"", x})
	}
	return newDashboard(compareUID, "Steepest / Compare by step",
		"Variants of optimizers against the number of their step, not the time: what a step is worth, whatever it costs. Live, the curves have the points that scrapes met; "+
			"of exported runs all that the time range and the width of the panel allow.",
		beside(11,
			single("Training loss by step", "A line is a run, of those with the lowest last loss.", bounded(at("steepest_train_loss"+ofRuns))),
			single("Validation loss by step", "Of the same runs, where it was evaluated.", bounded(sparse("steepest_validation_loss")))),
		beside(11,
			medianByStep("Training loss by step, median", "Median over the seeds of a variant that go on. Parallel lines: one optimizer needs a fixed factor more steps.",
				at("steepest_train_loss"+ofRuns)),
			medianByStep("Validation loss by step, median", "Rising again while the training loss still falls: the model begins to learn its examples by heart.",
				sparse("steepest_validation_loss"))),
		beside(11,
			single("Gradient norm by step", "Euclidean norm before clipping. An upward jump with the loss is a cliff; steady growth an exploding "+
				"gradient; a level that stays is the noise of the batches.", bounded(at("steepest_gradient_norm"+ofRuns))),
			single("Update norm by step", "Euclidean norm of the update that was applied. SGD's follows the gradient; Adam's stays near the "+
				"learning rate times the root of the number of parameters.", bounded(at("steepest_update_norm"+ofRuns)))),
		beside(9, single("Learning rate by step", "What the schedule gave. Optimizers without a learning rate have no line.", at("steepest_learning_rate"+ofRuns))),
		beside(9, finalLoss()),
	)
}

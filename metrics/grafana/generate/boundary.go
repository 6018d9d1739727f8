package main

func pluginsAndBoundary() dashboard {
	quantiles := func(title, description, metric, selector, by string) *panel {
		var targets []target
		for _, q := range []struct{ name, q string }{{"50 %", "0.5"}, {"90 %", "0.9"}, {"99 %", "0.99"}} {
			targets = append(targets, query("{{"+by+"}} "+q.name,
				"histogram_quantile("+q.q+", sum by (le, "+by+") (rate("+metric+"_bucket"+selector+rateInterval+")))"))
		}
		return series(title, description, "s", targets...).log()
	}
	rate := func(by, metric, selector string) string {
		return "sum by (" + by + ") (rate(" + metric + selector + rateInterval + "))"
	}
	mean := func(metric string) string {
		return rate("optimizer", metric+"_sum", ofOptimizer) + " / " + rate("optimizer", metric+"_count", ofOptimizer)
	}
	const gradient, optimizer, boundary = "steepest_gradient_duration_seconds", "steepest_optimizer_duration_seconds", "steepest_boundary_duration_seconds"
	return newDashboard(boundaryUID, "Steepest / Plugins and boundary",
		"What a step costs: the gradient, the optimizer's own work, and the boundary between the two processes; and whether plugins hold.",
		beside(9,
			quantiles("Gradient", "Time to compute loss and gradient. The lines are quantiles, read from the buckets of a histogram: exact to the "+
				"width of a bucket.", gradient, ofProblem, "problem"),
			quantiles("Optimizer", "Time that the plugin spends in its update rule.", optimizer, ofOptimizer, "optimizer"),
			quantiles("Boundary", "What the call costs beyond the rule: encoding, sending, waiting. Far above the median at 99 % means that there "+
				"are more busy threads than cores.", boundary, ofOptimizer, "optimizer")),
		beside(9,
			heatMap("Gradient, spread", "How many of the sampled calls took how long. Two bands are two kinds of batches, or a core that others use too.",
				gradient, ofProblem),
			heatMap("Optimizer, spread", "How many of the sampled updates took how long.", optimizer, ofOptimizer),
			heatMap("Boundary, spread", "How many of the sampled crossings took how long. The lower band spins, the upper one sleeps in the kernel.",
				boundary, ofOptimizer)),
		beside(8,
			series("A step's parts, mean", "Mean time of a step's parts. Where the boundary is above the rest, the problem is too small to say anything "+
				"about an optimizer's speed.", "s",
				query("gradient of {{problem}}", rate("problem", gradient+"_sum", ofProblem)+" / "+rate("problem", gradient+"_count", ofProblem)),
				query("optimizer {{optimizer}}", mean(optimizer)),
				query("boundary {{optimizer}}", mean(boundary))).log(),
			series("Gradients per second", "Gradients computed in a second. More than steps: a plugin died and steps are repeated.", "ops",
				query("{{optimizer}} gradients", rate("optimizer", "steepest_gradient_evaluations_total", ofOptimizer)),
				query("{{optimizer}} steps", rate("optimizer", "steepest_steps_total", ofOptimizer)))),
		beside(8,
			series("Restarts", "How often a run had its plugin started again in the interval of a point. The run goes on from its last checkpoint "+
				"with the same bits.", "short", query("{{optimizer}}", "sum by (optimizer) (increase(steepest_plugin_restarts_total"+ofOptimizer+rateInterval+"))")),
			series("Errors", "Failed calls of plugins by kind, in the interval of a point.", "short", query("{{optimizer}} {{kind}}",
				"sum by (optimizer, kind) (increase(steepest_plugin_errors_total"+ofOptimizer+rateInterval+"))")),
			numbers("Series dropped", "Ended runs whose series left early in the time range because there were more than --metrics-max-runs.", "short",
				now("dropped", "sum(increase(steepest_run_series_dropped_total"+wholeInterval+"))")),
			table("Program", "Which build of Steepest is watched, and which versions of plugins.", []string{"version", "revision", "goversion", "instance"},
				column("build", "max by (version, revision, goversion, instance) (last_over_time(steepest_build_info"+wholeInterval+"))"))),
	)
}

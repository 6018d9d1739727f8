package main

func pluginsAndBoundary() dashboard {
	const ofExperiments = " · {{experiment}} · {{instance}}"
	quantiles := func(title, description, metric, selector, by string) *panel {
		var targets []target
		for _, q := range []struct{ name, q string }{{"50 %", "0.5"}, {"99 %", "0.99"}} {
			targets = append(targets, query("{{"+by+"}} "+q.name+ofExperiments, "histogram_quantile("+q.q+", "+rate(metric+"_bucket", selector, "le, "+by)+")"))
		}
		return series(title, description, "s", targets...).log()
	}
	mean := func(metric, selector, by string) string {
		return rate(metric+"_sum", selector, by) + " / " + rate(metric+"_count", selector, by)
	}
	const gradient, optimizer, boundary = "steepest_gradient_duration_seconds", "steepest_optimizer_duration_seconds", "steepest_boundary_duration_seconds"
	parts := series("A step's parts, mean", "Mean time of a step's parts. Where the boundary is above the rest, the problem is too small to say anything "+
		"about an optimizer's speed.", "s",
		query("gradient of {{problem}}"+ofExperiments, mean(gradient, ofProblem, "problem")),
		query("optimizer {{optimizer}}"+ofExperiments, mean(optimizer, ofOptimizer, "optimizer")),
		query("boundary {{optimizer}}"+ofExperiments, mean(boundary, ofOptimizer, "optimizer"))).log()
	return newDashboard(boundaryUID, "Steepest / Plugins and boundary",
		"What a step costs: the gradient, the optimizer's own work, and the boundary between the two processes; and whether plugins hold. Live only: exported runs do not have it.",
		beside(11,
			quantiles("Gradient", "Time to compute loss and gradient. The lines are quantiles, read from the buckets of a histogram: exact to the "+
				"width of a bucket.", gradient, ofProblem, "problem")),
		beside(11,
			quantiles("Optimizer", "Time that the plugin spends in its update rule.", optimizer, ofOptimizer, "optimizer")),
		beside(11,
			quantiles("Boundary", "What the call costs beyond the rule: encoding, sending, waiting. Far above the median at 99 % means that there "+
				"are more busy threads than cores.", boundary, ofOptimizer, "optimizer")),
		beside(11, parts),
		beside(9,
			heatMap("Gradient, spread", "How many of the sampled calls took how long; the lowest row has all up to 100 ns. Two bands are two kinds of batches, or a core that others use too.",
				gradient, ofProblem, "problem"),
			heatMap("Optimizer, spread", "How many of the sampled updates took how long; the lowest row has all up to 100 ns.", optimizer, ofOptimizer, "optimizer"),
			heatMap("Boundary, spread", "How many of the sampled crossings took how long; the lowest row has all up to 100 ns, also those that the clocks of the two processes make less than nothing. The lower band spins, the upper one sleeps in the kernel.",
				boundary, ofOptimizer, "optimizer")),
		beside(10,
			series("Gradients per second", "Gradients computed in a second. More than steps: a plugin died and steps are repeated.", "locale",
				query("{{optimizer}} gradients"+ofExperiments, rate("steepest_gradient_evaluations_total", ofOptimizer, "optimizer")),
				query("{{optimizer}} steps"+ofExperiments, rate("steepest_steps_total", ofOptimizer, "optimizer")))),
		beside(9,
			series("Deaths and restarts", "How often a plugin's process died, and how often runs had their plugin started again, in the interval of a point. A run goes on from its last "+
				"checkpoint with the same bits.", "locale",
				query("{{optimizer}} deaths"+ofExperiments, increase("steepest_plugin_deaths_total", ofOptimizer, "optimizer")),
				query("{{optimizer}} restarts"+ofExperiments, increase("steepest_plugin_restarts_total", ofOptimizer, "optimizer"))),
			series("Errors", "Failed calls of plugins by kind, in the interval of a point.", "locale",
				query("{{optimizer}} {{kind}}"+ofExperiments, increase("steepest_plugin_errors_total", ofOptimizer, "optimizer, kind")))),
		beside(7,
			numbers("Series dropped", "Ended runs whose series left early in the time range because there were more than --metrics-max-runs.", "locale",
				now("{{instance}}", "sum by (instance) (increase(steepest_run_series_dropped_total"+ofMachine+wholeInterval+"))")).wide(6),
			table("Programs", "Which builds of Steepest are watched.", []string{"instance", "version", "revision", "goversion"}, []string{"instance"},
				column("build", "max by (version, revision, goversion, instance) (last_over_time(steepest_build_info"+ofMachine+wholeInterval+"))"))),
	)
}

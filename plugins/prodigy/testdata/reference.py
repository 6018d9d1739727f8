import prodigyopt

from reference import of, record

names = {"use_bias_correction": "bias_correction"}
for variant, arguments in {
    "prodigy": {"d0": 1e-3, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1, "d_coef": 0.7},
    "coupled": {"lr": 0.8, "d0": 3e-3, "betas": (0.9, 0.99), "beta3": 0.97, "weight_decay": 0.01, "decouple": False,
                "use_bias_correction": True, "safeguard_warmup": True, "growth_rate": 1.4},
    "growth": {"d0": 3e-2, "betas": (0.9, 0.999), "growth_rate": 1.02},
}.items():
    hyperparameters = {names.get(k, k): v for k, v in arguments.items() if k != "betas"}
    hyperparameters["beta1"], hyperparameters["beta2"] = arguments["betas"]
    record(
        variant,
        lambda parameters: prodigyopt.Prodigy(parameters, **arguments),
        hyperparameters,
        of("prodigyopt", prodigyopt.Prodigy, **arguments),
    )

import pytorch_optimizer

from reference import of, record

for variant, warmup in [("ademamix", None), ("warmup", 40)]:
    arguments = {
        "lr": 0.02,
        "betas": (0.8, 0.95, 0.98),
        "alpha": 2.0,
        "t_alpha_beta3": warmup,
        "eps": 1e-6,
        "weight_decay": 0.2,
        "weight_decouple": True,
    }
    hyperparameters = {"lr": 0.02, "beta1": 0.8, "beta2": 0.95, "beta3": 0.98, "alpha": 2.0, "eps": 1e-6, "weight_decay": 0.2}
    record(
        variant,
        lambda parameters: pytorch_optimizer.AdEMAMix(parameters, **arguments),
        hyperparameters | ({"warmup": warmup} if warmup else {}),
        of("pytorch_optimizer", pytorch_optimizer.AdEMAMix, **arguments),
    )

import schedulefree

from reference import of, record


def make(parameters, **arguments):
    optimizer = schedulefree.AdamWScheduleFree(parameters, **arguments)
    optimizer.train()
    return optimizer


for variant, arguments in {
    "schedule-free-adamw": {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.02},
    "warmup": {"lr": 0.08, "betas": (0.95, 0.99), "eps": 1e-6, "warmup_steps": 12, "r": 1.5, "weight_lr_power": 1.0},
}.items():
    hyperparameters = {k: v for k, v in arguments.items() if k != "betas"}
    hyperparameters["beta1"], hyperparameters["beta2"] = arguments["betas"]
    record(
        variant,
        lambda parameters: make(parameters, **arguments),
        hyperparameters,
        of("schedulefree", schedulefree.AdamWScheduleFree, **arguments),
        result=lambda optimizer: optimizer.eval(),
    )

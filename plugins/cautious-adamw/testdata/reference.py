import pytorch_optimizer

from reference import of, record

arguments = {
    "lr": 0.03,
    "betas": (0.8, 0.95, 0.9),
    "eps": 1e-6,
    "weight_decay": 0.2,
    "weight_decouple": True,
    "alpha": 0.0,
    "cautious": True,
}
record(
    "cautious-adamw",
    lambda parameters: pytorch_optimizer.AdEMAMix(parameters, **arguments),
    {"lr": 0.03, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "weight_decay": 0.2},
    of("pytorch_optimizer", pytorch_optimizer.AdEMAMix, **arguments),
)

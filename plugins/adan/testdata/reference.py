import pytorch_optimizer

from reference import of, record

arguments = {"lr": 0.03, "betas": (0.9, 0.8, 0.95), "eps": 1e-6, "weight_decay": 0.2}
record(
    "adan",
    lambda parameters: pytorch_optimizer.Adan(parameters, **arguments),
    {"lr": 0.03, "beta1": 0.9, "beta2": 0.8, "beta3": 0.95, "eps": 1e-6, "weight_decay": 0.2},
    of("pytorch_optimizer", pytorch_optimizer.Adan, **arguments),
)

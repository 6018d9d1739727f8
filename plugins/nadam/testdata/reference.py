import torch

from reference import of, record

arguments = {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-6, "momentum_decay": 0.02}
record(
    "nadam",
    lambda parameters: torch.optim.NAdam(parameters, **arguments),
    {"lr": 0.03, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "momentum_decay": 0.02},
    of("torch", torch.optim.NAdam, **arguments),
)

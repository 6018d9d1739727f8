import torch

from reference import of, record

arguments = {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-6}
record(
    "radam",
    lambda parameters: torch.optim.RAdam(parameters, **arguments),
    {"lr": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6},
    of("torch", torch.optim.RAdam, **arguments),
)

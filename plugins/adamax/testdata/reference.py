import torch

from reference import of, record

arguments = {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-6}
record(
    "adamax",
    lambda parameters: torch.optim.Adamax(parameters, **arguments),
    {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6},
    of("torch", torch.optim.Adamax, **arguments),
)

import torch

from reference import of, record

arguments = {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-6}
record(
    "adam",
    lambda parameters: torch.optim.Adam(parameters, **arguments),
    {"lr": 0.03, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6},
    of("torch", torch.optim.Adam, **arguments),
)

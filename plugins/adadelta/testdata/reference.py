import torch

from reference import of, record

arguments = {"lr": 2.0, "rho": 0.8, "eps": 1e-3}
record(
    "adadelta",
    lambda parameters: torch.optim.Adadelta(parameters, **arguments),
    {"lr": 2.0, "rho": 0.8, "eps": 1e-3},
    of("torch", torch.optim.Adadelta, **arguments),
)

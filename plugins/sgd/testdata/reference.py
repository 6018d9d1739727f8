import torch

from reference import of, record

arguments = {"lr": 0.3}
record(
    "sgd",
    lambda parameters: torch.optim.SGD(parameters, **arguments),
    arguments,
    of("torch", torch.optim.SGD, **arguments),
)

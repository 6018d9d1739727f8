import torch

from reference import of, record

arguments = {"lr": 0.2, "lr_decay": 0.05, "eps": 1e-3}
record(
    "adagrad",
    lambda parameters: torch.optim.Adagrad(parameters, **arguments),
    arguments,
    of("torch", torch.optim.Adagrad, **arguments),
)

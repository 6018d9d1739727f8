import torch

from reference import of, record

arguments = {"lr": 0.1, "beta2_decay": -0.7, "eps": (0.1, 0.2), "d": 1.2, "weight_decay": 0.1}
record(
    "adafactor",
    lambda parameters: torch.optim.Adafactor(parameters, **arguments),
    {"lr": 0.1, "beta2_decay": 0.7, "eps1": 0.1, "eps2": 0.2, "clip": 1.2, "weight_decay": 0.1},
    of("torch", torch.optim.Adafactor, **arguments),
)
record(
    "defaults",
    lambda parameters: torch.optim.Adafactor(parameters, lr=0.05),
    {"lr": 0.05},
    of("torch", torch.optim.Adafactor, lr=0.05),
)

import torch

from reference import of, record

for variant, nesterov in [("momentum", False), ("nesterov", True)]:
    arguments = {"lr": 0.1, "momentum": 0.8, "nesterov": nesterov}
    record(
        variant,
        lambda parameters: torch.optim.SGD(parameters, **arguments),
        arguments,
        of("torch", torch.optim.SGD, **arguments),
    )

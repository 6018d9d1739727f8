import torch

from reference import of, record

for variant, momentum, centered in [("rmsprop", 0.0, False), ("momentum", 0.6, False), ("centered", 0.6, True)]:
    arguments = {"lr": 0.02, "alpha": 0.9, "eps": 1e-4, "momentum": momentum, "centered": centered}
    record(
        variant,
        lambda parameters: torch.optim.RMSprop(parameters, **arguments),
        arguments,
        of("torch", torch.optim.RMSprop, **arguments),
    )

import torch

from reference import of, record

arguments = {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}
record(
    "adamw",
    lambda parameters: torch.optim.AdamW(parameters, **arguments),
    {"lr": 0.03, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "weight_decay": 0.1},
    of("torch", torch.optim.AdamW, **arguments),
)

import torch

from reference import of, record

arguments = {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}


class SAM:
    """Algorithm 1 of the paper."""

    def __init__(self, parameters):
        self.parameters, self.base = parameters, torch.optim.AdamW(parameters, **arguments)

    def step(self, batch):
        now = [p.detach().clone() for p in self.parameters]
        scale = 0.2 / torch.cat([p.grad.reshape(-1) for p in self.parameters]).norm()
        for p in self.parameters:
            p.data += scale * p.grad
        batch()
        for p, value in zip(self.parameters, now):
            p.data.copy_(value)
        self.base.step()


record(
    "sam-adamw",
    SAM,
    {"lr": 0.03, "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "weight_decay": 0.1, "rho": 0.2},
    "algorithm 1 of Foret et al. 2021 in PyTorch, around " + of("torch", torch.optim.AdamW, **arguments),
    batch=4,
)

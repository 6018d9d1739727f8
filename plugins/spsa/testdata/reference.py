import torch

from reference import record, signs


class SPSA:
    """The formulas in PyTorch, with the draws of the plugin."""

    def __init__(self, parameters):
        self.parameters = parameters

    @torch.no_grad()
    def step(self, batch):
        k = batch.k + 1
        a, c, delta = 0.2 / (k + 5) ** 0.602, 0.05 / k**0.101, signs(k)
        x = [p.clone() for p in self.parameters]
        losses = []
        for sign in (1, -1):
            for p, at, d in zip(self.parameters, x, delta):
                p.copy_(at + sign * c * d)
            losses.append(float(batch.loss()))
        for p, at, d in zip(self.parameters, x, delta):
            p.copy_(at - a * (losses[0] - losses[1]) / (2 * c) / d)


record("spsa", SPSA, {"lr": 0.2, "stability": 5.0, "c": 0.05}, "the formulas of Spall 1998 in PyTorch, drawing the signs that the plugin draws", steps=200, batch=4)

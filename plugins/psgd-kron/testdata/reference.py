import math

import pytorch_optimizer
import torch

from reference import of, record, rewritten, uniforms

kron = rewritten(
    "pytorch_optimizer.optimizer.psgd",
    ("torch.randn_like(de_biased_momentum, dtype=precondition_dtype)", "noise(p, group['step'])"),
    ("dtype=torch.float32, non_blocking", "dtype=torch.float64, non_blocking"),
)


def make(parameters, arguments):
    """With the noise that the plugin draws, after a number for the chance to balance."""
    places = {id(p): i for i, p in enumerate(parameters)}

    def noise(p, k):
        drawn = uniforms(places[id(p)], k)
        next(drawn)
        values = [math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * w) for u, w, _ in zip(drawn, drawn, range(p.numel()))]
        return torch.tensor(values).reshape(p.shape)

    kron.noise = noise
    return kron.Kron(parameters, **arguments)


schedule = kron.precondition_update_prob_schedule
arguments = {"lr": 0.03, "momentum": 0.8, "weight_decay": 0.1, "precondition_dtype": torch.float64}
for variant, more, plugin in [
    ("psgd-kron", {"balance_prob": 0}, {"balance": 0}),
    ("balanced", {"balance_prob": 1, "max_size_triangular": 3}, {"balance": 1, "max_size": 3}),
    ("seldom", {"balance_prob": 0, "pre_conditioner_update_probability": schedule(min_prob=0.22, decay=0.07, flat_start=5)},
     {"balance": 0, "update_min": 0.22, "update_decay": 0.07, "update_flat": 5}),
    ("clipped", {"balance_prob": 0, "lr": 0.3, "momentum": 0.2}, {"balance": 0, "lr": 0.3, "momentum": 0.2}),
]:
    named = more | ({"pre_conditioner_update_probability": "min_prob=0.22, decay=0.07, flat_start=5"} if variant == "seldom" else {})
    record(
        variant,
        lambda parameters: make(parameters, arguments | more),
        {"lr": 0.03, "momentum": 0.8, "weight_decay": 0.1} | plugin,
        of("pytorch_optimizer", pytorch_optimizer.Kron, **(arguments | named)),
        "its triangular systems are solved in float64, and its noise is what the plugin draws",
    )

#!/usr/bin/env python3
"""Makes torch.json, which TestMuonWithAdamW follows: PyTorch's Muon on the matrices of hidden layers, its AdamW on the rest.

    python3 reference.py STEPS.CSV > torch.json

STEPS.CSV is that of the test's run, whose first row is where PyTorch starts too. It is torch 2.15.0; its Muon computes in bfloat16, and that
cast is taken out.
"""

import csv
import json
import math
import pathlib
import sys
import types

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
text = pathlib.Path(torch.optim._muon.__file__).read_text()
cast = "grad.to(dtype=torch.bfloat16, copy=True)"
assert cast in text
muon = types.ModuleType("torch.optim.exact")
muon.__package__ = "torch.optim"
exec(compile(text.replace(cast, "grad.clone()"), "muon", "exec"), muon.__dict__)

with open(sys.argv[1]) as f:
    start = next(csv.DictReader(f))
sizes = [4, 12, 5, 9, 3]
names = [f"layer{i}.{kind}" for i in range(1, len(sizes)) for kind in ("weight", "bias")]
shapes = {f"layer{i + 1}.{kind}": (n, m) if kind == "weight" else (n,) for i, (m, n) in enumerate(zip(sizes, sizes[1:])) for kind in ("weight", "bias")}
weights = {
    name: torch.nn.Parameter(torch.tensor([float(start[f"{name}[{i}]"]) for i in range(math.prod(shapes[name]))]).reshape(shapes[name])) for name in names
}
inputs = torch.tensor([[math.sin(1.7 * i + 2.3 * j) for j in range(4)] for i in range(60)])
targets = torch.tensor([i * i % 7 % 3 for i in range(60)])


def loss():
    x = inputs
    for layer in range(1, len(sizes)):
        x = x @ weights[f"layer{layer}.weight"].T + weights[f"layer{layer}.bias"]
        if layer < len(sizes) - 1:
            x = torch.tanh(x)
    return torch.nn.functional.cross_entropy(x, targets)


inner = ["layer2.weight", "layer3.weight"]
optimizers = [
    torch.optim.AdamW([weights[name] for name in names if name not in inner], lr=3e-2, weight_decay=0.05),
    muon.Muon([weights[name] for name in inner], lr=1e-1, momentum=0.9, weight_decay=0.1),
]
schedules = [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 50) for optimizer in optimizers]
for _ in range(50):
    for optimizer in optimizers:
        optimizer.zero_grad()
    loss().backward()
    for each in optimizers + schedules:
        each.step()
ends = {f"{name}[{i}]": [float(start[f"{name}[{i}]"]), x] for name in names for i, x in enumerate(weights[name].detach().reshape(-1).tolist())}
lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(both)}" for name, both in ends.items())
print('{"reference": "torch 2.15.0, torch.optim.AdamW and torch.optim.Muon in float64", "weights": {\n' + lines + "\n}}")

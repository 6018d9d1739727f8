#!/usr/bin/env python3
"""Records the trials of torch's strong Wolfe search on the test functions of Moré and Thuente: torch.csv beside this file."""

import csv
import math
import pathlib

import torch
from torch.optim.lbfgs import _strong_wolfe

torch.set_default_dtype(torch.float64)


def yanai(b1, b2):
    g1, g2 = math.sqrt(1 + b1**2) - b1, math.sqrt(1 + b2**2) - b2
    return lambda a: g1 * torch.sqrt((1 - a) ** 2 + b2**2) + g2 * torch.sqrt(a**2 + b1**2)


def wavy(a, b=0.01, l=39):
    inner = torch.where(a <= 1 - b, 1 - a, torch.where(a >= 1 + b, a - 1, ((a - 1) ** 2 / b + b) / 2))
    return inner + 2 * (1 - b) / (l * math.pi) * torch.sin(l * math.pi / 2 * a)


# Moré, Thuente: Line search algorithms with guaranteed sufficient decrease (1994), equations 5.1 to 5.4 and tables I to VI.
FUNCTIONS = {
    "rational": (lambda a: -a / (a**2 + 2), 1e-3, 1e-1),
    "quintic": (lambda a: (a + 0.004) ** 5 - 2 * (a + 0.004) ** 4, 1e-1, 1e-1),
    "wavy": (wavy, 1e-1, 1e-1),
    "yanai1": (yanai(1e-3, 1e-3), 1e-3, 1e-3),
    "yanai2": (yanai(1e-2, 1e-3), 1e-3, 1e-3),
    "yanai3": (yanai(1e-3, 1e-2), 1e-3, 1e-3),
}

with open(pathlib.Path(__file__).parent / "torch.csv", "w", newline="\n") as f:
    f.write(f"# reference: torch {torch.__version__.split('+')[0]}, torch.optim.lbfgs._strong_wolfe(tolerance_change=0)\n")
    out = csv.writer(f, lineterminator="\n")
    for name, (phi, c1, c2) in FUNCTIONS.items():
        for first in (1e-3, 1e-1, 1e1, 1e3):
            for most in (3, 25):
                trials = []

                def at(x, t, d):
                    a = torch.tensor(float(t), requires_grad=True)
                    loss = phi(a)
                    (slope,) = torch.autograd.grad(loss, a)
                    if d is not None:
                        trials.append(float(t))
                    return float(loss), slope.reshape(1)

                loss, slope = at(None, 0.0, None)
                _, _, t, _ = _strong_wolfe(at, None, first, torch.ones(1), loss, slope, slope[0], c1, c2, 0, most)
                out.writerow([name, c1, c2, first, most] + [f"{float(x):.17g}" for x in [t] + trials])

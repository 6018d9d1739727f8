"""Makes reference.csv: the values of torch's and optax's schedulers at 1,000 steps, in float64.

pip install torch optax; python3 reference.py > reference.csv       (made with torch 2.15.0, optax 0.2.8, numpy 2.4.6)

A torch column is the optimizer's learning rate before each of its steps, the scheduler being called after each. torch
has neither an inverse square root nor 1/k: LambdaLR computes these, from the formulas of the literature.
"""

import math
import sys
import warnings

import jax
import numpy as np
import optax
import torch
from torch.optim import lr_scheduler as lr

jax.config.update("jax_enable_x64", True)
warnings.filterwarnings("ignore")
STEPS = 1000


def run(base, make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    scheduler = make(optimizer)
    values = []
    for _ in range(STEPS):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return values


def sequence(optimizer, warmup, then):
    rise = lr.LinearLR(optimizer, start_factor=1e-2, end_factor=1.0, total_iters=warmup)
    return lr.SequentialLR(optimizer, [rise, then(optimizer)], [warmup])


def vaswani(k, warmup=100):  # fairseq's inverse_sqrt
    return k / warmup if k < warmup else math.sqrt(warmup / k)


columns = {
    "torch.StepLR": run(0.1, lambda o: lr.StepLR(o, 30, gamma=0.5)),
    "torch.MultiStepLR": run(0.1, lambda o: lr.MultiStepLR(o, [100, 400, 900], gamma=0.1)),
    "torch.ExponentialLR": run(0.1, lambda o: lr.ExponentialLR(o, 0.99)),
    "torch.PolynomialLR": run(0.1, lambda o: lr.PolynomialLR(o, 800, power=2.0)),
    "torch.LinearLR": run(0.1, lambda o: lr.LinearLR(o, 1.0, 0.2, 700)),
    "torch.CosineAnnealingLR": run(0.1, lambda o: lr.CosineAnnealingLR(o, STEPS, eta_min=0.001)),
    "torch.CosineAnnealingWarmRestarts": run(0.1, lambda o: lr.CosineAnnealingWarmRestarts(o, 100, 2, 0.001)),
    "torch.CosineAnnealingWarmRestarts(T_mult=1)": run(0.1, lambda o: lr.CosineAnnealingWarmRestarts(o, 150, 1)),
    "torch.OneCycleLR": run(0.1, lambda o: lr.OneCycleLR(o, 0.1, STEPS, cycle_momentum=False)),
    "torch.OneCycleLR(linear)": run(
        0.1, lambda o: lr.OneCycleLR(o, 0.2, STEPS, pct_start=0.4, anneal_strategy="linear", cycle_momentum=False,
                                     div_factor=10, final_div_factor=100)),
    "torch.LambdaLR(inverse square root)": run(0.1, lambda o: lr.LambdaLR(o, vaswani)),
    "torch.LambdaLR(1/k)": run(0.1, lambda o: lr.LambdaLR(o, lambda k: 1 / (1 + 0.02 * k))),
    "torch.SequentialLR(LinearLR, ExponentialLR)": run(
        0.1, lambda o: sequence(o, 50, lambda o: lr.ExponentialLR(o, 0.995))),
}
for name, schedule in {
    "optax.constant_schedule": optax.constant_schedule(0.1),
    "optax.exponential_decay": optax.exponential_decay(0.1, 300, 0.3),
    "optax.polynomial_schedule": optax.polynomial_schedule(0.1, 0.01, 3, 900),
    "optax.linear_schedule": optax.linear_schedule(0.1, 0.3, 600),
    "optax.cosine_decay_schedule": optax.cosine_decay_schedule(0.1, 900, 0.05),
    "optax.warmup_cosine_decay_schedule": optax.warmup_cosine_decay_schedule(0.0, 0.1, 100, STEPS, 0.001),
    "optax.piecewise_constant_schedule": optax.piecewise_constant_schedule(0.1, {250: 0.5, 500: 0.2}),
    "optax.piecewise_interpolate_schedule": optax.piecewise_interpolate_schedule("linear", 0.1, {100: 3.0, 700: 0.1}),
}.items():
    columns[name] = [float(schedule(np.float64(k))) for k in range(STEPS)]

print(",".join(f'"{name}"' for name in columns), file=sys.stdout)
for row in zip(*columns.values()):
    print(",".join(f"{value:.12g}" for value in row))

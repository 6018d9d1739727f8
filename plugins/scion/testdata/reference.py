import functools

import pytorch_optimizer
import torch
from pytorch_optimizer.optimizer import scion
from pytorch_optimizer.optimizer.scion import LMONorm

from reference import of, record

scion.zero_power_via_newton_schulz_5 = functools.partial(scion.zero_power_via_newton_schulz_5, dtype=torch.float64)


def groups(parameters, radius, last_radius, first, last):
    """The authors' advice, as groups: first and last are of the matrices there."""
    w1, b1, w2, b2 = parameters
    bias = {"norm_type": LMONorm.BIAS}
    return [
        {"params": [w1], "scale": radius} | first, {"params": [b1], "scale": radius} | bias,
        {"params": [w2], "scale": last_radius} | last, {"params": [b2], "scale": last_radius} | bias,
    ]


spectral = {"norm_type": LMONorm.SPECTRAL}
first = {"norm_type": LMONorm.SPECTRAL, "norm_kwargs": {"max_scale": True}}
sign = {"norm_type": LMONorm.SIGN}
column = {"norm_type": LMONorm.COL}
row = {"norm_type": LMONorm.ROW}
for variant, hidden, rows, constraint, at_first, at_last in [
    ("scion", 4, {}, True, first, sign),
    ("narrow", 2, {}, True, first, sign),
    ("unconstrained", 4, {"constrained": False, "first": "column", "last": "row"}, False, column, row),
    ("spectral", 4, {"last": "spectral"}, True, first, spectral),
]:
    arguments = {"lr": 0.03, "momentum": 0.2, "constraint": constraint}
    record(
        variant,
        lambda parameters: pytorch_optimizer.SCION(groups(parameters, 2, 5, at_first, at_last), **arguments),
        {"lr": 0.03, "alpha": 0.2, "radius": 2, "last_radius": 5} | rows,
        of("pytorch_optimizer", pytorch_optimizer.SCION, **arguments, first=at_first, last=at_last, scale=[2, 5]),
        "float64 is given for its bfloat16",
        hidden=hidden,
    )

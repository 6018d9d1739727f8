import functools

import pytorch_optimizer
import torch
from pytorch_optimizer.optimizer.muon import base

from reference import of, record, rewritten

# torch.optim.Muon, in float64.
muon = rewritten("torch.optim._muon", ("grad.to(dtype=torch.bfloat16, copy=True)", "grad.clone()"))
arguments = {"lr": 0.05, "weight_decay": 0.2, "momentum": 0.8}
plugin = dict(arguments)
for variant, more, of_plugin in [
    ("muon", {}, {}),
    ("match-rms", {"adjust_lr_fn": "match_rms_adamw", "nesterov": False}, {"scaling": "match_rms_adamw", "nesterov": False}),
    ("spectral", {"adjust_lr_fn": "spectral_unclamped", "ns_steps": 3}, {"scaling": "spectral_unclamped", "iterations": 3}),
]:
    record(
        variant,
        lambda parameters: muon.Muon(parameters, **arguments, **more),
        plugin | of_plugin,
        of("torch", torch.optim.Muon, **arguments, **more),
        "its cast to bfloat16 is taken out",
        biases=False,
    )

# pytorch_optimizer's, which knows other coefficients.
base.zero_power_via_newton_schulz_5 = functools.partial(base.zero_power_via_newton_schulz_5, dtype=torch.float64)
arguments = {"lr": 0.05, "weight_decay": 0.2, "momentum": 0.8, "ns_steps": 6}
for variant, coefficients in [("polar-express", "polar_express"), ("quintic", "quintic")]:
    record(
        variant,
        lambda parameters: pytorch_optimizer.Muon([{"params": parameters, "use_muon": True}], **arguments, ns_coeffs=coefficients),
        plugin | {"coefficients": variant, "iterations": 6},
        of("pytorch_optimizer", pytorch_optimizer.Muon, **arguments, ns_coeffs=coefficients),
        "float64 is given for its bfloat16",
        biases=False,
    )

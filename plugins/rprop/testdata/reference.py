import torch

from reference import of, record

arguments = {"lr": 0.02, "etas": (0.4, 1.3), "step_sizes": (1e-3, 0.1)}
record(
    "rprop",
    lambda parameters: torch.optim.Rprop(parameters, **arguments),
    {"lr": 0.02, "eta_minus": 0.4, "eta_plus": 1.3, "step_min": 1e-3, "step_max": 0.1},
    of("torch", torch.optim.Rprop, **arguments),
)

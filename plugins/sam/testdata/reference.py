import torch
import pytorch_optimizer.optimizer.sam as sam
from pytorch_optimizer import SAM

from reference import of, record


def norm(groups, weight_adaptive=False):
    """The squared norm that SAM takes, in float64."""
    return sum(
        ((p.grad * p.abs() if group["adaptive"] else p.grad) ** 2).sum() for group in groups for p in group["params"]
    ).reshape(1)


sam.get_global_gradient_norm = norm
for variant, mine, arguments in [
    ("sam", {}, {}),
    ("asam", {"adaptive": True, "nesterov": True}, {"adaptive": True, "nesterov": True}),
]:
    arguments = {"lr": 0.1, "momentum": 0.8, "rho": 0.2, **arguments}
    record(
        variant,
        lambda parameters: SAM(parameters, torch.optim.SGD, **arguments),
        {"lr": 0.1, "momentum": 0.8, "rho": 0.2, **mine},
        of("pytorch_optimizer", SAM, base_optimizer="SGD", **arguments),
        "the squared norm is summed in float64 instead of float32",
        batch=4,
    )

import pytorch_optimizer
import torch
from pytorch_optimizer.optimizer.shampoo import LayerWiseGrafting
from pytorch_optimizer.optimizer.utils import preconditioner

from reference import of, record


def inverse_root(mat_g, p, ridge_epsilon):
    """The limit of the iteration in its place: the root of the same damped matrix."""
    values, vectors = torch.linalg.eigh(mat_g)
    return (vectors * (values.clamp(min=0) + ridge_epsilon * values[-1]) ** (-1 / p)) @ vectors.T


preconditioner.compute_power_schur_newton = inverse_root
pytorch_optimizer.ScalableShampoo.validate_betas = staticmethod(lambda betas: None)  # 1 is refused
exact = "the Schur-Newton iteration, which ends at an error of 1e-3, by its limit of torch.linalg.eigh"
common = {"shape_interpretation": False, "matrix_eps": 1e-3}
for variant, arguments, plugin in [
    # The paper's: sums, neither momentum nor grafting.
    ("paper", {"lr": 0.1, "betas": (0, 1), "nesterov": False, "graft_type": LayerWiseGrafting.NONE, "start_preconditioning_step": 1,
               "preconditioning_compute_steps": 1},
     {"lr": 0.1, "beta1": 0, "beta2": 1, "nesterov": False, "graft": "none", "start": 1}),
    ("rmsprop", {"lr": 0.02, "betas": (0.7, 0.9), "graft_type": LayerWiseGrafting.RMSPROP, "start_preconditioning_step": 6,
                 "preconditioning_compute_steps": 3, "weight_decay": 0.1, "diagonal_eps": 1e-4},
     {"lr": 0.02, "beta1": 0.7, "beta2": 0.9, "graft": "rmsprop", "graft_eps": 1e-4, "start": 6, "frequency": 3, "weight_decay": 0.1}),
    ("adagrad", {"lr": 0.05, "betas": (0.7, 0.9), "graft_type": LayerWiseGrafting.ADAGRAD, "start_preconditioning_step": 4,
                 "preconditioning_compute_steps": 2, "weight_decay": 0.1, "decoupled_weight_decay": True, "diagonal_eps": 1e-4,
                 "nesterov": False},
     {"lr": 0.05, "beta1": 0.7, "beta2": 0.9, "graft": "adagrad", "graft_eps": 1e-4, "start": 4, "frequency": 2, "weight_decay": 0.1,
      "decoupled": True, "nesterov": False}),
    ("sgd", {"lr": 0.1, "betas": (0.6, 0.9), "start_preconditioning_step": 5, "preconditioning_compute_steps": 1},
     {"lr": 0.1, "beta1": 0.6, "beta2": 0.9}),
]:
    record(
        variant,
        lambda parameters: pytorch_optimizer.ScalableShampoo(parameters, **arguments, **common),
        plugin | {"eps": 1e-3},
        of("pytorch_optimizer", pytorch_optimizer.ScalableShampoo, **arguments, **common),
        exact,
    )

import optax
import pytorch_optimizer

from reference import Optax, of, record, rewritten

arguments = {"b1": 0.8, "b2": 0.95, "eps": 1e-5, "weight_decay": 0.1}
plugin = {"lr": 0.03, "beta1": 0.8, "beta2": 0.95, "eps": 1e-5, "weight_decay": 0.1}
record(
    "lamb",
    lambda parameters: Optax(parameters, optax.lamb(0.03, **arguments)),
    plugin,
    of("optax", optax.lamb, learning_rate=0.03, **arguments),
)

# The authors' program does not correct the bias.
lamb = rewritten("pytorch_optimizer.optimizer.lamb", ("weight_norm / (p_norm + group['eps'])", "weight_norm / p_norm"))
lamb.Lamb.clamp = float("inf")
arguments = {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-5, "weight_decay": 0.1, "weight_decouple": False, "foreach": False, "adam_debias": True}
record(
    "uncorrected",
    lambda parameters: lamb.Lamb(parameters, **arguments),
    plugin | {"bias_correction": False},
    of("pytorch_optimizer", pytorch_optimizer.Lamb, **arguments),
    "eps is not added to the norm of the step, and that of the weights has no bound",
)
record(
    "unadapted",
    lambda parameters: lamb.Lamb(parameters, **arguments, adam=True),
    plugin | {"bias_correction": False, "adapt": False},
    of("pytorch_optimizer", pytorch_optimizer.Lamb, **arguments, adam=True),
)

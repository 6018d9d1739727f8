import optax

from reference import Optax, of, record

arguments = {"learning_rate": 0.01, "b1": 0.8, "b2": 0.95, "weight_decay": 0.2}
record(
    "lion",
    lambda parameters: Optax(parameters, optax.lion(**arguments)),
    {"lr": 0.01, "beta1": 0.8, "beta2": 0.95, "weight_decay": 0.2},
    of("optax", optax.lion, **arguments),
)

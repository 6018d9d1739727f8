import torch

from reference import of, record

arguments = {"lr": 1, "max_iter": 1, "max_eval": 26, "tolerance_grad": 0, "tolerance_change": 0, "history_size": 5, "line_search_fn": "strong_wolfe"}
record(
    "lbfgs",
    lambda parameters: torch.optim.LBFGS(parameters, **arguments),
    {"history": 5},
    of("torch", torch.optim.LBFGS, **arguments),
    steps=20,
    batch=10,
)

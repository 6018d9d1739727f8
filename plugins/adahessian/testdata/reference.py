import torch
from pytorch_optimizer import AdaHessian

from reference import hutchinson, of, record


class Step(AdaHessian):
    def step(self, batch):
        super().step(hessian=hutchinson(batch))


for variant, mine, arguments in [
    ("adahessian", {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 1e-4, "weight_decay": 0.1},
     {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.1}),
    ("power", {"lr": 0.05, "eps": 1e-4, "power": 0.5}, {"lr": 0.05, "eps": 1e-4, "hessian_power": 0.5}),
]:
    record(
        variant,
        lambda parameters: Step(parameters, **arguments),
        mine,
        of("pytorch_optimizer", AdaHessian, **arguments),
        "the signs are those that the plugin draws; torch computes the products",
        batch=7,
    )

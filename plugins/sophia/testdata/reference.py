from pytorch_optimizer import SophiaH

from reference import hutchinson, of, record

arguments = {"lr": 1.0, "betas": (0.8, 0.9), "p": 0.04, "weight_decay": 0.01, "update_period": 4, "eps": 1e-10}


class Step(SophiaH):
    def step(self, batch):
        super().step(hessian=hutchinson(batch) if batch.k % 4 == 0 else None)


record(
    "sophia",
    lambda parameters: Step(parameters, **arguments),
    {"lr": 0.04, "beta1": 0.8, "beta2": 0.9, "gamma": 0.04, "weight_decay": 0.25, "interval": 4, "eps": 4e-12},
    of("pytorch_optimizer", SophiaH, **arguments),
    "the signs are those that the plugin draws; torch computes the products",
    batch=7,
)

from pytorch_optimizer import MARS

from reference import of, record

arguments = {"lr": 0.05, "betas": (0.8, 0.95), "gamma": 0.3, "optimize_1d": True, "weight_decay": 0.1, "eps": 1e-6}


class Step(MARS):
    """What it takes for the last gradient is set before each step."""

    before = None

    @staticmethod
    def apply_ams_bound_foreach(*given):
        return MARS.apply_ams_bound_foreach(*given, exp_avg_sq_eps=0.0)

    def step(self, batch, exact):
        parameters = self.param_groups[0]["params"]
        now = [p.detach().clone() for p in parameters]
        gradients = [p.grad.clone() for p in parameters]
        if exact and self.before:
            for p, last in zip(parameters, self.before):
                p.data.copy_(last)
            batch()
            for p, value, g in zip(parameters, now, gradients):
                self.state[p]["last_grad"].copy_(p.grad)
                p.data.copy_(value)
                p.grad = g
        if not self.before:
            self.init_group(self.param_groups[0])
            for p in parameters:
                self.state[p]["last_grad"].copy_(p.grad)
        self.before = now
        super().step()


for variant in ("exact", "approximate"):

    class Variant(Step):
        def step(self, batch):
            super().step(batch, variant == "exact")

    record(
        variant,
        lambda parameters: Variant(parameters, **arguments),
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "gamma": 0.3, "weight_decay": 0.1, "eps": 1e-6, "last": variant},
        of("pytorch_optimizer", MARS, **arguments),
        "it begins with the first gradient as the last one, as the paper does; no 1e-15 is added under the root"
        + ("; the last gradient is computed anew on each batch" if variant == "exact" else ""),
        batch=4,
    )

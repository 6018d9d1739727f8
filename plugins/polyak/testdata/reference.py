from pytorch_optimizer import AliG

from reference import Batch, of, parameters, record


class Step(AliG):
    def __init__(self, values, **arguments):
        super().__init__(values, **arguments)
        self.all = Batch(dict(zip(parameters(), values)), 10, 0)

    def compute_step_size(self, loss):
        return loss / (sum(p.grad.pow(2).sum() for group in self.param_groups for p in group["params"]).item() + 1e-6)

    def step(self):
        super().step(lambda: float(self.all.loss()))


for variant, arguments, mine in [("polyak", {}, {"eps": 1e-6}), ("bounded", {"max_lr": 0.3}, {"eps": 1e-6, "max_lr": 0.3})]:
    record(
        variant,
        lambda values: Step(values, **arguments),
        mine,
        of("pytorch_optimizer", AliG, **arguments),
        "the squared norm is summed in float64 instead of float32",
    )

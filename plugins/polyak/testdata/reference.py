from pytorch_optimizer import AliG

from reference import Batch, of, parameters, record


class Step(AliG):
    def __init__(self, values, optimum=0, c=1, **arguments):
        super().__init__(values, **arguments)
        self.optimum, self.c = optimum, c
        self.all = Batch(dict(zip(parameters(), values)), 10, 0)

    def compute_step_size(self, loss):
        square = sum(p.grad.pow(2).sum() for group in self.param_groups for p in group["params"]).item()
        return (loss - self.optimum) / (self.c * (square + 1e-6))

    def step(self):
        super().step(lambda: float(self.all.loss()))


exact = "the squared norm is summed in float64 instead of float32"
for variant, arguments, mine, substitutions in [
    ("polyak", {}, {"eps": 1e-6}, exact),
    ("bounded", {"max_lr": 0.3}, {"eps": 1e-6, "max_lr": 0.3}, exact),
    ("optimum", {"max_lr": 0.5, "optimum": 0.1, "c": 2}, {"eps": 1e-6, "max_lr": 0.5, "f_star": 0.1, "c": 2.0},
     exact + "; optimum is taken from the loss, and the step divided by c"),
]:
    record(
        variant,
        lambda values: Step(values, **arguments),
        mine,
        of("pytorch_optimizer", AliG, **arguments),
        substitutions,
    )

import torch
from torch.optim.lbfgs import _strong_wolfe

from reference import of, record


class NonlinearCG:
    """The formulas in PyTorch, around its line search."""

    def __init__(self, parameters, beta, c1=1e-4, c2=0.1, lr=1):
        self.parameters, self.beta, self.c1, self.c2, self.lr = parameters, beta, c1, c2, lr
        self.d = self.fall = None

    def point(self):
        return torch.nn.utils.parameters_to_vector(self.parameters).detach()

    def at(self, point, batch):
        torch.nn.utils.vector_to_parameters(point, self.parameters)
        loss = float(batch())
        return loss, torch.cat([p.grad.reshape(-1) for p in self.parameters])

    def step(self, batch):
        x = self.point()
        loss, g = self.at(x, batch)
        if self.d is None:
            d, t = -g, min(1.0, 1.0 / float(g.abs().sum())) * self.lr
        else:
            d = -g + self.next * self.d
            if g @ d >= 0:
                d = -g
            t = float(self.fall / (g @ d))
        _, after, t, _ = _strong_wolfe(lambda x, t, d: self.at(x + t * d, batch), x, t, d, loss, g, g @ d, self.c1, self.c2, 0, 25)
        y = after - g
        if self.beta == "fletcher-reeves":
            self.next = after @ after / (g @ g)
        elif self.beta == "polak-ribiere":
            self.next = max(after @ y / (g @ g), torch.tensor(0.0))
        else:
            full = (y - 2 * d * (y @ y) / (d @ y)) @ after / (d @ y)
            self.next = max(full, -1 / (d.norm() * min(torch.tensor(0.01), g.norm())))
        self.d, self.fall = d, t * (g @ d)
        torch.nn.utils.vector_to_parameters(x + t * d, self.parameters)


for variant, batch in [("fletcher-reeves", 10), ("polak-ribiere", 10), ("polak-ribiere", 7), ("hager-zhang", 10)]:
    record(
        variant if batch == 10 else f"{variant}-batches",
        lambda parameters: NonlinearCG(parameters, variant),
        {"beta": variant},
        f"the formula of {variant} around " + of("torch", _strong_wolfe, c1=1e-4, c2=0.1),
        steps=20,
        batch=batch,
    )

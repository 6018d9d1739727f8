import numpy as np
import scipy.optimize
import torch

from reference import of, record


class Flat:
    """A batch's loss, gradient and products with the Hessian as functions of one vector."""

    def __init__(self, parameters):
        self.parameters = parameters

    def point(self):
        return torch.nn.utils.parameters_to_vector(self.parameters).detach().numpy().copy()

    def move(self, x):
        torch.nn.utils.vector_to_parameters(torch.from_numpy(np.array(x)), self.parameters)

    def loss(self, x):
        self.move(x)
        return float(self.batch.loss().detach())

    def gradient(self, x):
        self.move(x)
        return self.flat(torch.autograd.grad(self.batch.loss(), self.parameters))

    def product(self, x, v):
        self.move(x)
        gradients = torch.autograd.grad(self.batch.loss(), self.parameters, create_graph=True)
        along = torch.cat([g.reshape(-1) for g in gradients]) @ torch.from_numpy(np.array(v))
        return self.flat(torch.autograd.grad(along, self.parameters))

    def flat(self, values):
        return np.concatenate([v.detach().numpy().reshape(-1) for v in values])


class TrustRegion(Flat):
    """SciPy's iterates, one after the other."""

    points = None

    def step(self, batch):
        self.batch = batch
        if self.points is None:
            self.points = []
            x = self.point()
            scipy.optimize.minimize(
                self.loss, x, jac=self.gradient, hessp=self.product, method="trust-ncg",
                options={"gtol": 0, "maxiter": 20, "initial_trust_radius": 0.5},
                callback=lambda x: self.points.append(x.copy()),
            )
        self.move(self.points.pop(0))


class LineSearch(Flat):
    """Algorithm 7.1."""

    def step(self, batch):
        self.batch = batch
        x = self.point()
        f, g = self.loss(x), self.gradient(x)
        tolerance = min(0.5, np.sqrt(np.linalg.norm(g))) * np.linalg.norm(g)
        z, r, d = np.zeros_like(g), g.copy(), -g
        while True:
            b = self.product(x, d) + 0.01 * d
            if d @ b <= 0:
                p = d if not z.any() else z
                break
            alpha = r @ r / (d @ b)
            z, after = z + alpha * d, r + alpha * b
            if np.linalg.norm(after) < tolerance:
                p = z
                break
            d = -after + (after @ after) / (r @ r) * d
            r = after
        t = 1.0
        while not self.loss(x + t * p) <= f + 1e-4 * t * (g @ p):
            t /= 2
        self.move(x + t * p)


record("trust-region", TrustRegion, {"bound": "trust-region", "radius": 0.5}, of("scipy", scipy.optimize.minimize, method="trust-ncg", initial_trust_radius=0.5), steps=20, batch=10)
for variant, batch in [("line-search", 10), ("line-search-batches", 7)]:
    record(variant, LineSearch, {"damping": 0.01}, "algorithm 7.1 of Nocedal and Wright with backtracking in NumPy, products of the Hessian by torch", steps=12, batch=batch)

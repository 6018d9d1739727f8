"""Answers what a plugin asks in the middle of a step: $STEEPEST_PLUGIN_PATH has the plugin asker, which asks for everything."""

import math
import pathlib
import unittest

import torch

from steepest.torch import Optimizer, PluginError

torch.set_num_threads(1)


class Loop:
    """Minibatches, of which each call of fresh() takes another one."""

    def __init__(self):
        torch.manual_seed(1)
        layers = [torch.nn.Linear(5, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3)]
        self.model = torch.nn.Sequential(*layers).double()
        generator = torch.Generator().manual_seed(2)
        self.x = torch.randn(64, 5, generator=generator, dtype=torch.float64)
        self.y = torch.randint(0, 3, (64,), generator=generator)
        self.taken = 0

    def batch(self, first):
        rows = torch.arange(first, first + 8) * 5 % 64
        return lambda: torch.nn.functional.cross_entropy(self.model(self.x[rows]), self.y[rows])

    def fresh(self):
        self.taken += 1
        return self.batch(100 + 3 * self.taken)

    def weights(self):
        return torch.cat([p.detach().reshape(-1) for p in self.model.parameters()])


def in_torch(loop, steps, lr, radius):
    """The rule of asker, in torch alone."""
    parameters = list(loop.model.parameters())
    flat = lambda tensors: torch.cat([t.reshape(-1) for t in tensors])

    def at(w, forward):
        torch.nn.utils.vector_to_parameters(w, parameters)
        loss = forward()
        return loss.item(), flat(torch.autograd.grad(loss, parameters)).detach()

    def product(w, forward, v):
        torch.nn.utils.vector_to_parameters(w, parameters)
        g = flat(torch.autograd.grad(forward(), parameters, create_graph=True))
        return flat(torch.autograd.grad(g, parameters, v)).detach()

    w, slow = loop.weights(), 0
    for k in range(steps):
        this = loop.batch(k)
        _, g = at(w, this)
        d = radius * g / (g.norm() + 1e-12)
        uphill, here = at(w + d, this)
        curved = product(w + d, this, d)
        _, other = at(w, loop.fresh())
        uphill = min(uphill, at(w + d, loop.fresh())[0])
        slow = 0.9 * slow + 0.1 * (here + other)
        w = w - lr * (slow + curved + 1e-3 * math.tanh(uphill) * g)
    return w


class Asks(unittest.TestCase):
    def test_all(self):
        want = in_torch(Loop(), 30, 0.5, 0.05)
        for plane in ("inline", "shared"):
            loop = Loop()
            optimizer = Optimizer("asker", loop.model.parameters(), lr=0.5, radius=0.05, data_plane=plane)
            for k in range(30):
                before = loop.batch(k)().item()
                self.assertEqual(optimizer.step(forward=loop.batch(k), fresh=loop.fresh).item(), before)
            self.assertLess((loop.weights() - want).abs().max().item(), 1e-13, plane)

    def test_sam(self):
        """SAM asks through a closure, and its result is the mean of its weights: a plugin in Python, against torch alone."""
        loop, optimizer = Loop(), None
        parameters, mean = list(loop.model.parameters()), 0
        for k in range(20):
            loss = loop.batch(k)()
            g = torch.autograd.grad(loss, parameters)
            norm = torch.cat([x.reshape(-1) for x in g]).norm()
            with torch.no_grad():
                d = [0.05 * x / (norm + 1e-12) for x in g]
                for p, x in zip(parameters, d):
                    p.add_(x)
            g = torch.autograd.grad(loop.batch(k)(), parameters)
            with torch.no_grad():
                for p, x, u in zip(parameters, d, g):
                    p.sub_(x).sub_(0.1 * u)
            mean = mean + loop.weights() / 20
        want = loop.weights()

        loop = Loop()
        optimizer = Optimizer("sam-numpy", loop.model.parameters(), lr=0.1, plugin_dir=pathlib.Path(__file__).parents[2] / "examples")

        def closure():
            optimizer.zero_grad()
            loss = loop.batch(loop.k)()
            loss.backward()
            return loss
        for loop.k in range(20):
            optimizer.step(closure)
        self.assertLess((loop.weights() - want).abs().max().item(), 1e-13)
        before = loop.weights()
        with optimizer.evaluation():
            self.assertLess((loop.weights() - mean).abs().max().item(), 1e-13)
        self.assertTrue(torch.equal(loop.weights(), before))

    def test_bundled(self):
        """L-BFGS through a closure is that of torch; Newton's method asks for products with the Hessian, and SPSA has no gradient."""
        def run(make):
            loop = Loop()
            optimizer = make(loop.model)

            def closure():
                optimizer.zero_grad()
                loss = loop.batch(0)()
                loss.backward()
                return loss
            for _ in range(20):
                optimizer.step(closure)
            return loop.weights()
        want = run(lambda m: torch.optim.LBFGS(m.parameters(), max_iter=1, history_size=10, line_search_fn="strong_wolfe"))
        got = run(lambda m: Optimizer("lbfgs", m.named_parameters()))
        self.assertLess((got - want).abs().max().item(), 1e-9)
        for name in ("newton-cg", "spsa"):
            loop = Loop()
            forward = loop.batch(0)
            before, optimizer = forward().item(), Optimizer(name, loop.model.named_parameters())
            for _ in range(10):
                optimizer.step(forward=forward)
            self.assertLess(forward().item(), before, name)

    def test_refused(self):
        loop = Loop()
        make = lambda **arguments: Optimizer("asker", loop.model.parameters(), **arguments)
        before = loop.weights()

        def closure():
            optimizer.zero_grad()
            loss = loop.batch(0)()
            loss.backward()
            return loss

        optimizer = make()
        with self.assertRaisesRegex(ValueError, "call step\\(closure\\), or step\\(forward="):
            optimizer.step()
        with self.assertRaisesRegex(ValueError, "a product with the Hessian; call step\\(forward="):
            optimizer.step(closure)
        with self.assertRaisesRegex(PluginError, "step 1 .* was left in its middle"):
            optimizer.step(forward=loop.batch(0), fresh=loop.fresh)
        with self.assertRaisesRegex(PluginError, "left in its middle"):
            optimizer.state_dict()
        optimizer = make()
        start = optimizer.state_dict()
        with self.assertRaisesRegex(ValueError, "asks for another batch within its step; call step\\(..., fresh="):
            optimizer.step(forward=loop.batch(0))
        optimizer.load_state_dict(start)
        optimizer.step(forward=loop.batch(0), fresh=loop.fresh)  # it goes on from there
        torch.nn.utils.vector_to_parameters(before, loop.model.parameters())
        optimizer = make(max_asks=3)
        with self.assertRaisesRegex(PluginError, "asked 4 times in the step, and max_asks is 3"):
            optimizer.step(forward=loop.batch(0), fresh=loop.fresh)
        self.assertTrue(torch.equal(loop.weights(), before))  # whatever was asked, and did not come to its end


if __name__ == "__main__":
    unittest.main()

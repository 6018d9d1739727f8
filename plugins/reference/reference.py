#!/usr/bin/env python3
"""Records what other implementations do, for the tests of the optimizers in plugins/.

    python3 plugins/reference/reference.py [NAME ...]

runs plugins/NAME/testdata/reference.py, or all of them, each of which calls `record` for every trajectory that it wants beside it.
README.md says what is needed.
"""

import importlib.metadata
import importlib.util
import json
import math
import pathlib
import re
import runpy
import sys

import numpy as np
import torch

STEPS = 50
PLUGINS = pathlib.Path(__file__).resolve().parent.parent


def network(hidden=4, biases=True):
    """A network of two layers, 3 inputs, `hidden` units (tanh), 2 outputs, as a host describes it. With 4 units one matrix is tall and one
    is wide."""
    tensors, offset = [], 0
    for layer, place, fan_in, fan_out in [(1, "FIRST", 3, hidden), (2, "LAST", hidden, 2)]:
        for name, shape, role in [("w", [fan_out, fan_in], "WEIGHT"), ("b", [fan_out], "BIAS")]:
            if name == "w" or biases:
                tensors.append({"name": f"{name}{layer}", "shape": shape, "role": f"ROLE_{role}", "place": f"PLACE_{place}",
                                "fanIn": fan_in, "fanOut": fan_out, "offset": offset, "length": math.prod(shape)})
                offset += math.prod(shape)
    return tensors


TENSORS = network()
# Ten examples. Sines are the same everywhere, and far from any symmetry.
INPUTS = torch.tensor([[math.sin(1.7 * i + 2.3 * j) for j in range(3)] for i in range(10)], dtype=torch.float64)
TARGETS = torch.tensor([[math.cos(0.9 * i * (j + 1)) for j in range(2)] for i in range(10)], dtype=torch.float64)


def parameters(tensors=TENSORS):
    """The weights to start from, by name."""
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    named, at = {}, 0
    for tensor in tensors:
        values = [0.8 * math.sin(1.3 * (at + i) + 0.4) for i in range(tensor["length"])]
        at += tensor["length"]
        named[tensor["name"]] = torch.nn.Parameter(torch.tensor(values, dtype=torch.float64).reshape(tensor["shape"]))
    return named


def loss_of(named, examples=slice(None)):
    """Half the mean squared error, over the ten examples or some."""
    hidden = torch.tanh(INPUTS[examples] @ named["w1"].T + named.get("b1", 0))
    return 0.5 * ((hidden @ named["w2"].T + named.get("b2", 0) - TARGETS[examples]) ** 2).sum(1).mean()


class Batch:
    """The examples of a step, as a closure of torch's: called, it computes loss and gradient where the parameters are now."""

    def __init__(self, named, size, k):
        self.named, self.k = named, k
        self.examples = [(k * size + i) % len(INPUTS) for i in range(size)]

    def loss(self):
        return loss_of(self.named, self.examples)

    def __call__(self):
        for p in self.named.values():
            p.grad = None
        loss = self.loss()
        loss.backward()
        return loss


def words(tensor, k, seed=1):
    """What the random generator of a tensor, by its place, gives at step k, from 1: PCG-DXSM, as in Go's math/rand/v2."""
    mask, wide = (1 << 64) - 1, (1 << 128) - 1
    state = ((seed + tensor * 0x9E3779B97F4A7C15) & mask) << 64 | k
    while True:
        state = (state * (2549297995355413924 << 64 | 4865540595714422341) + (6364136223846793005 << 64 | 1442695040888963407)) & wide
        high, low = state >> 64, state & mask
        high = (high ^ high >> 32) * 0xDA942042E4DD58B5 & mask
        high = (high ^ high >> 48) * (low | 1) & mask
        yield high


def uniforms(tensor, k, seed=1):
    """The same as numbers from 0 to 1."""
    return ((word & (1 << 53) - 1) / (1 << 53) for word in words(tensor, k, seed))


def signs(k, seed=1):
    """What a rule draws at step k, from 1, for each parameter."""
    drawn = []
    for index, tensor in enumerate(TENSORS):
        values = [1.0 if word & 1 else -1.0 for word, _ in zip(words(index, k, seed), range(tensor["length"]))]
        drawn.append(torch.tensor(values).reshape(tensor["shape"]))
    return drawn


def hutchinson(batch):
    """An estimate of the diagonal of a batch's Hessian, with the signs that the plugin draws."""
    z, parameters = signs(batch.k + 1), list(batch.named.values())
    gradients = torch.autograd.grad(batch.loss(), parameters, create_graph=True)
    products = torch.autograd.grad(sum((g * v).sum() for g, v in zip(gradients, z)), parameters)
    return [v * hv for v, hv in zip(z, products)]


def record(variant, make, hyperparameters, reference, substitutions="none", steps=STEPS, batch=None, hidden=4, biases=True, result=None):
    """Writes VARIANT.csv beside the script that calls it: `steps` steps of the reference.

    make(parameters) makes the reference of the network's parameters, a list: an object with a method step(), as torch's optimizers
    are; `Optax` makes one of a JAX transformation. hyperparameters are the plugin's, where they are not its defaults.
    reference says what it is, in words to be found again: `of("torch", torch.optim.AdamW, lr=0.02)`.
    substitutions says what was changed in it, such as a cast that was taken out: `rewritten` does that.
    hidden and biases say of what network; without biases there are only matrices.
    result moves the parameters to those to evaluate, of a reference whose result is not where it trains: result(optimizer).
    batch is for rules that ask: how many examples a step has, of which step() is given a `Batch`. Step k has those from k times
    batch on.
    """
    folder = pathlib.Path(sys._getframe(1).f_code.co_filename).resolve().parent
    tensors = network(hidden, biases)
    named = parameters(tensors)
    optimizer = make(list(named.values()))
    n = sum(tensor["length"] for tensor in tensors)
    rows = [["step"] + [f"x{i}" for i in range(n)] + ["f"] + [f"g{i}" for i in range(n)]]
    for k in range(steps + 1):
        examples = Batch(named, batch or len(INPUTS), k)
        loss = examples()
        flat = lambda values: np.concatenate([v.detach().numpy().reshape(-1) for v in values])
        point, gradient = flat(named.values()), flat(p.grad for p in named.values())
        assert np.isfinite(point).all(), f"{variant} is not finite at step {k}"
        rows.append([str(k)] + [f"{x:.17g}" for x in point] + [f"{loss.item():.17g}"] + [f"{g:.17g}" for g in gradient])
        if k < steps:
            optimizer.step(*[examples] * bool(batch))
    if result:
        result(optimizer)
    path = folder / f"{variant}.csv"
    with open(path, "w", newline="\n") as f:
        f.write(f"# reference: {reference}\n# substitutions: {substitutions}\n")
        if batch:
            f.write(f"# batch: {batch}\n")
        f.write(f"# hyperparameters: {json.dumps(hyperparameters)}\n# tensors: {json.dumps(tensors)}\n")
        if result:
            f.write(f"# result: {json.dumps(flat(named.values()).tolist())}\n")
        f.writelines(",".join(row) + "\n" for row in rows)
    print(f"{path.relative_to(PLUGINS)}: {reference}; loss {float(rows[1][n + 1]):.4g} to {float(rows[-1][n + 1]):.4g}")


def of(distribution, implementation, **arguments):
    """Names a reference: its distribution and version, its class or function, and its arguments."""
    values = ", ".join(f"{k}={v!r}" for k, v in arguments.items())
    version = re.sub(r"\+.*", "", importlib.metadata.version(distribution))
    name = implementation.__qualname__
    return f"{distribution} {version}, {implementation.__module__}.{name}({values})"


def rewritten(module, *pairs):
    """Imports a module again, by its name, with other text in the place of some of its lines, each of which it must have."""
    found = importlib.util.find_spec(module)
    text = pathlib.Path(found.origin).read_text()
    for old, new in pairs:
        assert old in text, f"{module} has no {old}"
        text = text.replace(old, new)
    again = importlib.util.module_from_spec(found)
    exec(compile(text, found.origin, "exec"), again.__dict__)
    return again


class Optax:
    """A JAX transformation as an optimizer of torch's parameters."""

    def __init__(self, parameters, transformation):
        import jax

        jax.config.update("jax_enable_x64", True)
        self.parameters, self.transformation = parameters, transformation
        self.state = transformation.init(self._values())

    def _values(self):
        return [p.detach().numpy().copy() for p in self.parameters]

    def step(self):
        gradients = [p.grad.numpy().copy() for p in self.parameters]
        updates, self.state = self.transformation.update(gradients, self.state, self._values())
        with torch.no_grad():
            for p, update in zip(self.parameters, updates):
                p += torch.from_numpy(np.array(update))


class Averaged:
    """An optimizer of torch's whose weights torch's AveragedModel averages, after the steps (from 1) of which `when` holds."""

    def __init__(self, optimizer, when, **arguments):
        self.optimizer, self.when, self.k = optimizer, when, 0
        self.model = torch.nn.ParameterList([p for group in optimizer.param_groups for p in group["params"]])
        self.averaged = torch.optim.swa_utils.AveragedModel(self.model, **arguments)

    def step(self):
        self.optimizer.step()
        self.k += 1
        if self.when(self.k):
            self.averaged.update_parameters(self.model)

    def eval(self):
        with torch.no_grad():
            for p, average in zip(self.model, self.averaged.parameters()):
                p.copy_(average)


def main(names):
    scripts = [PLUGINS / name / "testdata" / "reference.py" for name in names] or sorted(PLUGINS.glob("*/testdata/reference.py"))
    sys.modules["reference"] = sys.modules["__main__"]
    for script in scripts:
        runpy.run_path(str(script), run_name="__recorded__")


if __name__ == "__main__":
    main(sys.argv[1:])

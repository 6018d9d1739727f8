"""PyTorch's optimizers as rules: the signature becomes hyperparameters, state_dict the snapshot, param_groups the groups."""

import inspect
import math
import re
import sys
import threading

import numpy as np
import torch

from . import rule, schema, state, wire

# What concerns how a rule is computed, or turns it around, and not which rule it is.
IGNORED = ("params", "foreach", "fused", "capturable", "differentiable", "maximize")

# The ranges that torch.optim checks, and what the usual names mean.
KNOWN = {
    "lr": ("[0,inf)", "learning rate"), "eps": ("[0,inf)", "added to the denominator, so that it is not zero"),
    "beta": ("[0,1)", "decay of a running average"), "momentum": ("[0,inf)", "share of the last step that a step keeps"),
    "weight_decay": ("[0,inf)", "weight decay"), "alpha": ("[0,inf)", "decay of the average of squares"),
    "dampening": (None, "dampening of the momentum"), "nesterov": (None, "Nesterov's momentum"),
    "amsgrad": (None, "take the largest second moment so far"), "centered": (None, "divide by the variance"),
    "rho": ("[0,1]", "decay of the average of squares"), "lr_decay": ("[0,inf)", "decay of the learning rate"),
    "initial_accumulator_value": ("[0,inf)", "sum of squares at the start"),
}


class Argument:
    """An argument of a constructor: one hyperparameter, or for a tuple one for each element."""

    def __init__(self, name, value, annotation, known, source):
        self.name, self.tuple = name, isinstance(value, tuple)
        values = value if self.tuple else (value,)
        singular = name[:-1] if name.endswith("s") and self.tuple else name
        self.hypers = []
        for i, x in enumerate(values):
            own = f"{singular}{i + 1}" if self.tuple else name
            interval, doc = known.get(singular, (None, f"{name} of {source}"))
            # 0 is how a float is often written, and an int that is none has an annotation or is not 0.
            if type(x) is int and (x == 0 or name == "lr" or "float" in str(annotation)):
                x = float(x)
            self.hypers.append(schema.hyper(x, interval if type(x) in (float, int) else None, doc).named(own.lower()))

    def of(self, h):
        values = tuple(getattr(h, p.name) for p in self.hypers)
        return values if self.tuple else values[0]


def arguments(make, ignored, known, source, defaults):
    """The arguments of a callable that can be hyperparameters. defaults replaces or adds defaults."""
    found = []
    unknown = set(defaults)
    for p in inspect.signature(make).parameters.values():
        value = defaults.get(p.name, p.default)
        unknown.discard(p.name)
        if p.name == "lr" and type(value) not in (int, float):
            value = 1e-3  # where torch requires one
        plain = [type(x) in (int, bool, str) or type(x) is float and math.isfinite(x)
                 for x in (value if isinstance(value, tuple) else (value,))]
        if p.name not in ignored and plain and all(plain):
            found.append(Argument(p.name, value, p.annotation, known, source))
    if unknown:
        raise TypeError(f"{source} has no argument {sorted(unknown)[0]}")
    return found


class TorchRule:
    """A class of torch.optim, or of whatever derives from it."""

    hyper, joint, needs_weights = None, False, True
    evaluates_at = initializes = None
    kernel = "torch"

    def __init__(self, cls, defaults, random):
        self.cls, self.random = cls, random
        closure = inspect.signature(cls.step).parameters.get("closure")
        self.asks = closure is not None and closure.default is closure.empty  # it evaluates where it likes, as LBFGS does
        self.groups = not self.asks  # a search is along all tensors at once
        self.source = f"{cls.__module__.replace('torch.optim.' + cls.__name__.lower(), 'torch.optim')}.{cls.__name__}"
        self.arguments = arguments(cls, IGNORED, KNOWN, self.source, defaults)

    def declared(self):
        return [p for a in self.arguments for p in a.hypers]

    def about(self):
        """What the class says of itself: summary, reference, version."""
        doc = inspect.getdoc(self.cls) or ""
        papers = re.findall(r"arxiv\.org/abs/([\w.]+?)\.?(?:\s|>|\)|$)", doc)
        version = getattr(sys.modules[self.cls.__module__.split(".")[0]], "__version__", torch.__version__)
        return {"summary": (doc.splitlines() or [""])[0].strip() or self.source, "version": version.split("+")[0],
                "reference": self.source + (f" (arXiv:{papers[0]})" if papers else "")}

    def version(self):
        return "torch 1 " + self.source

    def values(self, h):
        return {a.name: a.of(h) for a in self.arguments}

    def faults(self, h):
        """What the constructor itself finds wrong with hyperparameters."""
        try:
            self.cls([torch.nn.Parameter(torch.zeros(1, 1, dtype=torch.float64))], **self.values(h))
        except (ValueError, TypeError, RuntimeError) as e:
            yield schema.Fault("", str(e), "see the documentation of " + self.source)

    def warm(self, defaults):
        """Makes a step, so that what torch loads at its first one is loaded before anybody waits for it."""
        p = torch.nn.Parameter(torch.zeros(1, 1, dtype=torch.float64))
        p.grad = torch.ones_like(p)
        self.cls([p], **self.values(defaults)).step(*[lambda: torch.zeros(())] * self.asks)

    def open(self, layout, hypers):
        return TorchRun(self, layout, hypers)


_drawing = threading.Lock()  # torch has one generator for all instances


class TorchRun:
    """Optimizers of torch over the tensors of an instance, one for each group: what a constructor does with its arguments is then
    done for each. Parameters are float64, and have the host's weights before every step; the update is by how much the step moves
    them. A scalar is a vector of one element there, and tensors without elements are left out: not all optimizers take them."""

    def __init__(self, rule_, layout, hypers):
        self.rule, self.layout, self.hypers = rule_, layout, hypers
        self.moved, self.slope = np.zeros(layout.parameters), np.zeros(layout.parameters)
        self.of = [i for i, x in enumerate(layout.tensors) if x.size]
        self.parameters = [torch.nn.Parameter(self.part(self.moved, i)) for i in self.of]
        self.addresses = [p.data_ptr() for p in self.parameters]
        for p, i in zip(self.parameters, self.of):
            p.grad = self.part(self.slope, i)
        self.optimizers = []  # with the hyperparameters of each
        for g, h in enumerate(hypers):
            own = [p for p, i in zip(self.parameters, self.of) if layout.group_of[i] == g]
            try:
                if own:
                    self.optimizers.append((rule_.cls(own, **rule_.values(h)), h))
            except (TypeError, RuntimeError) as e:
                raise ValueError(str(e)) from e

    def part(self, vector, i):
        x = self.layout.tensors[i]
        return torch.from_numpy(vector[x._at:x._at + x.size].reshape(x.shape or (1,)))

    def use(self, gradient, weights, update):
        self.gradient, self.weights, self.update = gradient, weights, update

    def scheduled(self):
        """Called when hyperparameters have other values."""
        for optimizer, h in self.optimizers:
            values = {a.name: a.of(h) for a in self.rule.arguments if a.hypers[0].schedulable}
            for group in optimizer.param_groups:
                group.update(values)

    def step(self, k, loss):
        if torch.get_num_threads() != 1:  # of this thread; more would change bits
            torch.set_num_threads(1)
        self.loss = loss
        np.copyto(self.moved, self.weights)
        np.copyto(self.slope, self.gradient)
        try:
            if self.rule.random:
                with _drawing:
                    torch.manual_seed(int(np.random.SeedSequence((self.layout.seed, k)).generate_state(1, np.uint64)[0]))
                    self.move()
            else:
                self.move()
        except Exception as e:
            raise rule.failure(e, "step", k, None) from e
        np.subtract(self.moved, self.weights, out=self.update)
        if np.isnan(self.gradient.sum()):  # torch.sign makes 0 of what is not a number, and nobody would learn of it
            self.update[np.isnan(self.gradient)] = np.nan

    def answer_by(self, oracle):
        """Says who answers the asks of the step that is to come; None is nobody."""
        self.oracle = oracle

    def closure(self):
        """The loss where the parameters are now, and their gradients; what the step began with is known."""
        loss, gradient = self.loss, self.gradient
        if not np.array_equal(self.moved, self.weights):
            loss, gradient = self.oracle(wire.ASK_KIND_GRADIENT, wire.ASK_BATCH_UNSPECIFIED, self.moved - self.weights)
        np.copyto(self.slope, gradient)
        for p, i in zip(self.parameters, self.of):
            p.grad = self.part(self.slope, i)
        return torch.tensor(loss, dtype=torch.float64)

    def move(self):
        for optimizer, _ in self.optimizers:
            optimizer.step(*[self.closure] * self.rule.asks)
        for p, i, address in zip(self.parameters, self.of, self.addresses):
            if p.data_ptr() != address:  # it was given other memory
                own = self.part(self.moved, i)
                own.copy_(p.detach())
                p.data = own

    def save(self):
        states = []
        for optimizer, _ in self.optimizers:
            whole = optimizer.state_dict()
            groups = [{name: value for name, value in g.items() if name not in IGNORED} for g in whole["param_groups"]]
            states.append(_pack({**whole, "param_groups": groups}))
        return state.dump(states)

    def load(self, b):
        states = _unpack(state.load(b))
        if type(states) is not list or len(states) != len(self.optimizers):
            raise ValueError("the snapshot is not of so many groups")
        for (optimizer, _), whole in zip(self.optimizers, states):
            _check(optimizer, whole)
        for (optimizer, _), whole in zip(self.optimizers, states):
            _restore(optimizer, whole)


def _check(optimizer, whole):
    if type(whole) is not dict or type(whole.get("state")) is not dict or type(whole.get("param_groups")) is not list or (
            [type(g) for g in whole["param_groups"]] != [dict] * len(optimizer.param_groups)):
        raise ValueError("the snapshot has no state_dict of this optimizer")
    tensors = sum(len(g["params"]) for g in optimizer.param_groups)
    for i, fields in whole["state"].items():
        if type(i) is not int or not 0 <= i < tensors or type(fields) is not dict:
            raise ValueError(f"the snapshot's state of tensor {i} is none")


def _restore(optimizer, whole):
    kept = [{name: value for name, value in g.items() if name in IGNORED} for g in optimizer.param_groups]
    if type(optimizer).load_state_dict is not torch.optim.Optimizer.load_state_dict:
        numbers = [g["params"] for g in optimizer.state_dict()["param_groups"]]
        optimizer.load_state_dict({**whole, "param_groups": [{**g, **saved, "params": n} for g, saved, n in
                                                             zip(kept, whole["param_groups"], numbers)]})
        return
    # As it was: load_state_dict would give some tensors another type.
    own = [p for group in optimizer.param_groups for p in group["params"]]
    optimizer.state.clear()
    for i, fields in whole["state"].items():
        optimizer.state[own[i]] = fields
    for group, g, saved in zip(optimizer.param_groups, kept, whole["param_groups"]):
        group.clear()
        group.update({**saved, **g})


def _pack(x):
    """A tree with arrays in the place of torch's tensors."""
    if isinstance(x, torch.Tensor):
        x = x.detach().cpu()
        if x.dtype == torch.bfloat16:
            return {"": "bfloat16", "as": x.view(torch.int16).numpy()}
        return {"": str(x.dtype)[len("torch."):], "as": x.numpy()}
    if isinstance(x, dict):
        return {key: _pack(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(map(_pack, x)) if type(x) in (list, tuple) else list(map(_pack, x))
    return x


def _unpack(x):
    if type(x) is dict and "" in x:
        if not isinstance(x.get("as"), np.ndarray):
            raise ValueError("the snapshot has a tensor without numbers")
        t = torch.from_numpy(x["as"])
        return t.view(torch.bfloat16) if x[""] == "bfloat16" else t
    if type(x) is dict:
        return {key: _unpack(value) for key, value in x.items()}
    if type(x) in (list, tuple):
        return type(x)(map(_unpack, x))
    return x

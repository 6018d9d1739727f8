"""optax's gradient transformations as rules: the arguments of the function that makes one become hyperparameters."""

import inspect
import re

import jax
import numpy as np
import optax

from . import rule, schema, state
from .torch_rule import KNOWN, arguments

jax.config.update("jax_enable_x64", True)  # before any array is made: float32 otherwise

# optax's names for what is called otherwise here.
NAMES = {"learning_rate": "lr", "b1": "beta1", "b2": "beta2", "b3": "beta3"}
MORE = {"learning_rate": KNOWN["lr"], "b1": KNOWN["beta"], "b2": KNOWN["beta"], "b3": KNOWN["beta"], "decay": KNOWN["beta"],
        "nesterov": KNOWN["nesterov"], "eps": KNOWN["eps"], "weight_decay": KNOWN["weight_decay"], "momentum": KNOWN["momentum"],
        "eps_root": ("[0,inf)", "added under the root")}


class OptaxRule:
    """A function that makes a gradient transformation, such as optax.lion."""

    hyper, joint, asks, needs_weights = None, False, False, True
    evaluates_at = initializes = None
    kernel = "jax"

    def __init__(self, make, defaults, elementwise):
        self.make, self.source, self.groups = make, f"optax.{make.__name__}", elementwise
        self.arguments = arguments(make, (), MORE, self.source, {"learning_rate": 1e-3, **defaults})
        for a in self.arguments:
            for p in a.hypers:
                p.named(NAMES.get(p.name, p.name))
        self.traced = [a.name for a in self.arguments if not a.tuple and a.hypers[0].type is float]
        # One compiled function for all instances, and for all values of the numbers unless the function looks at them.
        self.compiled = jax.jit(self._update, static_argnums=0)

    def declared(self):
        return [p for a in self.arguments for p in a.hypers]

    def about(self):
        """What the function says of itself: summary, reference, version."""
        doc = inspect.getdoc(self.make) or ""
        papers = re.findall(r"arxiv\.org/abs/([\w.]+?)\.?(?:\s|>|\)|`|$)", doc)
        return {"summary": (doc.splitlines() or [""])[0].strip() or self.source, "version": optax.__version__,
                "reference": self.source + (f" (arXiv:{papers[0]})" if papers else "")}

    def version(self):
        return "optax 1 " + self.source

    def values(self, h):
        return {a.name: a.of(h) for a in self.arguments}

    def faults(self, h):
        """What the function itself finds wrong with hyperparameters."""
        try:
            self.make(**self.values(h)).init([jax.numpy.zeros((1, 1))])
        except (ValueError, TypeError, AssertionError) as e:
            yield schema.Fault("", str(e), "see the documentation of " + self.source)

    def warm(self, defaults):
        """Compiles once, so that what jax loads for it is loaded before anybody waits."""
        one = [jax.numpy.ones((1, 1))]
        self.update(self.values(defaults), one, self.make(**self.values(defaults)).init(one), one)

    def update(self, values, gradient, state_, weights):
        fixed = tuple((name, x) for name, x in values.items() if name not in self.traced)
        moving = {name: values[name] for name in self.traced}
        try:
            return self.compiled(fixed, moving, gradient, state_, weights)
        except jax.errors.ConcretizationTypeError:  # a rule of this function depends on whether a number is 0
            self.traced = []
            return self.compiled(tuple(values.items()), {}, gradient, state_, weights)

    def _update(self, fixed, moving, gradient, state_, weights):
        return self.make(**dict(fixed), **moving).update(gradient, state_, weights)

    def open(self, layout, hypers):
        return OptaxRun(self, layout, hypers)


class OptaxRun:
    """Gradient transformations over the tensors of an instance, one for each group, in float64."""

    def __init__(self, rule_, layout, hypers):
        self.rule, self.layout, self.hypers = rule_, layout, hypers
        self.groups = [[x for x, of in zip(layout.tensors, layout.group_of) if of == g] for g in range(len(hypers))]
        try:
            self.states = [rule_.make(**rule_.values(h)).init([jax.numpy.zeros(x.shape) for x in own])
                           for h, own in zip(hypers, self.groups)]
        except (ValueError, TypeError, AssertionError) as e:
            raise ValueError(str(e)) from e

    def use(self, gradient, weights, update):
        pass  # the tensors have their parts

    def scheduled(self):
        self.values = [self.rule.values(h) for h in self.hypers]

    def step(self, k, loss):
        try:
            for g, own in enumerate(self.groups):
                if own:
                    updates, self.states[g] = self.rule.update(self.values[g], [np.array(x.grad) for x in own], self.states[g],
                                                               [np.array(x.weights) for x in own])
                    for x, update in zip(own, updates):
                        x.update = update
                        if np.isnan(x.grad.sum()):  # a sign makes 0 of what is not a number, and nobody would learn of it
                            x.update[np.isnan(x.grad)] = np.nan
        except Exception as e:
            raise rule.failure(e, "step", k, None) from e

    def save(self):
        return state.dump([[np.asarray(leaf) for leaf in jax.tree_util.tree_leaves(s)] for s in self.states])

    def load(self, b):
        saved = state.load(b)
        if type(saved) is not list or len(saved) != len(self.states):
            raise ValueError("the snapshot is not of so many groups")
        states = []
        for own, leaves in zip(self.states, saved):
            now, tree = jax.tree_util.tree_flatten(own)
            if type(leaves) is not list or [(np.shape(a), np.asarray(a).dtype) for a in now] != [
                    (np.shape(a), np.asarray(a).dtype) for a in leaves]:
                raise ValueError("the snapshot has other arrays than the state of this optimizer")
            states.append(jax.tree_util.tree_unflatten(tree, [jax.numpy.asarray(a) for a in leaves]))
        self.states = states

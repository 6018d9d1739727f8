"""Optimizer plugins for Steepest in Python.

An optimizer is a class of hyperparameters and a function that turns a gradient into an update:

    #!/usr/bin/env python3
    import steepest

    class Hyper:
        lr: float = steepest.hyper(1e-3, "[0,inf)", "learning rate")

    def step(h: Hyper, s, x):
        return -h.lr * x.grad

    steepest.serve("sgd", step, summary="gradient descent", reference="Cauchy 1847", version="1")

An executable file named steepest-optimizer-sgd with this text is a complete plugin: it describes its hyperparameters, checks their
ranges, saves and restores its state, takes any schedule, and serves many runs at once. Import steepest before anything that
prints: standard output belongs to the host.
"""

from . import guard  # first: from here on standard output is the host's
from .plugin import Plugin
from .rule import Rule
from .schema import Fault, hyper
from .tensor import Model, Tensor, Vec

__all__ = ["Fault", "Model", "Plugin", "Tensor", "Vec", "hyper", "new", "serve"]

started_by_host = guard.started


def new(name, step, **options):
    """Makes a plugin of a rule. step is a function (h, s, x) that treats each tensor on its own: h is an object of the class with
    which its first parameter is annotated, s the tensor's state of the second's class, x the Tensor. It writes x.update or returns
    the update. Or it is a function (h, g, s, m) that sees all tensors at once: g is the state of the whole model, s a list of
    the tensors' states (annotated list[State]), m the Model.

    A class of hyperparameters has fields of hyper, and may have a method validate(self) that raises or yields Fault. A class of
    state has fields that are annotated with Vec, or have a value to begin with, and may have a method init(self, h, x) that is
    called before the first step; whatever attributes a step adds are part of the state too. Without a class, a state is a
    place for attributes.

    Options: summary, reference and version for people; elementwise=True promises that an element's update depends on that
    element's history alone; needs_weights, needs_loss and ignores_gradient say what a step looks at."""
    return Plugin(name, Rule(step), **options)


def serve(name, step, **options):
    """Runs a plugin as a program, and does not return. See new."""
    new(name, step, **options).serve()

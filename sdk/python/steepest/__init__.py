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

import os
import sys

from . import guard  # before all that prints: from here on standard output is the host's
from .plugin import Plugin
from .rule import Rule
from .schema import Fault, hyper
from .tensor import Model, Tensor, Vec

__all__ = ["Fault", "Model", "Plugin", "Tensor", "Vec", "hyper", "new", "new_optax", "new_torch", "serve", "serve_optax",
           "serve_torch"]

started_by_host = guard.started


def new(name, step, *, evaluates_at=None, initializes=None, **options):
    """Makes a plugin of a rule. step is a function (h, s, x) that treats each tensor on its own: h is an object of the class with
    which its first parameter is annotated, s the tensor's state of the second's class, x the Tensor. It writes x.update or returns
    the update. Or it is a function (h, g, s, m) that sees all tensors at once: g is the state of the whole model, s a list of
    the tensors' states (annotated list[State]), m the Model.

    A class of hyperparameters has fields of hyper, and may have a method validate(self) that raises or yields Fault. A class of
    state has fields that are annotated with Vec, or have a value to begin with, and may have a method init(self, h, x) that is
    called before the first step; whatever attributes a step adds are part of the state too. Without a class, a state is a
    place for attributes.

    Options: summary, reference, version and family (as in `steepest plugins list`) for people; elementwise=True promises that an
    element's update depends on that element's history alone; needs_weights, needs_loss and ignores_gradient say what a step looks at.
    matrices=True says that the rule is one of matrices, and is given no tensor of less than two dimensions.
    asks=True is for a joint rule that asks the model in the middle of a step (Model.ask_loss and others), no_gradient=True for one to
    which nothing but asks tells of the objective. evaluates_at is a function like step that says, as an update and without changing
    any state, where the rule's result is, if that is not at the weights that it trains; initializes a function (h, x) that says likewise
    what to add to the weights from which a problem starts."""
    return Plugin(name, Rule(step, evaluates_at, initializes), **options)


def serve(name, step, **options):
    """Runs a plugin as a program, and does not return. See new."""
    new(name, step, **options).serve()


def new_torch(cls, name="", *, defaults=None, random=False, **options):
    """Makes a plugin of a class of torch.optim, or of one that derives from torch.optim.Optimizer. The arguments of its constructor
    that are numbers, truth values or strings become hyperparameters under their names, those of a tuple numbered (betas become
    beta1 and beta2); its state_dict is the snapshot; each group of tensors has an optimizer of its own. It computes in float64, on one
    thread. One whose step needs a closure, as LBFGS does, asks the host wherever it evaluates, and has no groups.

    name is by default that of the program, steepest-optimizer-NAME. defaults replaces or adds defaults of arguments: a required one, or
    one that is None, has none else. random=True is for a rule that draws random numbers from torch: then they are a function of
    seed and step. Options are those of new."""
    from .torch_rule import TorchRule

    rule = TorchRule(cls, defaults or {}, random)
    return Plugin(name or _program_name(cls.__name__.lower()), rule, **{**rule.about(), **options})


def serve_torch(cls, name="", **options):
    """Runs an optimizer of PyTorch as a plugin, and does not return. See new_torch."""
    new_torch(cls, name, **options).serve()


def new_optax(make, name="", *, defaults=None, elementwise=False, **options):
    """Makes a plugin of a function of optax that makes a gradient transformation, such as optax.lion. Its arguments that are numbers,
    truth values or strings become hyperparameters under their names, but learning_rate, b1, b2 and b3 under those that they have here:
    lr, beta1, beta2, beta3. It computes in float64. Groups of tensors are for a rule that is elementwise. name, defaults and options
    are as for new_torch."""
    from .optax_rule import OptaxRule

    rule = OptaxRule(make, defaults or {}, elementwise)
    return Plugin(name or _program_name(make.__name__.replace("_", "-")), rule, elementwise=elementwise, **{**rule.about(), **options})


def serve_optax(make, name="", **options):
    """Runs an optimizer of optax as a plugin, and does not return. See new_optax."""
    new_optax(make, name, **options).serve()


def _program_name(otherwise):
    """What the program's file says that its plugin is called."""
    for path in (sys.argv[0], os.path.realpath(sys.argv[0])):  # the host may start it by another name
        base = os.path.basename(path)
        if base.startswith("steepest-optimizer-"):
            return base[len("steepest-optimizer-"):]
    return otherwise

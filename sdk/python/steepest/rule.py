"""Rules that are functions of NumPy arrays."""

import copy
import inspect
import os
import sys
import traceback
import typing

import numpy as np

from . import schema, state, tensor


class State:
    """The state of a rule that declares none: a place for attributes."""


# What an author's code can end with, sys.exit() included: the host must not wait for an answer that never comes.
_ENDS = (Exception, SystemExit, KeyboardInterrupt)


class StepFailed(Exception):
    """A failure of the rule itself, as opposed to a malformed request."""


class Unanswered(BaseException):
    """Unwinds a step whose ask has no answer: no `except Exception` of an author's stops it."""


class Fields:
    """A class of state: what it declares."""

    def __init__(self, cls):
        self.cls = cls or State
        self.hints = typing.get_type_hints(self.cls, include_extras=True)
        self.vectors = [name for name, hint in self.hints.items() if hint == tensor.Vec]
        self.values = {name: getattr(self.cls, name) for name in self.hints if hasattr(self.cls, name)}
        missing = [name for name in self.hints if name not in self.vectors and name not in self.values]
        if missing:
            raise TypeError(f"field {missing[0]} of {self.cls.__name__} is no steepest.Vec, and has no value to begin with")
        self.init = hasattr(self.cls, "init")

    def new(self, shape):
        s = object.__new__(self.cls)
        for name in self.vectors:
            setattr(s, name, np.zeros(shape))
        for name, value in self.values.items():
            setattr(s, name, copy.deepcopy(value))
        return s

    def version(self):
        return "{" + " ".join(f"{n}:{'vec' if n in self.vectors else type(self.values[n]).__name__}" for n in self.hints) + "}"

    def restored(self, fields, shape, where):
        s = self.new(shape)
        if type(fields) is not dict or any(type(name) is not str for name in fields):
            raise ValueError(f"the snapshot of {where} is none")
        for name in self.vectors:
            if name in fields and np.shape(fields[name]) != shape:
                raise ValueError(f"the snapshot's {name} of {where} has the shape {np.shape(fields[name])}, not {shape}")
        s.__dict__.clear()
        s.__dict__.update(fields)
        return s


class Rule:
    """A step function with its classes, as serve was given them."""

    kernel, asks = "numpy", False  # of itself: new says whether its author's does

    def __init__(self, step, evaluates_at=None, initializes=None):
        self.evaluates_at, self.initializes = evaluates_at, initializes
        parameters = list(inspect.signature(step).parameters.values())
        if len(parameters) not in (3, 4):
            raise TypeError(f"{step.__name__} must be a function (h, s, x) of hyperparameters, state and tensor, or (h, g, s, m) of "
                            "hyperparameters, the model's state, a list of the tensors' states, and the model")
        self.step, self.joint = step, len(parameters) == 4
        hints = typing.get_type_hints(step)
        classes = [hints.get(p.name) for p in parameters]
        self.hyper = classes[0]
        listed = classes[2] if self.joint else None
        self.model_fields = Fields(classes[1] if self.joint else None)
        self.fields = Fields((typing.get_args(listed) or (None,))[0] if self.joint else classes[1])
        self.groups, self.needs_weights = not self.joint, False

    def declared(self):
        return schema.hyperparameters(self.hyper)

    def faults(self, h):
        """What is wrong with the combination of hyperparameters."""
        return h.validate() if hasattr(h, "validate") else ()

    def warm(self, defaults):
        """Loads what the first step would load."""

    def version(self):
        version = "python 1 " + self.fields.version() + (" after init" if self.fields.init else "")
        return version + (" of a model with " + self.model_fields.version() if self.joint else "")

    def open(self, layout, hypers):
        return Run(self, layout, hypers)


class Run:
    """A rule over the tensors of an instance."""

    def __init__(self, rule, layout, hypers):
        self.rule, self.layout, self.hypers = rule, layout, hypers
        self.shared = rule.model_fields.new((layout.parameters,))
        self.states = [rule.fields.new(x.shape) for x in layout.tensors]
        self.started = not rule.fields.init
        self.model = tensor.Model(layout.tensors, layout.steps)
        self.tensor = None  # the one that the rule is at

    def use(self, gradient, weights, update):
        self.model._grad, self.model._weights, self.model._update = gradient, weights, update

    def scheduled(self):
        """Called when hyperparameters have other values."""

    def step(self, k, loss):
        for x in self.layout.tensors:
            x.k, x.loss = k, loss
        try:
            if not self.started:
                self.begin()
            self.model.update.fill(0)
            if self.rule.joint:
                self.joint_step(k, loss)
                return
            step, of, hypers = self.rule.step, self.layout.group_of, self.hypers
            for i, x in enumerate(self.layout.tensors):
                self.tensor = x
                update = step(hypers[of[i]], self.states[i], x)
                if update is not None:
                    x.update = update
                self.inspect(self.states[i])
        except _ENDS as e:
            raise self.failure("init before step" if not self.started else "step", k, e) from e
        finally:
            self.tensor = None

    def joint_step(self, k, loss):
        self.model.k, self.model.loss = k, loss
        update = self.rule.step(self.hypers[0], self.shared, self.states, self.model)
        if update is not None:
            self.model.update = update
        for s in [self.shared, *self.states]:
            self.inspect(s)

    def begin(self):
        """Lets the states' init make them what they are before the first step."""
        states = [self.rule.fields.new(x.shape) for x in self.layout.tensors]  # once more, for an init that failed may be called again
        for i, x in enumerate(self.layout.tensors):
            self.tensor = x
            states[i].init(self.hypers[self.layout.group_of[i]], x)
            self.inspect(states[i])
        self.states, self.started = states, True

    def inspect(self, s):
        """Looks for arrays that are the step's own: another step overwrites them."""
        for name, a in s.__dict__.items():
            if type(a) is np.ndarray and a.base is not None:
                if any(v is not None and np.may_share_memory(a, v) for v in (self.model.grad, self.model.weights, self.model.update)):
                    raise ValueError(f"the state's {name} is one of the step's own arrays, which another step overwrites; "
                                     f"copy it, as in s.{name} = x.grad.copy()")

    def failure(self, during, k, e):
        return failure(e, during, k, self.tensor)

    def answer_by(self, oracle):
        """Says who answers the asks of the step that is to come; None is nobody."""
        self.model._oracle = oracle

    def locate(self, k):
        """Writes the update that leads from the weights after step k to those to evaluate, or, with k = 0, to those to start from."""
        self.model.update.fill(0)
        rule, of, hypers = self.rule, self.layout.group_of, self.hypers
        function = rule.evaluates_at if k else rule.initializes
        if k and not self.started:
            return
        self.model.k = k
        for x in self.layout.tensors:
            x.k = k
        try:
            if k and len(inspect.signature(function).parameters) == 4:
                update = function(hypers[0], self.shared, self.states, self.model)
                if update is not None:
                    self.model.update = update
                return
            for i, x in enumerate(self.layout.tensors):
                self.tensor = x
                update = function(hypers[of[i]], self.states[i], x) if k else function(hypers[of[i]], x)
                if update is not None:
                    x.update = update
        except _ENDS as e:
            raise self.failure("evaluation after step" if k else "initialization before step", k, e) from e
        finally:
            self.tensor = None

    def save(self):
        states = [state.dump(s.__dict__, f"the state of tensor {x.name!r}") for s, x in zip(self.states, self.layout.tensors)]
        return state.dump([self.started, state.dump(self.shared.__dict__, "the state of the model"), states])

    def load(self, b):
        whole = state.load(b)
        if type(whole) is not list or [type(x) for x in whole] != [bool, bytes, list] or len(whole[2]) != len(self.states):
            raise ValueError("the snapshot is not of so many tensors")
        shared = self.rule.model_fields.restored(state.load(whole[1]), (self.layout.parameters,), "the model")
        states = [self.rule.fields.restored(state.load(part), x.shape, f"tensor {x.name!r}")
                  for part, x in zip(whole[2], self.layout.tensors)]
        self.started, self.shared, self.states = whole[0], shared, states


_HERE = os.path.dirname(os.path.abspath(__file__))


def failure(e, during, k, at):
    """The error of a step in which the author's code raised e: what, where, at which tensor. The stack goes to the log."""
    traceback.print_exception(type(e), e, e.__traceback__, file=sys.stderr)
    line = ""
    for frame in traceback.extract_tb(e.__traceback__):
        if not os.path.abspath(frame.filename).startswith((_HERE, os.path.dirname(np.__file__))):
            line = f", at {os.path.basename(frame.filename)}:{frame.lineno}"
    hint = " (the gradient and the weights can only be read; write to update or to the state)" if "read-only" in str(e) else ""
    tensor_ = f" at tensor {at.name!r}" if at is not None else ""
    return StepFailed(f"{type(e).__name__} in {during} {k}{tensor_}: {e}{hint}{line}")

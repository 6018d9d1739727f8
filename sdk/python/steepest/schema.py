"""Hyperparameters: how an author declares them, and what is wrong with values of them."""

import difflib
import math
import re
import typing

from . import wire

_TYPES = {float: "FLOAT", int: "INTEGER", bool: "BOOLEAN", str: "STRING"}
_NOUNS = {float: "a number", int: "an integer", bool: "true or false", str: "a string"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
PLUGIN_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


class Fault(ValueError):
    """What a method `validate` of a class of hyperparameters raises, or yields several of: the hyperparameter at fault ("" for
    their combination), what is wrong, and what would be right."""

    def __init__(self, hyperparameter, message, remedy):
        super().__init__(f"{message}; {remedy}")
        self.hyperparameter, self.message, self.remedy = hyperparameter, message, remedy


class hyper:
    """A hyperparameter in a class of them: `lr: float = hyper(1e-3, "[0,inf)", "learning rate")`.

    The interval is of numbers, with open or closed ends; without one, any finite number is allowed. choices are the values that
    a string can have. A float or an int may change from step to step.
    """

    def __init__(self, default, interval=None, doc="", *, choices=()):
        self.default, self.interval, self.doc, self.choices = default, interval, doc, tuple(choices)
        self.name, self.type = "", type(default)

    def __set_name__(self, owner, name):
        self.name = self.name or name

    def named(self, name, type_=None):
        """Completes the declaration, and raises what is wrong with it."""
        self.name = name
        if type_ in _TYPES:
            self.type = type_
        if self.type not in _TYPES:
            raise TypeError(f"hyperparameter {name}: {self.type.__name__} is not supported; use float, int, bool or str")
        if self.type is float and type(self.default) is int:
            self.default = float(self.default)
        if type(self.default) is not self.type:
            raise TypeError(f"hyperparameter {name}: its default {self.default!r} is no {self.type.__name__}")
        if not _NAME.match(name):
            raise ValueError(f"hyperparameter {name}: a name has lower-case letters, digits and _, at most 64, and begins with a letter")
        if self.interval is not None:
            if self.type not in (float, int):
                raise ValueError(f"hyperparameter {name}: only numbers have an interval")
            self.low, self.high, self.low_open, self.high_open = _interval(name, self.interval)
        if self.choices and self.type is not str:
            raise ValueError(f"hyperparameter {name}: only strings have choices")
        wrong = self.wrong(wire.value(self.default))
        if wrong:
            raise ValueError(f"hyperparameter {name}: its default is not allowed: {wrong.message}")
        return self

    @property
    def schedulable(self):
        return self.type in (float, int)

    def message(self):
        """What Describe says of it."""
        m = wire.Hyperparameter(name=self.name, type=getattr(wire, "HYPERPARAMETER_TYPE_" + _TYPES[self.type]),
                                default=wire.value(self.default), choices=self.choices, schedulable=self.schedulable, doc=self.doc)
        if self.interval is not None:
            m.interval.CopyFrom(wire.Interval(low=self.low, high=self.high, low_open=self.low_open, high_open=self.high_open))
        return m

    def contains(self, x):
        """Tells whether a number is finite and within the interval."""
        if not math.isfinite(x):
            return False
        return self.interval is None or (self.low < x or self.low == x and not self.low_open) and (
            x < self.high or x == self.high and not self.high_open)

    def wrong(self, value):
        """The diagnostic of a value; None if it is allowed."""
        x = wire.plain(value)
        if type(x) is not self.type:
            return self._fault(f"{self.name} must be {_NOUNS[self.type]}, not {_toml(x)}")
        if self.schedulable and not self.contains(x):
            return self._fault(f"{self.name} = {_toml(x)} is out of range")
        if self.choices and x not in self.choices:
            return self._fault(f"{self.name} = {_toml(x)} is not a choice")
        return None

    def _fault(self, message):
        can = _NOUNS[self.type]
        if self.choices:
            can = "one of " + ", ".join(self.choices)
        elif self.interval is not None:
            can += " in " + self.interval
        return wire.Diagnostic(hyperparameter=self.name, message=message, remedy=f"choose {can}; the default is {_toml(self.default)}")


def _interval(name, text):
    try:
        low, high = (float(end) for end in text[1:-1].split(","))
        if text[0] not in "[(" or text[-1] not in "])" or not low <= high:
            raise ValueError
    except (ValueError, IndexError):
        raise ValueError(f'hyperparameter {name}: the interval "{text}" is none; write it like [0,1) or (0,inf)') from None
    return low, high, text[0] == "(" or math.isinf(low), text[-1] == ")" or math.isinf(high)


def _toml(x):
    """A value as an experiment file has it."""
    if x is None:
        return "nothing"
    if isinstance(x, bool):
        return str(x).lower()
    if isinstance(x, str):
        return '"' + x.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(x)


def hyperparameters(cls):
    """The declarations in a class, in their order, those of its bases first."""
    if cls is None:
        return []
    hints = typing.get_type_hints(cls)
    found = {}
    for base in reversed(cls.__mro__):
        for name, x in vars(base).items():
            if isinstance(x, hyper):
                found[name] = x
            elif name in hints and type(x) in _TYPES and not name.startswith("_"):
                found[name] = hyper(x)
    missing = [name for name in hints if name not in found and not name.startswith("_")]
    if missing:
        raise TypeError(f"hyperparameter {missing[0]} of {cls.__name__} has no default; write {missing[0]}: float = hyper(1e-3)")
    return [x.named(name, hints.get(name)) for name, x in found.items()]


class Schema:
    """The hyperparameters of a plugin."""

    def __init__(self, cls, declared, faults):
        self.cls, self.declared, self.faults = cls, declared, faults
        self.scheduled = [p for p in declared if p.schedulable]

    def read(self, values):
        """An object of the class with the defaults and the given values, by name, and the diagnostics of all that is wrong."""
        h, wrong = object.__new__(self.cls or Hyperparameters), []
        names = [p.name for p in self.declared]
        for p in self.declared:
            setattr(h, p.name, p.default)
            if p.name in values:
                diagnostic = p.wrong(values[p.name])
                if diagnostic:
                    wrong.append(diagnostic)
                else:
                    setattr(h, p.name, wire.plain(values[p.name]))
        wrong += [wire.Diagnostic(hyperparameter=name, message=f'unknown hyperparameter "{name}"', remedy=did_you_mean(name, names))
                  for name in values if name not in names]
        if not wrong:
            wrong = self._combination(h)
        return h, sorted(wrong, key=lambda d: d.hyperparameter)

    def right(self, values):
        """As read, and raises the first of what is wrong."""
        h, wrong = self.read(values)
        if wrong:
            raise ValueError(f"{wrong[0].message}; {wrong[0].remedy}")
        return h

    def schedule(self, objects, values):
        """Puts the values of a step in force in the objects of the instance and its groups, if all of them are right. An integer
        takes the nearest whole number."""
        n = len(self.scheduled)
        for i in range(len(objects)):
            for p, x in zip(self.scheduled, values[i * n:(i + 1) * n]):
                if not p.contains(x):
                    group = f"group {i - 1}: " if i else ""
                    raise ValueError(f"{group}{p.name} = {x} is out of range {p.interval or '(-inf,inf)'}")
        for i, h in enumerate(objects):
            for p, x in zip(self.scheduled, values[i * n:(i + 1) * n]):
                setattr(h, p.name, float(x) if p.type is float else round(float(x)))

    def _combination(self, h):
        try:
            faults = list(self.faults(h) or ())
        except ValueError as e:
            faults = [e]
        return [wire.Diagnostic(hyperparameter=getattr(e, "hyperparameter", ""), message=getattr(e, "message", str(e)),
                                remedy=getattr(e, "remedy", "see the plugin's description")) for e in faults]


class Hyperparameters:
    """Hyperparameters that no class of the author's has."""


def did_you_mean(word, candidates):
    """The remedy for a word that is none of the candidates."""
    if not candidates:
        return "there are none"
    near = difflib.get_close_matches(word.lower(), candidates, 1)
    listed = "one of " + ", ".join(candidates)
    return f'did you mean "{near[0]}"? It can be {listed}' if near else "use " + listed

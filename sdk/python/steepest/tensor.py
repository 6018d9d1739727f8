"""What a rule sees of the model."""

import math
import typing

import numpy as np

from . import wire

# Vec annotates a state that has one value for each parameter of its tensor, zero at the start.
Vec = typing.Annotated[np.ndarray, "one value for each parameter"]

ROLES = ("", "weight", "bias", "point", "scale")
PLACES = ("", "first", "hidden", "last")


def _write(update, values):
    """Writes an update. NumPy alone would repeat an array of another shape until it fits, and nobody would know."""
    if np.ndim(values) and np.shape(values) != update.shape:
        raise ValueError(f"the update has the shape {np.shape(values)}, and what it is added to {update.shape}")
    update[...] = values


class Tensor:
    """One named piece of the model at one step. grad, weights and update are arrays of its shape, valid until the step returns.

    role is "weight", "bias", "point", "scale" or "" if the host did not say, place "first", "hidden", "last" or "". fan_in and
    fan_out are 0 for what is of no layer. k is the number of the step, from 1, and steps how many the run has, 0 if that is not
    known. weights is None unless the plugin needs them, loss 0 unless it needs it.
    """

    def __init__(self, message, index, seed, steps):
        self.name, self.shape = message.name, tuple(message.shape)
        self.role = ROLES[message.role] if message.role < len(ROLES) else ""
        self.place = PLACES[message.place] if message.place < len(PLACES) else ""
        self.fan_in, self.fan_out = message.fan_in, message.fan_out
        self.k, self.steps, self.loss = 0, steps, 0.0
        self._at, self._seed, self._index, self._rng = message.offset, seed, index, (0, None)
        self._grad = self._weights = self._update = None

    @property
    def grad(self):
        """The gradient, which can only be read."""
        return self._grad

    @property
    def weights(self):
        """The weights before the step, which can only be read."""
        return self._weights

    @property
    def update(self):
        """What the host adds to the weights; zero at the start of every step."""
        return self._update

    @update.setter
    def update(self, values):
        _write(self._update, values)

    @property
    def size(self):
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def matrix(self):
        """The shape as that of a matrix, a row for each output of a layer and all else in its columns; None with less than two
        dimensions."""
        return (self.shape[0], math.prod(self.shape[1:])) if len(self.shape) > 1 else None

    @property
    def rng(self):
        """A NumPy random generator of this tensor and step. It is a function of the run's seed, the tensor and the step alone, so
        that a run that is resumed draws the same numbers."""
        if self._rng[0] != self.k or self._rng[1] is None:
            self._rng = self.k, np.random.Generator(np.random.PCG64(np.random.SeedSequence((self._seed, self._index, self.k))))
        return self._rng[1]

    def _use(self, gradient, weights, update):
        def view(vector):
            return None if vector is None else vector[self._at:self._at + self.size].reshape(self.shape)
        self._grad, self._weights, self._update = view(gradient), view(weights), view(update)


BATCHES = ("this", "fresh", "last")


class Model:
    """All tensors at one step, as a joint rule sees them. grad, weights and update are those of all tensors, one after the other,
    as flat arrays: the tensors' are parts of them.

    A plugin with asks=True can ask about the objective: a displacement d has a number for each parameter, None is zero; on is
    "this", the step's own batch, "fresh", one that no step and no ask had before, or "last", the step's last fresh one again."""

    def __init__(self, tensors, steps):
        self.tensors, self.k, self.steps, self.loss = tensors, 0, steps, 0.0
        self._grad = self._weights = self._update = self._oracle = None

    def ask_loss(self, d=None, on="this"):
        """The loss at the weights + d. It may be infinite or not a number."""
        return self._ask(wire.ASK_KIND_LOSS, d, on)[0]

    def ask_gradient(self, d=None, on="this"):
        """The loss and the gradient at the weights + d. Both may be infinite or not a number."""
        loss, gradient = self._ask(wire.ASK_KIND_GRADIENT, d, on)
        return loss, gradient.copy()

    def ask_hessian_vector(self, v, on="this"):
        """The product of the Hessian with v: that at the point of this step's last ask for a loss or a gradient, at the weights if
        there was none."""
        return self._ask(wire.ASK_KIND_HESSIAN_VECTOR, v, on)[1].copy()

    def _ask(self, kind, vector, on):
        if self._oracle is None:
            raise RuntimeError("a step asks only if the plugin was made with asks=True, and only while it works")
        if on not in BATCHES:
            raise ValueError(f"an ask was of batch {on!r}; it can be one of {', '.join(BATCHES)}")
        if vector is not None:
            vector = np.asarray(vector, wire.FLOAT64).reshape(-1)
            if vector.shape != self._update.shape:
                raise ValueError(f"an ask was given a vector of {vector.size} values, and the model has {self._update.size} parameters")
        return self._oracle(kind, BATCHES.index(on), vector)

    grad, weights = property(lambda self: self._grad), property(lambda self: self._weights)

    @property
    def update(self):
        """What the host adds to the weights; zero at the start of every step."""
        return self._update

    @update.setter
    def update(self, values):
        _write(self._update, values)

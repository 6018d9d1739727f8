"""A plugin: a rule, what it says of itself, and its open instances."""

import math
import sys
import time

import numpy as np

from . import rule as rules
from . import schema, shm, state, tensor, wire

MAX_GROUPS = 256


class Unanswerable(Exception):
    """An Open of a plugin that asks by a host that does not answer."""


class Layout:
    """The tensors of an instance, and to which group each belongs: 0 is none."""

    def __init__(self, request, matrices=False):
        self.parameters, self.steps, self.seed = 0, request.total_steps, request.seed
        self.tensors = []
        for i, t in enumerate(request.tensors):
            shape = tuple(t.shape)
            if t.offset != self.parameters or t.length != math.prod(shape) or any(d < 0 for d in shape):
                raise ValueError(f"tensor {t.name!r}: offset {t.offset} and length {t.length} do not continue the layout at "
                                 f"{self.parameters} with shape {shape}")
            if matrices and len(shape) < 2:
                raise ValueError(f"tensor {t.name!r} has the shape {shape}, and this optimizer takes matrices alone; give [[optimizer]] "
                                 "another plugin, such as adamw, and this one to the matrices: plugin = ... in an [[optimizer.group]]")
            self.parameters += t.length
            self.tensors.append(tensor.Tensor(t, i, request.seed, self.steps))
        self.group_of = _groups(request.groups, len(self.tensors))


def _groups(groups, tensors):
    if len(groups) > MAX_GROUPS:
        raise ValueError(f"{len(groups)} groups are more than the {MAX_GROUPS} that there can be")
    of = [0] * tensors
    for i, g in enumerate(groups):
        if not g.tensors:
            raise ValueError(f"group {i} has no tensor")
        for t in g.tensors:
            if t >= tensors:
                raise ValueError(f"group {i} has tensor {t}, and there are {tensors} tensors, counted from 0")
            if of[t]:
                raise ValueError(f"group {i} has tensor {t}, which is in group {of[t] - 1} already")
            of[t] = i + 1
    return of


class Plugin:
    """A plugin that is ready to be served or tested. rule is what makes the steps: rule.Rule for NumPy."""

    def __init__(self, name, rule, *, summary="", reference="", version="", elementwise=False, needs_weights=False,
                 needs_loss=False, ignores_gradient=False, asks=False, no_gradient=False, matrices=False, family=""):
        if not schema.PLUGIN_NAME.match(name) or len(name) > 64:
            raise ValueError(f"{name!r} is no name for an optimizer; use lower-case letters, digits and single hyphens, such as "
                             "my-rule, at most 64")
        if elementwise and rule.joint:
            raise ValueError("elementwise promises that tensors may be partitioned, and a step of four arguments sees all of them at "
                             "once; remove elementwise, or use a step of three")
        self.asks, self.matrices = asks or no_gradient or rule.asks, matrices
        if self.asks and not rule.asks and not rule.joint:
            raise ValueError("only a step of four arguments (h, g, s, m) can ask")
        self.name, self.rule = name, rule
        self.schema = schema.Schema(rule.hyper, rule.declared(), rule.faults)
        self.needs_weights, self.needs_loss = needs_weights or rule.needs_weights, needs_loss or rule.asks
        main = sys.modules.get("__main__")
        self.description = wire.DescribeResponse(
            name=name, version=version or getattr(main, "__version__", "devel"), summary=summary, reference=reference,
            hyperparameters=[p.message() for p in self.schema.declared], kernel=rule.kernel, family=family,
            capabilities=wire.Capabilities(needs_weights=self.needs_weights, needs_loss=self.needs_loss, elementwise=elementwise,
                                           snapshot=True, ignores_gradient=ignores_gradient or no_gradient, groups=rule.groups,
                                           asks=self.asks, no_gradient=no_gradient, matrices=matrices,
                                           evaluation_weights=rule.evaluates_at is not None,
                                           initialization=rule.initializes is not None,
                                           data_planes=[wire.DATA_PLANE_SHARED_MEMORY] if shm.supported() else []))
        _, wrong = self.schema.read({})
        if wrong:
            raise ValueError(f"the defaults of {name} are not valid: {wrong[0].message}")

    def validate(self, values):
        """The diagnostics of all that is wrong with hyperparameters."""
        return self.schema.read(values)[1]

    def open(self, request):
        """An instance of zero state. It raises ValueError for what a request must not have."""
        if self.asks and not request.max_asks:
            raise Unanswerable("this optimizer asks the host for losses or gradients in the middle of a step, and the host answers none; "
                               "update the steepest command, or let max_asks in the [[optimizer]] be more than 0")
        if request.groups and not self.rule.groups:
            raise ValueError("this optimizer has the same hyperparameters for all tensors; open it without groups")
        hypers = [self.schema.right(request.hyperparameters)]
        for i, g in enumerate(request.groups):
            try:
                hypers.append(self.schema.right({**request.hyperparameters, **g.hyperparameters}))
            except ValueError as e:
                raise ValueError(f"group {i}: {e}") from None
        return Instance(self, Layout(request, self.matrices), hypers)

    def serve(self):
        """Runs the plugin as a program, and does not return: see steepest.serve."""
        from . import process

        process.main(self)


class Instance:
    """An open run, on whatever data plane."""

    def __init__(self, plugin, layout, hypers):
        self.plugin, self.layout, self.hypers = plugin, layout, hypers
        self.values = len(plugin.schema.scheduled) * len(hypers)  # of a step
        self.run = plugin.rule.open(layout, hypers)
        self.in_force = None

    def use(self, gradient, weights, update):
        """Says where the vectors of every step are. A rule that asks has its own, because answers come into the host's gradient, and
        asks lie in the host's update."""
        self.host = gradient, update
        if self.plugin.asks:
            gradient, update = np.zeros(len(gradient)), np.zeros(len(update))
            self.own = gradient, update
        gradient = _read_only(gradient)
        weights = _read_only(weights) if self.plugin.needs_weights else None
        for x in self.layout.tensors:
            x._use(gradient, weights, update)
        self.run.use(gradient, weights, update)

    def advance(self, k, values, loss, oracle=None):
        """Makes step k over the vectors, with the bytes of the hyperparameters in force. oracle answers asks. It returns the
        nanoseconds that the rule took, and raises ValueError for a request that is wrong and StepFailed for a rule that is."""
        if k == 0:
            raise ValueError("steps are numbered from 1")
        self.put_in_force(values)
        loss = loss if self.plugin.needs_loss else 0.0
        begin = time.perf_counter_ns()
        if not self.plugin.asks:
            self.run.step(k, loss)
            return time.perf_counter_ns() - begin
        np.copyto(self.own[0], self.host[0])
        waited = 0

        def ask(kind, batch, vector):
            nonlocal waited
            asked = time.perf_counter_ns()
            try:
                return oracle(kind, batch, vector)
            finally:
                waited += time.perf_counter_ns() - asked

        self.run.answer_by(ask)
        try:
            self.run.step(k, loss)
        finally:
            self.run.answer_by(None)
        np.copyto(self.host[1], self.own[1])
        return time.perf_counter_ns() - begin - waited

    def locate(self, kind, k, values):
        """Writes the update that leads from the weights after step k to those that are evaluated, or from the problem's start to the
        rule's. Errors are as for advance."""
        evaluates = kind == wire.STEP_KIND_EVALUATION
        capabilities = self.plugin.description.capabilities
        if not (capabilities.evaluation_weights if evaluates else capabilities.initialization and kind == wire.STEP_KIND_INITIALIZATION):
            raise ValueError(f"it declares no requests of kind {kind}")
        if not evaluates and k:
            raise ValueError(f"an initialization after step {k}; it is before the first")
        self.put_in_force(values)
        update = self.own[1] if self.plugin.asks else self.host[1]
        if evaluates and not k:
            update.fill(0)
        else:
            self.run.locate(k)
        if self.plugin.asks:
            np.copyto(self.host[1], update)

    def put_in_force(self, values):
        if values != self.in_force:
            self.plugin.schema.schedule(self.hypers, np.frombuffer(values, wire.FLOAT64))
            self.in_force = values
            self.run.scheduled()

    def state_version(self):
        return self.plugin.rule.version()

    def save(self):
        try:
            return self.run.save()
        except state.Unsavable as e:
            raise rules.StepFailed(str(e)) from None

    def load(self, b):
        """Replaces the state. It raises ValueError for bytes that are none."""
        self.run.load(b)
        self.in_force = None  # a state may hold hyperparameters


def _read_only(vector):
    if vector is None or not vector.flags.writeable:
        return vector
    view = vector.view()
    view.flags.writeable = False
    return view

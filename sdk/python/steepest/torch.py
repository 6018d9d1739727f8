"""PyTorch optimizers that are Steepest plugins: the rule of any plugin's program in a training loop of your own.

    from steepest.torch import Optimizer

    optimizer = Optimizer("adam", model.named_parameters(), lr=1e-3)
    for x, y in data:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
"""

import contextlib
import math

import numpy as np
import torch

from . import host, wire
from .record import Recorder

__all__ = ["Optimizer", "PluginDied", "PluginError", "Recorder"]

PluginError, PluginDied = host.PluginError, host.PluginDied

# What schedulers of torch keep in groups.
_OF_SCHEDULERS = {"initial_lr", "max_lr", "min_lr", "base_momentum", "max_momentum", "swa_lr"}

_TYPES = {wire.HYPERPARAMETER_TYPE_FLOAT: "a number", wire.HYPERPARAMETER_TYPE_INTEGER: "a whole number",
          wire.HYPERPARAMETER_TYPE_BOOLEAN: "True or False", wire.HYPERPARAMETER_TYPE_STRING: "a text"}


class Optimizer(torch.optim.Optimizer):
    """Steps by the rule of the plugin `plugin`, whose program runs beside this one.

    params are as for any optimizer of torch; `model.named_parameters()`, alone or as "params" of a group, tells the plugin the
    names of the tensors, and by them which are biases. Further keyword arguments are the plugin's hyperparameters, checked
    against what it describes; `steepest plugins describe NAME` lists them. Those that may change from step to step are sent with each
    step as param_groups has them, so that torch's schedulers work. A second group needs a plugin that can do groups, unless it
    has the same values.

    The plugin computes in float64: gradients are converted, and the sum of weight and update is rounded to the type of the parameter,
    once a step. A parameter needs a gradient in each step. An update that is not finite is applied as it is.

    The program is found as the steepest command finds it: in plugin_dir, in $STEEPEST_PLUGIN_PATH, beside the command, in the
    user's data folder. seed is for rules that draw random numbers, total_steps for those that plan ahead, place names the tensors of
    the first and the last layer ({"head.weight": "last"}) for rules that treat them in their own way. What the plugin prints goes to
    log, a text file, or to standard error.

    Errors: TypeError and ValueError for wrong arguments; PluginError if the plugin cannot be used or its rule fails; PluginDied if
    its process ended.
    """

    def __init__(self, plugin, params, *, plugin_dir=None, seed=0, total_steps=0, place=None, data_plane="auto",
                 start_timeout=host.START_TIMEOUT, step_timeout=host.STEP_TIMEOUT, threads=1, max_asks=100, log=None, record=None, problem=None,
                 name=None, command=None, **hyperparameters):
        if data_plane not in ("auto", "inline", "shared"):
            raise ValueError(f"data_plane is {data_plane!r}; it can be auto, inline or shared")
        self._process = host.Process(plugin, plugin_dir, start_timeout, log)
        try:
            description = self._process.description
            self._schema = {h.name: h for h in description.hyperparameters}
            self._scheduled = [h.name for h in description.hyperparameters if h.schedulable]
            self._instance, self._names, self._k, self._restored = None, {}, 0, None
            self._recorder, self._lost = None, False
            self._settings = dict(seed=seed, total_steps=total_steps, place=place or {}, data_plane=data_plane,
                                  step_timeout=step_timeout, threads=threads, max_asks=max_asks)
            self._check_names(hyperparameters)
            defaults = {name: wire.plain(h.default) for name, h in self._schema.items()}
            super().__init__(params, {**defaults, **hyperparameters})
            for name in self._settings["place"]:
                if name not in self._names.values():
                    raise ValueError(f"place: there is no parameter {name!r}; {host.did_you_mean(name, list(self._names.values()))}")
            if record is not None:
                self._recorder = Recorder(
                    record, problem=problem, optimizer=name or plugin, seed=seed, hyperparameters=self._said(), command=command,
                    plugin={"name": plugin, "version": description.version, "sha256": self._process.checksum})
            elif problem is not None or name is not None:
                raise ValueError("problem and name are for a recording; say where it is to come with record")
        except BaseException:
            self._process.close()
            raise

    def _said(self):
        """The hyperparameters for people: those of the first group, and where the others differ."""
        said = {name: self.param_groups[0][name] for name in self._schema}
        for i, group in enumerate(self.param_groups[1:], 1):
            said.update({f"group{i}.{name}": group[name] for name in self._schema if group[name] != said[name]})
        return {name: x.item() if hasattr(x, "item") else x for name, x in said.items()}

    # Groups and their hyperparameters.

    def _check_names(self, given):
        for name in given:
            if name not in self._schema:
                raise TypeError(f"plugin {self._process.name!r} has no hyperparameter {name!r}; "
                                f"{host.did_you_mean(name, list(self._schema))}")

    def add_param_group(self, param_group):
        """Adds tensors with hyperparameters of their own, before the first step."""
        if self._instance is not None:
            raise RuntimeError("the plugin was told all tensors before the first step; make a new optimizer for more")
        group = dict(param_group)
        params = group["params"]
        params = [params] if isinstance(params, torch.Tensor) else params if isinstance(params, set) else list(params)
        named = [p if isinstance(p, tuple) else (None, p) for p in params]
        self._check_names(set(group) - _OF_SCHEDULERS - {"params", "param_names"})
        group["params"] = params if isinstance(params, set) else [p for _, p in named]
        super().add_param_group(group)
        for name, p in zip(group.pop("param_names", None) or [name for name, _ in named], group["params"]):
            name = name or f"parameter{len(self._names)}"
            if not p.requires_grad:
                raise ValueError(f"{name} does not require a gradient; pass the parameters that do")
            if p.is_complex() or not p.is_floating_point() or p.layout != torch.strided:
                raise ValueError(f"{name} is of the type {p.dtype} and {p.layout}; a plugin takes dense floating-point tensors")
            if name in self._names.values():
                raise ValueError(f"two parameters are called {name!r}; give each a name of its own")
            self._names[p] = name
        self._validate(group)

    def _values(self, group):
        """The messages of a group's hyperparameters."""
        values = {}
        for name, h in self._schema.items():
            x = group[name]
            if isinstance(x, torch.Tensor) or hasattr(x, "item"):
                x = x.item()
            number = isinstance(x, (int, float)) and not isinstance(x, bool)
            if h.type == wire.HYPERPARAMETER_TYPE_FLOAT and number:
                values[name] = wire.value(float(x))
            elif h.type == wire.HYPERPARAMETER_TYPE_INTEGER and number and x == math.floor(x):
                values[name] = wire.value(int(x))
            elif (h.type, type(x)) in ((wire.HYPERPARAMETER_TYPE_BOOLEAN, bool), (wire.HYPERPARAMETER_TYPE_STRING, str)):
                values[name] = wire.value(x)
            else:
                raise TypeError(f"plugin {self._process.name!r}: {name} is {x!r}, and must be {_TYPES[h.type]}")
        return values

    def _validate(self, group):
        request = wire.ValidateRequest()
        for name, value in self._values(group).items():
            request.hyperparameters[name].CopyFrom(value)
        faults = self._process.call(self._process.client.Validate, request, host.STEP_TIMEOUT).diagnostics
        if faults:
            raise ValueError("; ".join(f"plugin {self._process.name!r}: " + (f"{d.hyperparameter}: " if d.hyperparameter else "") + d.message
                                       + (f"; {d.remedy}" if d.remedy else "") for d in faults))

    # The instance, which begins with the first step.

    def _open(self):
        settings, groups = self._settings, self.param_groups
        request = wire.OpenRequest(instance="torch", seed=settings["seed"], dtype=wire.DTYPE_FLOAT64, total_steps=settings["total_steps"],
                                   max_asks=settings["max_asks"] if self._process.description.capabilities.asks else 0)
        values = [self._values(group) for group in groups]
        for name, value in values[0].items():
            request.hyperparameters[name].CopyFrom(value)
        self._parameters, offset = [p for group in groups for p in group["params"]], 0
        for p in self._parameters:
            t = _tensor(self._names[p], p, offset)
            place = settings["place"].get(t.name)
            if place:
                t.place = getattr(wire, "PLACE_" + place.upper())
            request.tensors.append(t)
            offset += p.numel()
        if self._process.description.capabilities.groups:
            at = len(groups[0]["params"])
            for group, own in zip(groups[1:], values[1:]):
                if not group["params"]:
                    raise ValueError("a group has no parameters; leave it out")
                g = request.groups.add(tensors=range(at, at + len(group["params"])))
                for name, value in own.items():
                    g.hyperparameters[name].CopyFrom(value)
                at += len(group["params"])
        self._opened = values
        self._instance = host.Instance(self._process, request, settings["data_plane"], settings["step_timeout"], settings["threads"])
        if self._restored is not None:
            self._instance.restore(*self._restored)
            self._restored = None
        self._tensors = request.tensors
        self._views = [[_view(v, t, p) for t, p in zip(request.tensors, self._parameters)]
                       for v in (self._instance.gradient, self._instance.weights, self._instance.update)]

    def _hyper(self):
        """The values in force, in the order in which a step has them."""
        groups = [self._values(group) for group in self.param_groups]
        for values, before in zip(groups, self._opened):
            for name in self._schema:
                if name not in self._scheduled and values[name] != before[name]:
                    raise ValueError(f"plugin {self._process.name!r}: {name} cannot change from step to step; it was "
                                     f"{wire.plain(before[name])!r} at the first and is {wire.plain(values[name])!r}")
        if not self._process.description.capabilities.groups:
            for values in groups[1:]:
                for name in self._schema:
                    if values[name] != groups[0][name]:
                        raise ValueError(f"plugin {self._process.name!r} has the same hyperparameters for all tensors, and the groups differ "
                                         f"in {name}; give them one value, or use a plugin with the capability groups")
            groups = groups[:1]
        return [float(wire.plain(values[name])) for values in groups for name in self._scheduled]

    @torch.no_grad()
    def step(self, closure=None, *, loss=None, forward=None, fresh=None):
        """Makes a step and returns the loss, if it is known.

        The gradient is that of the parameters, as for any optimizer of torch; with closure(), which computes loss and gradient anew, that of
        the closure; with forward(), which computes the loss without backward(), that of the loss. A plugin that needs the loss takes the
        closure's, or loss.

        A plugin that asks about other weights in the middle of its step is answered with the closure, or with forward, which products with the
        Hessian need. fresh() returns a function such as forward for another batch each time, if the plugin asks for one."""
        capabilities = self._process.description.capabilities
        self._check_whole()
        oracle = _Oracle(self, closure, forward, fresh)
        if oracle.known and not capabilities.no_gradient:
            loss = oracle.evaluate()
        elif oracle.known and loss is None:
            loss = oracle.evaluate(gradient=False)
        if capabilities.needs_loss and loss is None:
            raise ValueError(f"plugin {self._process.name!r} needs the loss; call step(closure), or step(loss=loss)")
        if capabilities.asks and not oracle.known:
            raise ValueError(f"plugin {self._process.name!r} asks for the loss at other weights within its step; call step(closure), or "
                             "step(forward=...) with a function that returns the loss")
        if self._instance is None:
            self._open()
        hyper = self._hyper()
        if not capabilities.no_gradient:
            self._read_gradient(self._views[0])
        self._send_weights()
        loss_now = None if loss is None else _number(loss)
        try:
            self._instance.step(self._k + 1, hyper, loss_now or 0.0, oracle if capabilities.asks else None)
        except BaseException as e:
            self._lost = oracle.asked or not isinstance(e, PluginError)  # else the plugin refused the step, and is where it was
            raise
        if self._recorder:
            norms = {} if capabilities.no_gradient else {"gradient_norm": np.linalg.norm(self._instance.gradient)}
            self.record(train_loss=loss_now, update_norm=np.linalg.norm(self._instance.update), learning_rate=self.param_groups[0].get("lr"),
                        **norms)
        self._k += 1
        self._move(self._views[2])
        return loss

    def _check_whole(self):
        if self._lost:
            raise PluginError(f"step {self._k + 1} of plugin {self._process.name!r} was left in its middle, and its state is lost; go on with "
                              "load_state_dict() of the last state_dict()")

    def _read_gradient(self, views):
        for p, view in zip(self._parameters, views):
            if p.grad is None:
                raise ValueError(f"{self._names[p]} has no gradient; call backward() before the step, or leave out parameters that the loss "
                                 "does not depend on")
            if p.grad.layout != torch.strided:
                raise ValueError(f"the gradient of {self._names[p]} is sparse; a plugin takes dense ones")
            view.copy_(p.grad)

    def _send_weights(self):
        if self._process.description.capabilities.needs_weights:
            for p, view in zip(self._parameters, self._views[1]):
                view.copy_(p)

    def _move(self, views):
        """Adds float64 to the parameters, and rounds once."""
        for p, view in zip(self._parameters, views):
            if p.dtype == torch.float64:
                p.add_(view.to(p.device))
            else:
                p.copy_(p.to("cpu", torch.float64).add_(view))

    @contextlib.contextmanager
    def evaluation(self):
        """In this context the parameters are those to evaluate and to save, if the rule's result is not where it trains (averages,
        Schedule-Free); for others it does nothing."""
        if not self._process.description.capabilities.evaluation_weights or self._instance is None:
            yield
            return
        with torch.no_grad():
            before = [p.clone() for p in self._parameters]
            self._send_weights()
            self._instance.displacement(wire.STEP_KIND_EVALUATION, self._k, self._hyper())
            self._move(self._views[2])
        try:
            yield
        finally:
            _put_back(self._parameters, before)

    # Recording.

    def record(self, **values):
        """Records what was measured at the present weights, such as record(train_loss=loss.item()) before a step, or
        record(validation_loss=...) between two. Without record= nothing happens. Names are those of the columns of steps.csv
        (train_loss, validation_loss, validation_accuracy, ...), or others. Recorded by itself are the loss that step() gets or its
        closure returns, learning_rate of the first group, and the norms of gradient and update."""
        if self._recorder:
            self._recorder.note(self._k, **values)

    # Saving and restoring.

    def state_dict(self):
        """The state, the plugin's included, as any optimizer of torch has it: what torch.save can write and load_state_dict take."""
        self._check_whole()
        state = super().state_dict()
        state["steepest"] = {"plugin": self._process.name, "version": self._process.description.version, "steps": self._k}
        if self._instance is not None:
            version, snapshot = self._instance.snapshot()
        elif self._restored is not None:
            version, snapshot = self._restored
        else:
            return state
        state["steepest"].update(state_version=version, snapshot=torch.frombuffer(bytearray(snapshot), dtype=torch.uint8) if snapshot
                                 else torch.empty(0, dtype=torch.uint8))
        return state

    def load_state_dict(self, state_dict):
        """Goes on from what state_dict returned."""
        own = state_dict.get("steepest")
        if own is None:
            raise ValueError("this is not the state of a Steepest plugin; it is of another optimizer of torch")
        if own["plugin"] != self._process.name:
            raise ValueError(f"this is the state of the plugin {own['plugin']!r}, and not of {self._process.name!r}")
        super().load_state_dict({key: value for key, value in state_dict.items() if key != "steepest"})
        if self._instance is not None:
            self._instance.close()
            self._instance = None
        self._lost = False
        self._k = own["steps"]
        self._restored = (own["state_version"], own["snapshot"].cpu().numpy().tobytes()) if "snapshot" in own else None
        if self._restored:
            self._open()

    def __getstate__(self):
        raise TypeError("an optimizer that runs in a process of its own cannot be copied; save its state_dict() instead")

    def close(self):
        """Ends the plugin's process, which otherwise ends with this program or when the optimizer is no longer used, and makes a run of
        what was recorded. It returns the run's folder, if there is one."""
        self._process.close()
        if self._recorder:
            recorder, self._recorder = self._recorder, None
            return recorder.close()
        return None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if self._recorder and error is not None:
            self._recorder.abandon(f"{kind.__name__} ended it")
            self._recorder = None
        self.close()


def _number(loss):
    return loss.item() if isinstance(loss, torch.Tensor) else float(loss)


@torch.no_grad()
def _put_back(parameters, before):
    for p, value in zip(parameters, before):
        p.copy_(value)


class _Oracle:
    """Answers what a plugin asks in the middle of a step, by the functions that the step was given."""

    def __init__(self, optimizer, closure, forward, fresh):
        self._optimizer, self._closure, self._forward, self._fresh = optimizer, closure, forward, fresh
        self.known = closure is not None or forward is not None
        self.asked = False
        self._last = None  # the fresh batch
        self._point = None  # of the last loss or gradient

    @torch.enable_grad()
    def evaluate(self, forward=None, gradient=True):
        """The loss at the present weights, of this batch or another; the gradient comes into the parameters' grad."""
        forward = forward or self._forward
        if forward is None:
            return self._closure()
        loss = forward()
        if gradient:
            parameters = [p for group in self._optimizer.param_groups for p in group["params"]]
            for p, g in zip(parameters, torch.autograd.grad(loss, parameters, allow_unused=True)):
                p.grad = torch.zeros_like(p) if g is None else g
        return loss.detach()

    def __call__(self, kind, batch, vector, into):
        o, self.asked = self._optimizer, True
        parameters, name = o._parameters, o._process.name
        forward = self._forward
        if batch == wire.ASK_BATCH_FRESH:
            if self._fresh is None:
                raise ValueError(f"plugin {name!r} asks for another batch within its step; call step(..., fresh=...) with a function that returns "
                                 "one that computes the loss of another batch")
            self._last = self._fresh()
        if batch != wire.ASK_BATCH_UNSPECIFIED:
            forward = self._last
        before, gradients = [p.detach().clone() for p in parameters], [p.grad for p in parameters]
        views = lambda v: [_view(v, t, p) for t, p in zip(o._tensors, parameters)]
        try:
            if kind != wire.ASK_KIND_HESSIAN_VECTOR:
                self._point = vector
                o._move(views(vector))
                for p in parameters:
                    p.grad = None  # the closure is free to add to what is there
                loss = self.evaluate(forward, gradient=kind == wire.ASK_KIND_GRADIENT)
                if kind == wire.ASK_KIND_GRADIENT:
                    o._read_gradient(views(into))
                return _number(loss)
            if forward is None:
                raise ValueError(f"plugin {name!r} asks for a product with the Hessian; call step(forward=...) with a function that returns the "
                                 "loss, without backward()")
            if self._point is not None:
                o._move(views(self._point))
            for view, product in zip(views(into), _hessian_vector(forward, parameters, views(vector))):
                view.copy_(product)
            return 0.0
        finally:
            _put_back(parameters, before)
            for p, gradient in zip(parameters, gradients):
                p.grad = gradient


@torch.enable_grad()
def _hessian_vector(forward, parameters, vector):
    """Differentiates twice."""
    gradients = torch.autograd.grad(forward(), parameters, create_graph=True, allow_unused=True)
    pairs = [(g, v.to(p.device, p.dtype)) for g, v, p in zip(gradients, vector, parameters) if g is not None and g.requires_grad]
    products = torch.autograd.grad([g for g, _ in pairs], parameters, [v for _, v in pairs], allow_unused=True) if pairs else [None] * len(parameters)
    return [torch.zeros_like(p) if x is None else x for p, x in zip(parameters, products)]


def _tensor(name, p, offset):
    """What the plugin is told of a parameter. Its role follows from name and shape: what has two dimensions is a weight."""
    last = name.rpartition(".")[2]
    t = wire.Tensor(name=name, shape=p.shape, offset=offset, length=p.numel())
    if p.dim() >= 2:
        rest = p[0, 0].numel() if p.numel() else 0
        t.role, t.fan_in, t.fan_out = wire.ROLE_WEIGHT, p.shape[1] * rest, p.shape[0] * rest
    elif last.endswith("bias"):
        t.role = wire.ROLE_BIAS
    elif last.endswith("weight"):
        t.role = wire.ROLE_SCALE
    return t


def _view(vector, t, p):
    return torch.from_numpy(vector[t.offset:t.offset + t.length]).view(p.shape)

"""OptimizerService: what a plugin answers to the host's calls."""

import mmap
import sys
import threading

import grpc
import numpy as np

from . import dialog, plugin, rule, shm, wire

_Code = grpc.StatusCode


class Service:
    """The service of a plugin. Without a mailbox it has the inline data plane alone."""

    def __init__(self, plugin, mailbox=None):
        self.plugin, self.mailbox = plugin, mailbox
        self.lock, self.opened = threading.Lock(), {}

    def find(self, instance, context):
        with self.lock:
            found = self.opened.get(instance)
        if found is None:
            context.abort(_Code.NOT_FOUND, f"no open instance {instance!r}")
        return found

    def Describe(self, request, context):
        return self.plugin.description

    def Validate(self, request, context):
        return wire.ValidateResponse(diagnostics=self.plugin.validate(request.hyperparameters))

    def Open(self, request, context):
        try:
            return self.open(request, context)
        finally:
            if self.mailbox is not None:
                self.mailbox.drop(request.instance)

    def open(self, request, context):
        if request.dtype != wire.DTYPE_FLOAT64:
            context.abort(_Code.UNIMPLEMENTED, f"dtype {request.dtype} is not supported; send DTYPE_FLOAT64")
        try:
            opened = Opened(self.plugin.open(request))
        except ValueError as e:
            context.abort(_Code.INVALID_ARGUMENT, str(e))
        except plugin.Unanswerable as e:
            context.abort(_Code.FAILED_PRECONDITION, str(e))
        with opened.lock:  # until it is complete
            with self.lock:
                taken = self.opened.setdefault(request.instance, opened) is not opened
            if taken:
                context.abort(_Code.ALREADY_EXISTS, f"instance {request.instance!r} is open already")
            try:
                return wire.OpenResponse(data_plane=self.connect(opened, request, context))
            except BaseException:
                with self.lock:
                    del self.opened[request.instance]
                raise

    def connect(self, opened, request, context):
        """Gives an instance its vectors, on the first plane of the host's list that is there."""
        instance, size = opened.instance, opened.instance.layout.parameters
        for plane in request.data_planes:
            if plane == wire.DATA_PLANE_INLINE:
                opened.vectors = [_vector(size) for _ in range(3)]
                instance.use(*opened.vectors)
                return plane
            if plane == wire.DATA_PLANE_SHARED_MEMORY and self.mailbox is not None:
                try:
                    files = self.mailbox.take(request.instance, context.time_remaining())
                    memory = shm.Memory.attach(files, size, instance.values, self.plugin.needs_weights)
                except (ValueError, OSError) as e:
                    context.abort(_Code.FAILED_PRECONDITION, str(e))
                instance.use(memory.gradient, memory.weights, memory.update)
                opened.shared = Shared(opened, memory)
                return plane
        context.abort(_Code.UNIMPLEMENTED, "none of the data planes offered is supported; offer DATA_PLANE_INLINE")

    def Step(self, request, context):
        opened = self.find(request.instance, context)
        with opened.lock:
            if opened.shared is not None:
                context.abort(_Code.FAILED_PRECONDITION, f"instance {request.instance!r} steps in shared memory")
            try:
                return self.step(opened, request, context)
            except ValueError as e:
                context.abort(_Code.INVALID_ARGUMENT, f"step {request.step}: {e}")
            except rule.StepFailed as e:
                context.abort(_Code.ABORTED, str(e))

    def step(self, opened, request, context):
        instance, (gradient, weights, update) = opened.instance, opened.vectors
        if request.kind == wire.STEP_KIND_ANSWER:
            if opened.dialog is None:
                context.abort(_Code.FAILED_PRECONDITION, "an answer came, and no step asked")
            return self.listen(opened, opened.dialog.proceed(request, len(gradient)))
        if opened.dialog is not None:
            context.abort(_Code.FAILED_PRECONDITION, f"step {opened.dialog.step} waits for the answer to its ask")
        values = request.hyperparameters
        wire.floats(values, instance.values, "hyperparameters")
        if request.kind == wire.STEP_KIND_UNSPECIFIED:
            slope = wire.floats(request.gradient, len(gradient), "gradient")
        if self.plugin.needs_weights:
            weights[:] = wire.floats(request.weights, len(weights), "weights")
        if request.kind != wire.STEP_KIND_UNSPECIFIED:
            instance.locate(request.kind, request.step, values)
            return wire.StepResponse(update=update.tobytes())
        gradient[:] = slope
        if self.plugin.asks:
            return self.listen(opened, dialog.Dialog(instance, request.step, values, request.loss))
        nanoseconds = instance.advance(request.step, values, request.loss)
        return wire.StepResponse(update=update.tobytes(), compute_nanoseconds=nanoseconds)

    def listen(self, opened, conversation):
        """Answers with what a step asks, or with its update once it is over."""
        ask = conversation.listen()
        opened.dialog = conversation if ask is not None else None
        if ask is not None:
            kind, batch, vector = ask
            return wire.StepResponse(ask=wire.Ask(kind=kind, batch=batch, vector=b"" if vector is None else wire.to_bytes(vector)))
        nanoseconds = conversation.outcome()
        return wire.StepResponse(update=opened.vectors[2].tobytes(), compute_nanoseconds=nanoseconds)

    def between_steps(self, opened, context):
        if opened.dialog is not None or opened.shared is not None and opened.shared.asking:
            context.abort(_Code.FAILED_PRECONDITION, "the instance is in the middle of a step, which waits for the answer to its ask")

    def Snapshot(self, request, context):
        opened = self.find(request.instance, context)
        self.between_steps(opened, context)
        with opened.lock:
            try:
                b = opened.instance.save()
            except rule.StepFailed as e:
                context.abort(_Code.ABORTED, str(e))
            version = opened.instance.state_version()
        yield wire.SnapshotResponse(state_version=version)
        for at in range(0, len(b), wire.CHUNK):
            yield wire.SnapshotResponse(chunk=b[at:at + wire.CHUNK])

    def Restore(self, requests, context):
        first = next(requests, None)
        if first is None:
            context.abort(_Code.INVALID_ARGUMENT, "a restore without a first chunk")
        opened = self.find(first.instance, context)
        self.between_steps(opened, context)
        with opened.lock:
            version = opened.instance.state_version()
            if first.state_version != version:
                context.abort(_Code.FAILED_PRECONDITION, f"the snapshot's state is {first.state_version!r}, this plugin's is "
                              f"{version!r}; restore it with the plugin that wrote it")
            b = b"".join([first.chunk, *(r.chunk for r in requests)])
            try:
                opened.instance.load(b)
            except ValueError as e:
                context.abort(_Code.INVALID_ARGUMENT, str(e))
        return wire.RestoreResponse()

    def Close(self, request, context):
        with self.lock:
            opened = self.opened.pop(request.instance, None)
        if opened is None:
            context.abort(_Code.NOT_FOUND, f"no open instance {request.instance!r}")
        if opened.shared is None or not opened.shared.asking:
            with opened.lock:  # an Open or a step that is under way ends first
                if opened.dialog is not None:
                    opened.dialog.abandon()
        if opened.shared is not None:
            opened.shared.stop()
        return wire.CloseResponse()


class Opened:
    """An instance with its data plane. The lock keeps a misbehaving host from running two calls at once."""

    def __init__(self, instance):
        self.instance, self.lock, self.shared, self.vectors = instance, threading.RLock(), None, None
        self.dialog = None  # of the step that waits for an answer


def _vector(n):
    # At the start of a page, as in shared memory: what NumPy computes may depend on where a vector lies.
    return np.frombuffer(mmap.mmap(-1, max(8, 8 * n)), wire.FLOAT64, n)


class Shared:
    """The loop that answers the steps of one instance in shared memory, in a thread of its own."""

    alive = 0  # loops of this process; with more than one, a loop that spins would keep the others from computing

    def __init__(self, opened, memory):
        self.opened, self.memory = opened, memory
        self.stopping = self.asking = False
        self.number, self.spin, self.core, self.cores = 0, 0.0, -1, shm.cores()
        Shared.alive += 1
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def stop(self):
        """Ends the loop and waits until it has ended."""
        self.stopping = True
        self.memory.control.requests.nudge()
        self.thread.join()
        Shared.alive -= 1
        self.opened.instance.use(*(np.zeros(self.opened.instance.layout.parameters) for _ in range(3)))
        self.memory.close()

    def receive(self):
        """Waits for the next request; None when the loop is to end."""
        self.number = (self.number + 1) & 0xFFFFFFFF
        if not self.memory.control.requests.wait(self.number, self.spin, lambda: self.stopping):
            return None
        step, loss, microseconds, core, _, kind = self.memory.control.request()
        if core != self.core:
            self.core = core
            shm.stay([core] if core >= 0 else self.cores)
        self.spin = min(microseconds, 50) * 1e-6 if Shared.alive == 1 else 0.0
        return step, loss, kind

    def loop(self):
        control, instance, lock = self.memory.control, self.opened.instance, self.opened.lock
        page, end = control.page, shm.HYPER + 8 * instance.values
        while True:
            request = self.receive()
            if request is None:
                return
            step, loss, kind = request
            status, message, nanoseconds = shm.DONE, "", 0
            try:
                with lock:
                    if kind == wire.STEP_KIND_UNSPECIFIED:
                        nanoseconds = instance.advance(step, page[shm.HYPER:end], loss, self.ask)
                    else:
                        instance.locate(kind, step, page[shm.HYPER:end])
            except ValueError as e:
                status, message = shm.INVALID, str(e)
            except rule.StepFailed as e:
                status, message = shm.FAILED, str(e)
            except BaseException as e:  # whatever happens, the host must not wait for an answer that never comes
                if self.stopping:
                    return
                status, message = shm.FAILED, f"{type(e).__name__}: {e}"
                print(message, file=sys.stderr)
            control.set_answer(status, nanoseconds, message)
            control.answers.ring(self.number)

    def ask(self, kind, batch, vector):
        """The oracle: the ask is one answer, and the answer to it the next request."""
        if vector is None:
            self.memory.update.fill(0)
        else:
            self.memory.update[:] = vector
        self.memory.control.set_ask(kind, batch)
        self.asking = True
        self.memory.control.answers.ring(self.number)
        request = self.receive()
        self.asking = False
        if request is None:
            raise rule.Unanswered("the host closed the optimizer instead of answering an ask")
        if request[2] != wire.STEP_KIND_ANSWER:
            raise rule.Unanswered(f"the host sent a request of kind {request[2]} instead of the answer to an ask")
        return request[1], self.memory.gradient

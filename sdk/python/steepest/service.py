"""OptimizerService: what a plugin answers to the host's calls."""

import mmap
import sys
import threading

import grpc
import numpy as np

from . import rule, shm, wire

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
            instance, (gradient, weights, update) = opened.instance, opened.vectors
            try:
                wire.floats(request.hyperparameters, instance.values, "hyperparameters")
                gradient[:] = wire.floats(request.gradient, len(gradient), "gradient")
                if self.plugin.needs_weights:
                    weights[:] = wire.floats(request.weights, len(weights), "weights")
                nanoseconds = instance.advance(request.step, request.hyperparameters, request.loss)
            except ValueError as e:
                context.abort(_Code.INVALID_ARGUMENT, f"step {request.step}: {e}")
            except rule.StepFailed as e:
                context.abort(_Code.ABORTED, str(e))
            return wire.StepResponse(update=update.tobytes(), compute_nanoseconds=nanoseconds)

    def Snapshot(self, request, context):
        opened = self.find(request.instance, context)
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
        with opened.lock:  # an Open that is under way ends first
            shared = opened.shared
        if shared is not None:
            shared.stop()
        return wire.CloseResponse()


class Opened:
    """An instance with its data plane. The lock keeps a misbehaving host from running two calls at once."""

    def __init__(self, instance):
        self.instance, self.lock, self.shared, self.vectors = instance, threading.RLock(), None, None


def _vector(n):
    # At the start of a page, as in shared memory: what NumPy computes may depend on where a vector lies.
    return np.frombuffer(mmap.mmap(-1, max(8, 8 * n)), wire.FLOAT64, n)


class Shared:
    """The loop that answers the steps of one instance in shared memory, in a thread of its own."""

    alive = 0  # loops of this process; with more than one, a loop that spins would keep the others from computing

    def __init__(self, opened, memory):
        self.opened, self.memory, self.stopping = opened, memory, False
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

    def loop(self):
        control, instance, lock = self.memory.control, self.opened.instance, self.opened.lock
        page, end = control.page, shm.HYPER + 8 * instance.values
        cores, core, spin, number = shm.cores(), -1, 0.0, 1
        while control.requests.wait(number, spin, lambda: self.stopping):
            step, loss, microseconds, wish, _ = control.request()
            if wish != core:
                core = wish
                shm.stay([core] if core >= 0 else cores)
            spin = min(microseconds, 50) * 1e-6 if Shared.alive == 1 else 0.0
            status, message, nanoseconds = shm.DONE, "", 0
            try:
                with lock:
                    nanoseconds = instance.advance(step, page[shm.HYPER:end], loss)
            except ValueError as e:
                status, message = shm.INVALID, str(e)
            except rule.StepFailed as e:
                status, message = shm.FAILED, str(e)
            except BaseException as e:  # whatever happens, the host must not wait for an answer that never comes
                status, message = shm.FAILED, f"{type(e).__name__}: {e}"
                print(message, file=sys.stderr)
            control.set_answer(status, nanoseconds, message)
            control.answers.ring(number)
            number = (number + 1) & 0xFFFFFFFF

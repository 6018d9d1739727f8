"""The host's side: finds plugins' programs, starts them as the steepest command does, and drives the instances in them.

docs/protocol.md describes the handshake and the calls. Nothing here needs PyTorch.
"""

import difflib
import hashlib
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref

import grpc
import numpy as np

from . import shm, wire

PATH = "STEEPEST_PLUGIN_PATH"
START_TIMEOUT = 60.0  # seconds: a large library takes its time on a busy machine
STEP_TIMEOUT = 30.0
_ENDING = 1.0  # how long a process may take from closing its connection to ending
_WORDS = 64 << 10  # bytes that are kept of what a plugin prints

# What a plugin sees of our environment.
_INHERITED = ("PATH", "HOME", "USER", "TMPDIR", "TEMP", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYTHONPATH", "GOMAXPROCS",
              "GOMEMLIMIT", "GOGC", "GODEBUG", "GOTRACEBACK")


class PluginError(RuntimeError):
    """A plugin cannot be used, or refused a call."""


class PluginDied(PluginError):
    """A plugin's process ended, or did not answer in time and was ended. Its state is lost; a new optimizer can go on from the
    last state_dict()."""


def search_path(plugin_dir=None):
    """The folders that are searched for plugins, first match first, each with who named it."""
    given = [] if plugin_dir is None else [plugin_dir] if isinstance(plugin_dir, (str, os.PathLike)) else list(plugin_dir)
    path = [(os.fspath(folder), "plugin_dir") for folder in given]
    path += [(folder, "$" + PATH) for folder in os.environ.get(PATH, "").split(os.pathsep) if folder]
    command = shutil.which("steepest")
    if command:
        path.append((os.path.join(os.path.dirname(os.path.realpath(command)), "plugins"), "beside the steepest command"))
    data = os.environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):  # relative ones are invalid, says its specification
        data = os.path.join(os.path.expanduser("~"), ".local", "share")
    path.append((os.path.join(data, "steepest", "plugins"), "the user's data folder"))
    return path


def find(name, plugin_dir=None):
    """The path of the plugin's program."""
    path, names = search_path(plugin_dir), []
    for folder, _ in path:
        try:
            entries = sorted(os.listdir(folder))
        except OSError:
            continue  # a folder that is not there holds no plugins
        for entry in entries:
            if not entry.startswith(wire.BINARY_PREFIX):
                continue
            file = os.path.abspath(os.path.join(folder, entry))
            if not os.path.isfile(file) or not os.access(file, os.X_OK):
                if entry == wire.BINARY_PREFIX + name and os.path.isfile(file):
                    raise PluginError(f"{file} is not executable; run chmod +x on it")
                continue
            if entry == wire.BINARY_PREFIX + name:
                return file
            names.append(entry[len(wire.BINARY_PREFIX):])
    searched = ", ".join(f"{folder} ({why})" for folder, why in path)
    raise PluginError(f"there is no plugin {name!r}; {did_you_mean(name, sorted(set(names)))}; the folders searched are {searched}")


# What other programs call things.
_OTHER_WORDS = {"learning_rate": "lr", "step_size": "lr", "alpha": "lr", "eta": "lr", "betas": "beta1", "epsilon": "eps", "mu": "momentum"}


def did_you_mean(word, candidates):
    """The remedy for a word that is none of the candidates."""
    if not candidates:
        return "there are none"
    near = [_OTHER_WORDS[word]] if _OTHER_WORDS.get(word) in candidates else difflib.get_close_matches(word, candidates, 1)
    listed = "one of " + ", ".join(candidates)
    return f"did you mean {near[0]!r}? It can be {listed}" if near else "use " + listed


class Process:
    """A running plugin. It ends with close(), with this program, or when nobody holds it any more."""

    def __init__(self, name, plugin_dir=None, start_timeout=START_TIMEOUT, log=None):
        """log is a text file to which what the plugin prints goes, sys.stderr if it is None."""
        self.name, self.path, self._owner = name, find(name, plugin_dir), os.getpid()
        self._words = _Words(log)
        with open(self.path, "rb") as program:
            self.checksum = hashlib.sha256(program.read()).hexdigest()
        folder = tempfile.mkdtemp(prefix="steepest-plugin-", dir=None if len(tempfile.gettempdir()) <= 60 else "/tmp")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_STREAM)
        self._lifeline = ours
        env = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        env.update([wire.COOKIE, (wire.VERSIONS, "1"), (wire.SOCKET_DIR, folder), (wire.LIFELINE, str(theirs.fileno()))])
        try:
            self._process = subprocess.Popen([self.path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                             env=env, pass_fds=[theirs.fileno()], start_new_session=True)
        except OSError as e:
            ours.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise PluginError(f"plugin {name!r} ({self.path}) cannot be started: {e}") from None
        finally:
            theirs.close()  # now the plugin alone holds its end
        self._channel = None
        self._ending = weakref.finalize(self, _end, os.getpid(), self._process, ours, folder, channels := [])
        try:
            address = self._handshake(start_timeout)
            self._channel = grpc.insecure_channel("unix:" + address, wire.OPTIONS)
            channels.append(self._channel)
            self.client = wire.Client(self._channel)
            self.description = self.call(self.client.Describe, wire.DescribeRequest(), start_timeout)
            if self.description.name != name:
                raise PluginError(f"plugin {name!r} ({self.path}) calls itself {self.description.name!r}; rename the file to "
                                  f"{wire.BINARY_PREFIX}{self.description.name}")
        except BaseException:
            self.close()
            raise

    def _handshake(self, timeout):
        lines = queue.Queue()
        threading.Thread(target=_read_greeting, args=(self._process.stdout, lines, self._words), daemon=True).start()
        self._reader = threading.Thread(target=self._words.copy, args=(self._process.stderr,), daemon=True)
        self._reader.start()
        try:
            line = lines.get(timeout=timeout)
        except queue.Empty:
            raise PluginDied(self._failed(f"did not say within {timeout:g} s where it listens", "give it a longer start_timeout, "
                             "if it only needs more time")) from None
        fields = line.decode("utf-8", "replace").strip().split("|")
        if not line:
            raise PluginDied(self._failed("ended before it said where it listens: " + self._how(), "run it by hand with the "
                             "argument describe"))
        if len(fields) < 5 or fields[2] != "unix" or fields[4] != "grpc":
            raise PluginError(self._failed(f"prints {line[:200]!r} where its handshake is due, and standard output is for that alone",
                              "print to standard error"))
        if fields[:2] != ["1", "1"]:
            raise PluginError(self._failed(f"speaks version {fields[1]} of the protocol, and this package version 1", "update one of them"))
        return fields[3]

    def _failed(self, what, remedy):
        said = self._words.last()
        return f"plugin {self.name!r} ({self.path}) {what}; {remedy}" + (f"\nthe plugin said: {said}" if said else "")

    def _how(self):
        """How the process ended, after a moment in which it may."""
        try:
            code = self._process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            return "it closed its connection and runs on"
        self._reader.join(_ENDING)  # what it said last
        if code < 0:
            return "signal " + signal.Signals(-code).name
        return f"exit code {code}"

    def gone(self):
        """Tells whether the process has ended."""
        return self._process.poll() is not None

    def died(self, how=""):
        """The exception of a process that is gone."""
        return PluginDied(self._failed("died: " + (how or self._how()), "its state is lost; make a new optimizer and load the last "
                          "state_dict() into it"))

    def hung(self, timeout):
        """The exception of a process that did not answer in time. It is ended, which it need not notice."""
        _kill(self._process)
        self.close()
        return PluginDied(self._failed(f"did not answer within {timeout:g} s and was ended", "give it a longer step_timeout, if it only "
                          "needs more time, and go on from the last state_dict()"))

    def check(self):
        """Raises a PluginError where the process cannot be called: in a fork of the program that started it, and after close()."""
        if os.getpid() != self._owner:
            raise PluginError(f"plugin {self.name!r} runs for the process {self._owner}, of which this is a fork; make an optimizer here for steps here")
        if not self._ending.alive:
            raise PluginDied(f"plugin {self.name!r} was ended; make a new optimizer and load the last state_dict() into it")

    def call(self, method, request, timeout):
        """Calls a method of the client, and turns what goes wrong into a PluginError."""
        self.check()
        try:
            return method(request, timeout=timeout)
        except grpc.RpcError as e:
            code = e.code()
            if code == grpc.StatusCode.DEADLINE_EXCEEDED:
                raise self.hung(timeout) from None
            if code == grpc.StatusCode.UNAVAILABLE or self.gone():
                raise self.died() from None
            raise PluginError(f"plugin {self.name!r}: {e.details()}") from None

    def close(self):
        """Ends the process."""
        self._ending()


def _kill(process):
    """Ends a process by force, with all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass
    process.wait()


def _end(owner, process, lifeline, folder, channels):
    """Ends a plugin: politely if it listens, then by the end of its life line, at last by force with all that it started."""
    if os.getpid() != owner:
        return  # a fork of this program, such as a worker of a data loader, does not end what is not its own
    for channel in channels:
        try:
            channel.unary_unary("/plugin.GRPCController/Shutdown")(b"", timeout=3)
        except Exception:  # it is gone, or this program is about to be
            pass
        channel.close()
    lifeline.close()
    try:
        process.wait(3 if channels else 0)
    except subprocess.TimeoutExpired:
        pass
    _kill(process)
    shutil.rmtree(folder, ignore_errors=True)


def _read_greeting(stdout, lines, words):
    """Reads the first line, and takes what follows for words."""
    lines.put(stdout.readline(64 << 10))
    words.copy(stdout)


class _Words:
    """What a plugin prints: it is passed on, and the last of it kept. go-plugin's stream of standard output is left alone: a
    call that never ends would disturb each fork of this program, and after its handshake the SDK prints to standard error."""

    def __init__(self, log):
        self._log, self._kept, self._lock = log, b"", threading.Lock()

    def copy(self, pipe):
        """Takes all until the end of a pipe."""
        with pipe:
            while True:
                text = pipe.read1(4096)
                if not text:
                    return
                with self._lock:
                    self._kept = (self._kept + text)[-_WORDS:]
                try:
                    print(text.decode("utf-8", "replace"), end="", file=self._log or sys.stderr, flush=True)
                except (OSError, ValueError):
                    pass  # a log that is closed must not stop a plugin

    def last(self):
        with self._lock:
            return self._kept.decode("utf-8", "replace").strip()[-1200:]


class Instance:
    """An optimizer inside a plugin. gradient, weights and update are arrays of float64 that it shares with the plugin, or sends:
    fill the first two, call step, and read the third."""

    def __init__(self, process, request, data_plane="auto", step_timeout=STEP_TIMEOUT, threads=1):
        """request is an OpenRequest without data planes; data_plane is auto, inline or shared."""
        self._process, self._timeout, self._threads = process, step_timeout, threads
        self._id = request.instance
        capabilities = process.description.capabilities
        n = sum(t.length for t in request.tensors)
        self._n, self._weights, self._loss = n, capabilities.needs_weights, capabilities.needs_loss
        self._max_asks, self._spent = request.max_asks, 0.0
        self.memory = None
        hyper = (1 + len(request.groups)) * sum(h.schedulable for h in process.description.hyperparameters)
        can = shm.supported() and wire.DATA_PLANE_SHARED_MEMORY in capabilities.data_planes
        if data_plane == "shared" and not can:
            raise PluginError(f"plugin {process.name!r}: no shared memory: " + (
                "the plugin does not offer it" if shm.supported() else "this system has none") + "; use data_plane='inline'")
        if can and data_plane != "inline":
            self.memory = shm.Memory.create(n, hyper, self._weights)
            self.gradient, self.update = self.memory.gradient, self.memory.update
            self.weights = self.memory.weights if self._weights else np.zeros(n)
            self._number = 0
            try:
                self.memory.send(process._lifeline, self._id)
            except OSError:
                raise process.died() from None
        else:
            self.gradient, self.weights, self.update = np.zeros(n), np.zeros(n), np.zeros(n)
        plane = wire.DATA_PLANE_SHARED_MEMORY if self.memory else wire.DATA_PLANE_INLINE
        del request.data_planes[:]
        request.data_planes.append(plane)
        response = self._call(process.client.Open, request)
        if response.data_plane != plane:
            raise PluginError(f"plugin {process.name!r} was offered one data plane and chose another")

    def _call(self, method, request):
        return self._process.call(method, request, max(self._timeout, STEP_TIMEOUT))

    def step(self, k, hyper, loss, oracle=None):
        """Makes the step with the number k: hyper are the schedulable hyperparameters in force. update has the answer.

        oracle(kind, batch, vector, into) answers what the plugin asks: it returns a loss, and writes a gradient or a product into `into`. What
        an AskKind and an AskBatch are says the protocol. gradient is as before once the step is over."""
        self._spent = 0.0
        ask = self._request(wire.STEP_KIND_UNSPECIFIED, k, hyper, loss if self._loss else 0.0)
        if ask is None:
            return
        kept, asks = self.gradient.copy(), 0
        try:
            while ask is not None:
                asks += 1
                if oracle is None or asks > self._max_asks:
                    raise PluginError(f"plugin {self._process.name!r} asked {asks} times in the step, and max_asks is {self._max_asks}; raise it, "
                                      "or let the rule ask less")
                kind, batch, vector = ask
                into = np.zeros(self._n)
                loss = oracle(kind, batch, vector, into)
                if kind != wire.ASK_KIND_LOSS:
                    self.gradient[:] = into
                ask = self._request(wire.STEP_KIND_ANSWER, k, hyper, loss)
        finally:
            self.gradient[:] = kept

    def displacement(self, kind, k, hyper):
        """Asks between two steps, by a StepKind, for what to add to the weights: update has the answer."""
        self._spent = 0.0
        self._request(kind, k, hyper, 0.0)

    def _request(self, kind, k, hyper, loss):
        """Sends a request and takes the answer: None for an update, else kind, batch and vector of an ask."""
        self._process.check()
        begin, left = time.monotonic(), max(self._timeout - self._spent, 0)
        try:
            return self._ring(kind, k, hyper, loss, begin + left) if self.memory else self._send(kind, k, hyper, loss, left)
        finally:
            self._spent += time.monotonic() - begin  # without the time that the oracle takes

    def _send(self, kind, k, hyper, loss, timeout):
        request = wire.StepRequest(instance=self._id, step=k, hyperparameters=wire.to_bytes(hyper), loss=loss, threads=self._threads, kind=kind)
        if kind in (wire.STEP_KIND_UNSPECIFIED, wire.STEP_KIND_ANSWER):
            request.gradient = wire.to_bytes(self.gradient)
        if self._weights and kind != wire.STEP_KIND_ANSWER:
            request.weights = wire.to_bytes(self.weights)
        response = self._process.call(self._process.client.Step, request, timeout)
        try:
            if response.HasField("ask"):
                ask, vector = response.ask, np.zeros(self._n)
                if ask.vector:
                    vector[:] = wire.floats(ask.vector, self._n, "the vector of an ask")
                return ask.kind, ask.batch, vector
            self.update[:] = wire.floats(response.update, self._n, "the update")
        except ValueError as e:
            raise PluginError(f"plugin {self._process.name!r}: {e}") from None
        return None

    def _ring(self, kind, k, hyper, loss, end):
        control = self.memory.control
        control.set_request(k, loss, threads=self._threads, kind=kind)
        control.hyper[:] = hyper
        self._number = (self._number + 1) & 0xFFFFFFFF
        control.requests.ring(self._number)
        if not control.answers.wait(self._number, 0, lambda: self._process.gone() or time.monotonic() > end):
            raise self._process.died() if self._process.gone() else self._process.hung(self._timeout)
        status, _, message = control.answer()
        if status == shm.ASK:
            return (*control.ask(), self.update.copy())
        if status != shm.DONE:
            raise PluginError(f"plugin {self._process.name!r}: {message or f'its answer has the unknown status {status}'}")
        return None

    def snapshot(self):
        """The version of the state, and its bytes."""
        if not self._process.description.capabilities.snapshot:
            raise PluginError(f"plugin {self._process.name!r} cannot save its state")
        def read(request, timeout):
            version, chunks = "", []
            for r in self._process.client.Snapshot(request, timeout=timeout):
                version = version or r.state_version
                chunks.append(r.chunk)
            return version, b"".join(chunks)
        return self._call(read, wire.SnapshotRequest(instance=self._id))

    def restore(self, version, state):
        """Replaces the state by that of a snapshot."""
        def chunks():
            yield wire.RestoreRequest(instance=self._id, state_version=version)
            for at in range(0, len(state), wire.CHUNK):
                yield wire.RestoreRequest(chunk=state[at:at + wire.CHUNK])
        self._call(self._process.client.Restore, chunks())

    def close(self):
        """Forgets the instance."""
        try:
            self._call(self._process.client.Close, wire.CloseRequest(instance=self._id))
        finally:
            if self.memory:
                self.memory.close()

"""The shared-memory data plane: three memory files, a control page in the first, and the doorbell in that.

docs/protocol.md, "Shared memory", is the prose. Both sides are here: Memory.create and Memory.send are the host's, Mailbox and
Memory.attach the plugin's. It needs Linux on x86-64 or 64-bit ARM; elsewhere `supported()` is false.

What is relied on for order between the two processes: an aligned word of 32 bits is loaded and stored by one machine
instruction (ctypes does no other); a lock that is taken and given back orders what comes before and after it, which 64-bit ARM
needs and x86 does in any case; and the futex calls are barriers in the kernel, FUTEX_WAIT looking at the word after the caller
is queued. So a side that rings always calls FUTEX_WAKE instead of looking whether the other one sleeps. While it sleeps, the
interpreter's lock is free.
"""

import array
import ctypes
import mmap
import os
import platform
import socket
import struct
import sys
import threading
import time

import numpy as np

from . import wire

MAGIC = 0x314D485345455453  # "STEESHM1"
ANSWER, PLUGIN_SLEEPS, STATUS, LENGTH, COMPUTE, ASKED, MESSAGE = 64, 68, 72, 76, 80, 88, 128
MAX_MESSAGE = 1024
REQUEST, HOST_SLEEPS, STEP, SPIN, HYPER = 1152, 1156, 1160, 1176, 1192

DONE, INVALID, FAILED, ASK = 1, 2, 3, 4

_SYSCALL = {"x86_64": 202, "aarch64": 98}.get(platform.machine())
_WAIT, _WAKE = 0, 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
if _libc is not None:
    _libc.syscall.argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p,
                              ctypes.c_uint32]
    _libc.syscall.restype = ctypes.c_long
_slice = struct.pack("@qq", 0, 20_000_000)  # 20 ms: no futex tells that the other side is gone
_slice_at = ctypes.cast(ctypes.c_char_p(_slice), ctypes.c_void_p)

_HEAD = struct.Struct("<QdIiII")  # step, loss, spin, core, threads, kind
_ANSWER = struct.Struct("<IIQ")  # status, length of the message, nanoseconds
_ASKED = struct.Struct("<II")  # kind, batch

_lock = threading.Lock()


def _order():
    with _lock:
        pass


def supported():
    """Tells whether this system can share memory."""
    return sys.platform == "linux" and _SYSCALL is not None and sys.byteorder == "little" and hasattr(os, "memfd_create")


class Bell:
    """A number that one side counts up and the other waits for, first spinning, then asleep in the kernel."""

    def __init__(self, page, number, asleep):
        self._number = ctypes.c_uint32.from_buffer(page, number)
        self._asleep = ctypes.c_uint32.from_buffer(page, asleep)
        self._at = ctypes.addressof(self._number)

    def ring(self, number):
        """Announces the number, and with it all that was written before."""
        _order()
        self._number.value = number
        _libc.syscall(_SYSCALL, self._at, _WAKE, 1, None, None, 0)

    def nudge(self):
        """Wakes the sleeper without a number, so that it looks around."""
        _libc.syscall(_SYSCALL, self._at, _WAKE, 1, None, None, 0)

    def wait(self, number, spin, quit):
        """Returns True once the number is reached, or False once quit, asked every 20 ms, says so. spin is in seconds; it
        holds the interpreter's lock."""
        word = self._number
        if spin > 0:
            end = time.perf_counter() + spin
            while word.value != number and time.perf_counter() < end:
                pass
        while word.value != number:
            self._asleep.value = 1
            current = word.value
            if current != number:
                _libc.syscall(_SYSCALL, self._at, _WAIT, current, _slice_at, None, 0)
            self._asleep.value = 0
            if word.value != number and quit():
                return False
        _order()
        return True


class Control:
    """A mapped control page. Nothing in it is to be believed: the other side can write anything at any moment."""

    def __init__(self, page, hyper):
        self.page = page
        self.requests = Bell(page, REQUEST, PLUGIN_SLEEPS)  # rung by the host
        self.answers = Bell(page, ANSWER, HOST_SLEEPS)  # rung by the plugin
        # The schedulable hyperparameters in force, in the order of Describe, then those of each group.
        self.hyper = np.frombuffer(page, wire.FLOAT64, hyper, HYPER)

    def set_request(self, step, loss=0.0, spin=0, core=-1, threads=1, kind=0):
        """For the host, before it rings. spin is in microseconds, kind a StepKind."""
        _HEAD.pack_into(self.page, STEP, step, loss, spin, core, threads, kind)

    def request(self):
        """For the plugin, after the bell: step, loss, microseconds to spin, core to wait on, threads, kind."""
        return _HEAD.unpack_from(self.page, STEP)

    def set_answer(self, status, nanoseconds, message=""):
        """For the plugin, before it rings. A long message is cut."""
        text = message.encode("utf-8", "replace")[:MAX_MESSAGE]
        self.page[MESSAGE:MESSAGE + len(text)] = text
        _ANSWER.pack_into(self.page, STATUS, status, len(text), nanoseconds)

    def set_ask(self, kind, batch):
        """For the plugin in the middle of a step, before it rings: an AskKind and an AskBatch. The vector is where the update will be."""
        _ASKED.pack_into(self.page, ASKED, kind, batch)
        _ANSWER.pack_into(self.page, STATUS, ASK, 0, 0)

    def ask(self):
        """For the host, if the status is ASK: kind and batch."""
        return _ASKED.unpack_from(self.page, ASKED)

    def answer(self):
        """For the host, after the bell: status, nanoseconds and message, which is empty unless the status is a failure."""
        status, length, nanoseconds = _ANSWER.unpack_from(self.page, STATUS)
        message = ""
        if status in (INVALID, FAILED):
            length = min(length, MAX_MESSAGE)
            message = bytes(self.page[MESSAGE:MESSAGE + length]).decode("utf-8", "replace")
        return status, nanoseconds, message


def sizes(parameters, hyper, weights):
    """The bytes of the three files: control page, input, update."""
    return HYPER + 8 * hyper, max(8, 8 * parameters * (2 if weights else 1)), max(8, 8 * parameters)


class Memory:
    """What a host and a plugin share for one instance: control, and the arrays gradient, weights (None unless the plugin
    needs them) and update. Of the plugin's, gradient and weights can only be read."""

    def __init__(self, maps, parameters, hyper, weights, files=()):
        self.control = Control(maps[0], hyper)
        self.gradient = np.frombuffer(maps[1], wire.FLOAT64, parameters)
        self.weights = np.frombuffer(maps[1], wire.FLOAT64, parameters, 8 * parameters) if weights else None
        self.update = np.frombuffer(maps[2], wire.FLOAT64, parameters)
        self._files = list(files)

    @classmethod
    def create(cls, parameters, hyper, weights):
        """Makes and maps the memory, for the host. What the plugin shall only read is sealed against any other writable
        mapping, and nothing can be resized."""
        import fcntl

        add_seals, shrink, grow, future_write, seal = 1033, 2, 4, 16, 1  # fcntl has not all of them in every Python
        files, maps = [], []
        try:
            for i, size in enumerate(sizes(parameters, hyper, weights)):
                fd = os.memfd_create("steepest", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
                files.append(fd)
                os.ftruncate(fd, size)
                maps.append(mmap.mmap(fd, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE))
                fcntl.fcntl(fd, add_seals, shrink | grow | seal | (future_write if i == 1 else 0))
        except BaseException:
            _close(files)
            raise
        struct.pack_into("<Q", maps[0], 0, MAGIC)
        return cls(maps, parameters, hyper, weights, files)

    def send(self, lifeline, instance):
        """Passes the files to the plugin at the other end of the socket, before Open names the instance."""
        try:
            rights = array.array("i", self._files)
            lifeline.sendmsg([instance.encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        finally:
            _close(self._files)

    @classmethod
    def attach(cls, files, parameters, hyper, weights):
        """Maps memory that a host made, for the plugin. It takes the files over, also if it fails."""
        files = list(files)
        try:
            maps = []
            for i, size in enumerate(sizes(parameters, hyper, weights)):
                has = os.fstat(files[i]).st_size
                if has < size:
                    raise ValueError(f"shared memory {i} has {has} bytes, not {size}")
                maps.append(mmap.mmap(files[i], size, mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0x8000),
                                      mmap.PROT_READ | (0 if i == 1 else mmap.PROT_WRITE)))
        finally:
            _close(files)
        if struct.unpack_from("<Q", maps[0], 0)[0] != MAGIC:
            raise ValueError("the control page is of another version")
        return cls(maps, parameters, hyper, weights)

    def close(self):
        """Forgets the memory. It is unmapped once nobody holds an array of it."""
        _close(self._files)
        self.control = self.gradient = self.weights = self.update = None


def _close(files):
    while files:
        os.close(files.pop())


class Mailbox:
    """Keeps what came over a life line until an Open asks for it."""

    def __init__(self):
        self._arrived = {}
        self._changed = threading.Condition()

    def listen(self, lifeline):
        """Receives until the other end of the socket is closed."""
        while True:
            data, ancillary, _, _ = lifeline.recvmsg(MAX_MESSAGE, socket.CMSG_SPACE(3 * 4), getattr(socket, "MSG_CMSG_CLOEXEC", 0))
            if not data:
                return
            files = array.array("i")
            for level, kind, rights in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    files.frombytes(rights[:len(rights) - len(rights) % files.itemsize])
            if len(files) != 3:
                _close(list(files))
                continue
            with self._changed:
                _close(self._arrived.pop(data, []))
                self._arrived[data] = list(files)
                self._changed.notify_all()

    def drop(self, instance):
        """Forgets memory that an instance has no use for."""
        with self._changed:
            _close(self._arrived.pop(instance.encode(), []))

    def take(self, instance, timeout):
        """The three files of an instance, waited for."""
        key = instance.encode()
        with self._changed:
            if not self._changed.wait_for(lambda: key in self._arrived, timeout):
                raise TimeoutError(f"the shared memory of instance {instance!r} did not arrive")
            return self._arrived.pop(key)


def stay(cores):
    """Keeps the calling thread on one of the cores, if the system allows it."""
    try:
        os.sched_setaffinity(0, cores)
    except OSError:
        pass


def cores():
    """The cores that the calling thread may run on."""
    return os.sched_getaffinity(0)

"""States as bytes: what a snapshot holds.

A state is made of None, bool, int, float, str, bytes, arrays and numbers of NumPy, and lists, tuples and dictionaries of these.
The bytes are the project's own and not pickle's: restoring a state runs no code, and they mean the same to every version of
Python and NumPy. Numbers are little-endian, arrays in row-major order.
"""

import re
import struct

import numpy as np

_KINDS = "biufc"  # of arrays: what has a fixed size and holds no objects
_DTYPE = re.compile(rb"[<|][biufc][0-9]{1,2}\Z")


class Unsavable(TypeError):
    """A state that holds something else."""


def dump(x, where="the state"):
    """The bytes of a state."""
    out = []
    _write(x, out, where, 0)
    return b"".join(out)


def _write(x, out, where, depth):
    if depth > 50:
        raise Unsavable(f"{where} has too many levels")
    kind = type(x)
    if x is None:
        out.append(b"n")
    elif kind is bool:
        out.append(b"t" if x else b"f")
    elif kind is int:
        text = str(x).encode()
        out.append(b"i" + struct.pack("<I", len(text)) + text)
    elif kind is float:
        out.append(b"d" + struct.pack("<d", x))
    elif kind in (str, bytes):
        text = x.encode() if kind is str else x
        out.append((b"s" if kind is str else b"b") + struct.pack("<Q", len(text)) + text)
    elif isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in _KINDS:
        a = np.asarray(x)
        if a.dtype.byteorder == ">":
            a = a.astype(a.dtype.newbyteorder("<"))
        name = a.dtype.str.encode()
        out.append(b"a" + struct.pack("<BB", len(name), a.ndim) + name + struct.pack(f"<{a.ndim}Q", *a.shape))
        out.append(a.tobytes())
    elif kind in (list, tuple):
        out.append((b"l" if kind is list else b"u") + struct.pack("<Q", len(x)))
        for i, element in enumerate(x):
            _write(element, out, f"{where}[{i}]", depth + 1)
    elif kind is dict:
        out.append(b"m" + struct.pack("<Q", len(x)))
        for key, element in x.items():
            if type(key) not in (str, int, bool):
                raise Unsavable(f"{where} has the key {key!r}; use strings and whole numbers")
            _write(key, out, where, depth + 1)
            _write(element, out, f"{where}.{key}", depth + 1)
    else:
        raise Unsavable(f"{where} is a {kind.__module__}.{kind.__qualname__}, which cannot be saved; use arrays of numbers, float, "
                        "int, bool, str, None, and lists, tuples and dictionaries of these")


def load(b):
    """The state whose bytes these are. It raises ValueError if they are of none."""
    reader = _Reader(memoryview(b))
    try:
        x = reader.read(0)
    except OverflowError:
        raise ValueError("the snapshot has an array of an impossible shape") from None
    if reader.at != len(b):
        raise ValueError("the snapshot is longer than its state")
    return x


class _Reader:
    def __init__(self, b):
        self.b, self.at = b, 0

    def take(self, n):
        if n > len(self.b) - self.at:
            raise ValueError("the snapshot ends within its state")
        self.at += n
        return self.b[self.at - n:self.at]

    def unpack(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def read(self, depth):
        if depth > 52:
            raise ValueError("the snapshot has too many levels")
        tag = bytes(self.take(1))
        if tag == b"n":
            return None
        if tag in b"tf":
            return tag == b"t"
        if tag == b"i":
            text = bytes(self.take(self.unpack("<I")[0]))
            if not text.lstrip(b"-").isdigit() or len(text) > 4000:
                raise ValueError("the snapshot has a number that is none")
            return int(text)
        if tag == b"d":
            return self.unpack("<d")[0]
        if tag in b"sb":
            raw = bytes(self.take(self.unpack("<Q")[0]))
            return raw if tag == b"b" else raw.decode()
        if tag == b"a":
            return self.array()
        if tag in b"lu":
            elements = [self.read(depth + 1) for _ in range(self.count())]
            return elements if tag == b"l" else tuple(elements)
        if tag == b"m":
            return {self.key(depth): self.read(depth + 1) for _ in range(self.count())}
        raise ValueError(f"the snapshot has {tag!r} where a value is due")

    def count(self):
        n = self.unpack("<Q")[0]
        if n > len(self.b) - self.at:  # each takes a byte at least
            raise ValueError("the snapshot ends within its state")
        return n

    def key(self, depth):
        key = self.read(depth + 1)
        if type(key) not in (str, int, bool):
            raise ValueError("the snapshot has a key that is none")
        return key

    def array(self):
        length, dimensions = self.unpack("<BB")
        name = bytes(self.take(length))
        if not _DTYPE.match(name):
            raise ValueError("the snapshot has an array of an unknown type")
        try:
            dtype = np.dtype(name.decode())
        except TypeError:
            raise ValueError("the snapshot has an array of an unknown type") from None
        shape = self.unpack(f"<{dimensions}Q")
        size = dtype.itemsize
        for d in shape:
            size *= d
        return np.frombuffer(self.take(size), dtype).reshape(shape).copy()

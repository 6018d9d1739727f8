"""Draws what Steepest draws, by docs/randomness.md alone: python3 randomness.py prints its example. Needs no packages."""

import hashlib
import math
import struct


def root(seed):
    return hashlib.sha256(b"steepest/seed/1" + struct.pack("<Q", seed)).digest()


def branch(node, name):
    return hashlib.sha256(node + name.encode()).digest()


def twig(node, i):
    return hashlib.sha256(node + b"#" + struct.pack("<Q", i)).digest()


def chacha8rand(seed):
    """The uint64s of a generator: https://c2sp.org/chacha8rand."""
    while True:
        blocks = [chacha8(struct.unpack("<8L", seed), counter) for counter in range(16)]
        words = [blocks[first + block][i] for first in range(0, 16, 4) for i in range(16) for block in range(4)]
        out = struct.pack("<256L", *words)
        yield from struct.unpack("<124Q", out[:992])
        seed = out[992:]


def chacha8(key, counter):
    """A block, of which the key alone is added to the input, as chacha8rand has it."""
    x = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *key, counter, 0, 0, 0]

    def quarter(a, b, c, d):
        for to, by, turn, bits in (a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7):
            x[to] = (x[to] + x[by]) & 0xFFFFFFFF
            x[turn] ^= x[to]
            x[turn] = (x[turn] << bits | x[turn] >> 32 - bits) & 0xFFFFFFFF

    for _ in range(4):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    for i in range(8):
        x[4 + i] = (x[4 + i] + key[i]) & 0xFFFFFFFF
    return x


class Generator:
    def __init__(self, node):
        self.source = chacha8rand(node)

    def uint64(self):
        return next(self.source)

    def below(self, n):
        if n & n - 1 == 0:
            return self.uint64() & n - 1
        while True:
            product = self.uint64() * n
            if product & 2**64 - 1 >= 2**64 % n:
                return product >> 64

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]

    def uniform(self):
        return (self.uint64() & 2**53 - 1) / 2**53

    def normal(self):
        while True:
            u = self.uint64()
            j = (u & 0xFFFFFFFF) - (u >> 31 & 1) * 2**32  # the lower half, signed
            i = u >> 32 & 127
            x = j * WIDTH[i]
            if abs(j) < INSIDE[i]:
                return x
            if i == 0:
                while True:
                    x = -math.log(self.uniform()) * (1 / TAIL)
                    y = -math.log(self.uniform())
                    if 2 * y >= x * x:
                        return TAIL + x if j > 0 else -TAIL - x
            step = single(single(self.uniform()) * single(HEIGHT[i - 1] - HEIGHT[i]))
            if single(HEIGHT[i] + step) < single(math.exp(-0.5 * x * x)):
                return x


def single(x):
    """x rounded to float32."""
    return struct.unpack("<f", struct.pack("<f", x))[0]


# The ziggurat of Marsaglia and Tsang (Journal of Statistical Software 5, 2000) with 128 strips of equal area; strip 0 is the base.
TAIL, AREA = 3.442619855899, 9.91256303526217e-3
edge = [0.0] * 127 + [TAIL]
for i in range(126, 0, -1):
    edge[i] = math.sqrt(-2 * math.log(AREA / edge[i + 1] + math.exp(-0.5 * edge[i + 1] ** 2)))
base = AREA / math.exp(-0.5 * TAIL**2)
WIDTH = [single(x / 2**31) for x in [base] + edge[1:]]
HEIGHT = [single(math.exp(-0.5 * x * x)) for x in edge]
INSIDE = [int(TAIL / base * 2**31), 0] + [int(edge[i] / edge[i + 1] * 2**31) for i in range(1, 127)]


def example():
    seed, examples, validation, batch = 42, 10, 3, 4
    tree = root(seed)
    print("seed 42       ", tree.hex())
    for name in "data", "batch", "init":
        print(f"{name:14s}", branch(tree, name).hex())
    print("batch, epoch 0", twig(branch(tree, "batch"), 0).hex())
    g = Generator(twig(branch(tree, "batch"), 0))
    print("it draws      ", g.uint64(), g.uint64())

    order = list(range(examples))
    Generator(branch(tree, "data")).shuffle(order)
    train, held = order[: examples - validation], order[examples - validation :]
    print("train         ", *sorted(train))
    print("validate      ", *sorted(held))
    for epoch in range(2):
        rows = train.copy()
        Generator(twig(branch(tree, "batch"), epoch)).shuffle(rows)
        print(f"epoch {epoch}       ", rows[:batch], rows[batch:])

    bound = math.sqrt(3 * (2 / (2 + 2)))  # Glorot's: 2 inputs, 2 units
    g = Generator(twig(branch(tree, "init"), 0))
    print("layer1.weight ", *[repr(bound * (2 * g.uniform() - 1)) for _ in range(4)])
    g = Generator(twig(branch(tree, "init"), 1))
    print("layer2.weight ", *[repr(0.05 * g.normal()) for _ in range(2)])


if __name__ == "__main__":
    example()

"""The time of a step of the rule alone, without a host."""

import json
import sys
import time

import numpy as np

from . import wire

SECONDS = 0.4  # for each figure


def main(plugin, arguments):
    for argument in arguments:
        if not argument.isdigit() or int(argument) < 1:
            print(f"{argument!r} is no number of parameters; try: bench 1000 1000000", file=sys.stderr)
            return 2
        print(json.dumps(_one(plugin, int(argument))), flush=True)
    return 0


def _one(plugin, n):
    request = wire.OpenRequest(tensors=[wire.Tensor(name="x", shape=[n, 1] if plugin.matrices else [n], length=n)], max_asks=100)
    instance = plugin.open(request)
    gradient, weights, update = np.random.default_rng(1).normal(size=n), np.zeros(n), np.zeros(n)
    instance.use(gradient, weights, update)
    values = wire.to_bytes([p.default for p in plugin.schema.scheduled])
    k = 0

    def step():
        nonlocal k
        k += 1
        instance.advance(k, values, 0.0, lambda *_: (1.0, gradient))  # answers cost nothing

    median, p99 = timed(step)
    state = [np.array(gradient) for _ in range(len(instance.save()) // (8 * n))]

    def move():  # the memory traffic of a step, and nothing else
        for s in state:
            s[:] = gradient
            update[:] = s
        update[:] = gradient

    traffic, _ = timed(move)
    return {"parameters": n, "threads": 1, "kernel": plugin.description.kernel, "median_us": median, "p99_us": p99,
            "traffic_us": traffic}


def timed(f):
    """Median and 99th percentile in microseconds."""
    f()
    f()
    samples, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(samples) < 5:
        begin = time.perf_counter_ns()
        f()
        samples.append((time.perf_counter_ns() - begin) / 1000)
    samples.sort()
    return samples[len(samples) // 2], samples[len(samples) * 99 // 100]

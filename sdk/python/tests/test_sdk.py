"""Tests of what needs no host. Run with: python3 -m unittest discover -s sdk/python/tests"""

import os
import random
import socket
import sys
import tempfile
import threading
import unittest
import unittest.mock

import grpc
import numpy as np

import steepest
from steepest import bench, process, rule, schema, shm, state, wire

SAMPLE = {"a": np.arange(6.0).reshape(2, 3), "list": [1, 2.5, None, True, "é", (3,), {1: 2}], "number": np.float64(3),
          "empty": np.zeros((0, 3)), "single": np.float32(1.5), "big": -10**30, "bytes": b"x", "nan": float("nan")}


class States(unittest.TestCase):
    def test_round(self):
        got = state.load(state.dump(SAMPLE))
        self.assertEqual(state.dump(got), state.dump(SAMPLE))
        self.assertEqual(got["list"], SAMPLE["list"])
        self.assertEqual(got["single"].dtype, np.float32)
        got["a"][0, 0] = 7  # an array of its own

    def test_damage(self):
        """Damaged bytes are refused or mean something else, and nothing worse."""
        good, r = state.dump(SAMPLE), random.Random(1)
        for n in range(len(good)):
            with self.assertRaises(ValueError):
                state.load(good[:n])
        with self.assertRaises(ValueError):
            state.load(good + b"n")
        for _ in range(5000):
            bad = bytearray(good)
            for _ in range(3):
                bad[r.randrange(len(bad))] = r.randrange(256)
            try:
                state.load(bytes(bad))
            except ValueError:
                pass

    def test_unsavable(self):
        for x, words in ((object(), "the state.x is a builtins.object"), (np.array([None]), "numpy.ndarray"), ({2.5: 1}, "key 2.5")):
            with self.assertRaisesRegex(state.Unsavable, words):
                state.dump({"x": x})


class Schemas(unittest.TestCase):
    def test_declarations(self):
        class Base:
            lr: float = steepest.hyper(1, "(0,inf)", "learning rate")

        class H(Base):
            order: int = steepest.hyper(2, "[1,4]", "order")
            norm = steepest.hyper("l2", choices=("l1", "l2"), doc="norm")
            bare: bool = False
            _hidden = 3

            def validate(self):
                if self.order == 3:
                    raise steepest.Fault("order", "3 is no order", "choose 2")

        def step(h: H, s, x):
            pass

        s = steepest.new("x", step).schema
        self.assertEqual([p.name for p in s.declared], ["lr", "order", "norm", "bare"])
        self.assertEqual([p.name for p in s.scheduled], ["lr", "order"])
        h, wrong = s.read({"lr": wire.value(0.5)})
        self.assertEqual((h.lr, h.order, h.norm, h.bare, wrong), (0.5, 2, "l2", False, []))
        for values, words in (({"lr": 0.0}, "lr = 0.0 is out of range; choose a number in (0,inf); the default is 1.0"),
                              ({"lr": 1}, "lr must be a number, not 1"), ({"lr": float("nan")}, "lr = nan is out of range"),
                              ({"order": 5}, "order = 5 is out of range"), ({"order": 3}, "3 is no order; choose 2"),
                              ({"norm": "l3"}, 'norm = "l3" is not a choice; choose one of l1, l2'),
                              ({"bare": "x"}, 'bare must be true or false, not "x"'),
                              ({"Lr": 1.0}, 'unknown hyperparameter "Lr"; did you mean "lr"?')):
            with self.assertRaises(ValueError) as e:
                s.right({name: wire.value(x) for name, x in values.items()})
            self.assertIn(words, str(e.exception))
        with self.assertRaisesRegex(ValueError, "group 0: order = 9.0"):
            s.schedule([h, h], [1.0, 2.0, 1.0, 9.0])
        s.schedule([h], [0.25, 3.4])
        self.assertEqual((h.lr, h.order), (0.25, 3))

    def test_mistakes(self):
        for default, interval, choices, words in ((1.0, "0,1", (), "write it like"), (2.0, "[0,1]", (), "its default is not allowed"),
                                                  ("x", "[0,1]", (), "only numbers"), (1.0, None, ("a",), "only strings"),
                                                  ([1], None, (), "list is not supported")):
            with self.assertRaisesRegex((ValueError, TypeError), words):
                schema.hyperparameters(type("H", (), {"x": steepest.hyper(default, interval, choices=choices)}))
        with self.assertRaisesRegex(ValueError, "lower-case"):
            schema.hyperparameters(type("H", (), {"LR": steepest.hyper(1.0)}))
        with self.assertRaisesRegex(TypeError, "lr of H has no default"):
            schema.hyperparameters(type("H", (), {"__annotations__": {"lr": float}}))


def opened(plugin, *shapes, **request):
    """An instance over tensors of these shapes, with its vectors."""
    r, at = wire.OpenRequest(**request), 0
    for i, shape in enumerate(shapes):
        n = int(np.prod(shape, dtype=int))
        r.tensors.append(wire.Tensor(name=f"t{i}", shape=shape, offset=at, length=n))
        at += n
    instance = plugin.open(r)
    vectors = np.ones(at), np.ones(at), np.zeros(at)
    instance.use(*vectors)
    return instance, vectors


class Rules(unittest.TestCase):
    def fails(self, step, words, **options):
        instance, _ = opened(steepest.new("x", step, **options), (2,), ())
        with open(os.devnull, "w") as nowhere, unittest.mock.patch("sys.stderr", nowhere):
            with self.assertRaisesRegex(rule.StepFailed, words):
                instance.advance(4, b"", 0.0)

    def test_failures(self):
        def divides(h, s, x):
            return 1 // (x.k - 4)

        def writes(h, s, x):
            x.grad[...] = 1

        def keeps(h, s, x):
            s.g = x.grad

        def longer(h, s, x):
            return np.ones(7)

        def repeated(h, s, x):
            x.update = x.grad.reshape(-1)[:1]

        def column(h, g, s, m):
            return m.grad[:, None]

        self.fails(divides, r"ZeroDivisionError in step 4 at tensor 't0': .*, at test_sdk.py:\d+")
        self.fails(writes, "read-only .*the gradient and the weights can only be read")
        self.fails(keeps, r"s.g = x.grad.copy\(\)")
        self.fails(longer, r"the update has the shape \(7,\), and what it is added to \(2,\)")
        self.fails(repeated, r"shape \(1,\), .* \(2,\), at test_sdk.py:\d+")
        self.fails(column, r"shape \(3, 1\), .* \(3,\)")
        with self.assertRaisesRegex(rule.StepFailed, "state of tensor 't0'.f is a builtins.object"):
            instance, _ = opened(steepest.new("x", lambda h, s, x: setattr(s, "f", object())), (2,))
            instance.advance(1, b"", 0.0)
            instance.save()
        with self.assertRaisesRegex(TypeError, "must be a function"):
            steepest.new("x", lambda h: 0)

    def test_random(self):
        """The numbers are a function of seed, tensor and step, and go on within one."""
        def step(h, s, x):
            return x.rng.normal(size=x.shape) + 10 * x.rng.normal(size=x.shape)

        def run(seed, steps):
            instance, (_, _, update) = opened(steepest.new("x", step), (2,), (2,), seed=seed)
            for k in steps:
                instance.advance(k, b"", 0.0)
            return update.tolist()

        self.assertEqual(run(1, [1, 2, 3]), run(1, [3]))
        numbers = run(1, [3]) + run(1, [2]) + run(2, [3])
        self.assertEqual(len(set(numbers)), len(numbers))

    def test_init(self):
        class H:
            lr: float = steepest.hyper(2.0)

        class S:
            m: steepest.Vec
            seen: list = []  # each tensor's own

            def init(self, h, x):
                self.m += h.lr + x.grad
                self.seen.append(x.name)

        def step(h: H, s: S, x):
            x.update = s.m
            self.assertEqual(s.seen, [x.name])

        plugin = steepest.new("x", step)
        a, (_, _, update) = opened(plugin, (2,), ())
        before = a.save()
        a.advance(1, wire.to_bytes([2.0]), 0.0)
        self.assertEqual(update.tolist(), [3, 3, 3])
        b, (gradient, _, update) = opened(plugin, (2,), ())
        b.run.load(a.save())
        gradient[:] = 7
        b.advance(2, wire.to_bytes([2.0]), 0.0)
        self.assertEqual(update.tolist(), [3, 3, 3])
        b.run.load(before)
        b.advance(1, wire.to_bytes([2.0]), 0.0)
        self.assertEqual(update.tolist(), [9, 9, 9])
        other, _ = opened(plugin, (3,), ())
        with self.assertRaisesRegex(ValueError, "shape"):
            other.run.load(before)


    def test_matrices(self):
        plugin = steepest.new("x", lambda h, s, x: -x.grad, matrices=True)
        self.assertTrue(plugin.description.capabilities.matrices)
        for shape in (3,), ():
            with self.assertRaisesRegex(ValueError, r"'t1' has the shape .* takes matrices alone; give .* \[\[optimizer.group\]\]"):
                opened(plugin, (2, 3), shape)
        opened(plugin, (2, 3), (4, 3, 2, 2))
        self.assertEqual(bench._one(plugin, 10)["parameters"], 10)


class Asks(unittest.TestCase):
    """A rule that asks, over gRPC: Newton's method on a quadratic function whose matrix it asks for."""

    matrix = np.array([[3.0, 1.0], [1.0, 2.0]])

    def setUp(self):
        def step(h, g, s, m):
            g.seen = m.ask_loss(), *m.ask_gradient(np.ones(2), on="fresh")
            columns = [m.ask_hessian_vector(v, on="last") for v in np.eye(2)]
            m.update = -np.linalg.solve(columns, m.grad)

        def result(h, s, x):
            return 10.0 * x.k + x.weights

        def start(h, x):
            return [5.0, 6.0]

        self.plugin = steepest.new("newton", step, asks=True, needs_weights=True, evaluates_at=result, initializes=start)
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "socket")
        self.server = process.listen(self.plugin, None, path, threading.Event())
        self.channel = grpc.insecure_channel("unix:" + path, options=wire.OPTIONS)
        self.client = wire.Client(self.channel)
        self.client.Open(self.opening("a"))

    def tearDown(self):
        self.channel.close()
        self.server.stop(None).wait()
        self.folder.cleanup()

    def opening(self, instance, asks=100):
        return wire.OpenRequest(instance=instance, dtype=wire.DTYPE_FLOAT64, max_asks=asks, data_planes=[wire.DATA_PLANE_INLINE],
                                tensors=[wire.Tensor(name="x", shape=[2], length=2)])

    def refused(self, code, call, *arguments):
        with self.assertRaises(grpc.RpcError) as e:
            answer = call(*arguments)
            list(answer) if hasattr(answer, "__next__") else None
        self.assertEqual(e.exception.code(), code, e.exception.details())
        return e.exception.details()

    def step(self, kind=0, k=1, gradient=(4.0, 2.0), loss=0.0):
        return wire.StepRequest(instance="a", step=k, kind=kind, gradient=wire.to_bytes(gradient), weights=wire.to_bytes([0.5, 0.5]),
                                loss=loss)

    def test_step(self):
        self.assertIn("max_asks", self.refused(grpc.StatusCode.FAILED_PRECONDITION, self.client.Open, self.opening("b", 0)))
        answer = self.client.Step(self.step())
        asked = []
        while answer.HasField("ask"):
            ask = answer.ask
            vector = np.frombuffer(ask.vector)
            asked.append((ask.kind, ask.batch, vector.tolist()))
            for call in (self.client.Snapshot, wire.SnapshotRequest(instance="a")), (self.client.Step, self.step()):
                self.refused(grpc.StatusCode.FAILED_PRECONDITION, *call)
            self.refused(grpc.StatusCode.INVALID_ARGUMENT, self.client.Step, self.step(wire.STEP_KIND_ANSWER, 2))
            value = self.matrix @ vector if ask.kind == wire.ASK_KIND_HESSIAN_VECTOR else [7.0, float("nan")]
            answer = self.client.Step(self.step(wire.STEP_KIND_ANSWER, 1, value, 1.5 + len(asked)))
        self.assertEqual(asked, [(1, 0, []), (2, 1, [1, 1]), (3, 2, [1, 0]), (3, 2, [0, 1])])
        update = np.frombuffer(answer.update)
        np.testing.assert_allclose(self.matrix @ update, [-4, -2], rtol=1e-15)
        state_ = state.load(b"".join(r.chunk for r in self.client.Snapshot(wire.SnapshotRequest(instance="a"))))
        self.assertIn("(2.5, 3.5, array([ 7., nan]))", repr(state.load(state_[1])["seen"]))
        self.refused(grpc.StatusCode.FAILED_PRECONDITION, self.client.Step, self.step(wire.STEP_KIND_ANSWER))

    def test_close(self):
        self.assertTrue(self.client.Step(self.step()).HasField("ask"))
        def asking():
            return [t.name for t in threading.enumerate()].count("step that asks")

        self.assertEqual(asking(), 1)
        self.client.Close(wire.CloseRequest(instance="a"))
        self.assertEqual(asking(), 0)

    def test_elsewhere(self):
        for kind, k, want in ((wire.STEP_KIND_INITIALIZATION, 0, [5, 6]), (wire.STEP_KIND_EVALUATION, 0, [0, 0]),
                              (wire.STEP_KIND_EVALUATION, 3, [30.5, 30.5])):
            self.assertEqual(np.frombuffer(self.client.Step(self.step(kind, k, ())).update).tolist(), want)
        self.refused(grpc.StatusCode.INVALID_ARGUMENT, self.client.Step, self.step(wire.STEP_KIND_INITIALIZATION, 2, ()))

    def test_mistakes(self):
        with self.assertRaisesRegex(ValueError, "four arguments"):
            steepest.new("x", lambda h, s, x: None, asks=True)
        for ask, words in ((lambda m: m.ask_loss(np.ones(3)), "3 values"), (lambda m: m.ask_loss(on="next"), "one of this, fresh, last"),
                           (lambda m: sys.exit(3), "SystemExit in step 1")):
            instance, _ = opened(steepest.new("x", lambda h, g, s, m: ask(m), asks=True), (2,), max_asks=1)
            with open(os.devnull, "w") as nowhere, unittest.mock.patch("sys.stderr", nowhere):
                with self.assertRaisesRegex(rule.StepFailed, words):
                    instance.advance(1, b"", 0.0, lambda *_: None)


@unittest.skipUnless(shm.supported(), "this system cannot share memory")
class SharedMemory(unittest.TestCase):
    def setUp(self):
        self.host, self.plugin = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.box = shm.Mailbox()
        self.listening = threading.Thread(target=self.box.listen, args=(self.plugin,))
        self.listening.start()

    def tearDown(self):
        self.host.close()
        self.listening.join()
        self.plugin.close()

    def both(self):
        mine = shm.Memory.create(3, 2, True)
        mine.send(self.host, "run")
        return mine, shm.Memory.attach(self.box.take("run", 5), 3, 2, True)

    def test_pass(self):
        before = len(os.listdir("/proc/self/fd"))
        mine, theirs = self.both()
        mine.gradient[:], mine.weights[:], mine.control.hyper[:] = [1, 2, 3], [4, 5, 6], [7, 8]
        mine.control.set_request(9, 3.5, 10, -1, 2, 1)
        self.assertEqual([a.tolist() for a in (theirs.gradient, theirs.weights, theirs.control.hyper)], [[1, 2, 3], [4, 5, 6], [7, 8]])
        self.assertEqual(theirs.control.request(), (9, 3.5, 10, -1, 2, 1))
        with self.assertRaisesRegex(ValueError, "read-only"):
            theirs.gradient[0] = 1
        theirs.update[:] = -1
        theirs.control.set_answer(shm.FAILED, 42, "é" * 1000)
        self.assertEqual(mine.update.tolist(), [-1, -1, -1])
        self.assertEqual(mine.control.answer(), (shm.FAILED, 42, "é" * 512))
        theirs.control.set_ask(2, 1)
        self.assertEqual((mine.control.answer()[0], mine.control.ask()), (shm.ASK, (2, 1)))
        mine.close(), theirs.close()
        del mine, theirs
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)

    def test_wrong(self):
        small = shm.Memory.create(1, 0, False)
        small.send(self.host, "small")
        with self.assertRaisesRegex(ValueError, "has 8 bytes, not 800"):
            shm.Memory.attach(self.box.take("small", 5), 100, 0, False)
        old = shm.Memory.create(1, 0, False)
        old.control.page[0] += 1
        old.send(self.host, "old")
        with self.assertRaisesRegex(ValueError, "another version"):
            shm.Memory.attach(self.box.take("old", 5), 1, 0, False)
        with self.assertRaises(TimeoutError):
            self.box.take("nobody", 0.01)

    def test_bells(self):
        """No ring is lost, whether the other side spins or sleeps, and a sleeper can be stopped."""
        mine, theirs = self.both()
        rings = 2000
        for begin, spin in ((0, 0.0), (rings, 20e-6)):
            numbers = range(begin + 1, begin + rings + 1)

            def answer():
                for k in numbers:
                    theirs.control.requests.wait(k, spin, lambda: False)
                    theirs.control.answers.ring(k)

            other = threading.Thread(target=answer)
            other.start()
            for k in numbers:
                mine.control.requests.ring(k)
                self.assertTrue(mine.control.answers.wait(k, spin, lambda: False))
            other.join()
        self.assertFalse(mine.control.answers.wait(2**31, 0.0, lambda: True))


if __name__ == "__main__":
    unittest.main()

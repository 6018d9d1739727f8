"""Drives the bundled plugins from training loops of PyTorch: $STEEPEST_PLUGIN_PATH says where they are."""

import copy
import gc
import io
import math
import os
import pathlib
import signal
import stat
import tempfile
import threading
import unittest

import torch

from steepest.torch import Optimizer, PluginDied, PluginError

torch.set_num_threads(1)


def network(dtype=torch.float64):
    torch.manual_seed(1)
    layers = [torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.LayerNorm(7), torch.nn.Linear(7, 3)]
    return torch.nn.Sequential(*layers).to(dtype)


class Loop:
    """A training loop over minibatches that are the same each time."""

    def __init__(self, make, dtype=torch.float64):
        self.model = network(dtype)
        generator = torch.Generator().manual_seed(2)
        self.x = torch.randn(64, 5, generator=generator, dtype=dtype)
        self.y = torch.randint(0, 3, (64,), generator=generator)
        self.k = 0
        self.optimizer = make(self.model)

    def loss(self):
        rows = torch.arange(self.k, self.k + 16) * 7 % 64
        return torch.nn.functional.cross_entropy(self.model(self.x[rows]), self.y[rows])

    def run(self, steps, after=None):
        for _ in range(steps):
            self.optimizer.zero_grad()
            self.loss().backward()
            self.optimizer.step()
            self.k += 1
            if after:
                after.step()
        return self.weights()

    def weights(self):
        return torch.cat([p.detach().double().reshape(-1) for p in self.model.parameters()])


def largest(a, b):
    return (a - b).abs().max().item()


class Equal(unittest.TestCase):
    """A plugin's trajectory is that of torch.optim."""

    def test_adam(self):
        want = Loop(lambda m: torch.optim.Adam(m.parameters(), lr=1e-2)).run(200)
        for plane in ("inline", "shared"):
            got = Loop(lambda m: Optimizer("adam", m.parameters(), lr=1e-2, data_plane=plane)).run(200)
            self.assertLess(largest(got, want), 1e-13, plane)

    def test_planes(self):
        a, b = (Loop(lambda m: Optimizer("adam", m.named_parameters(), lr=1e-2, data_plane=plane)).run(50) for plane in ("inline", "shared"))
        self.assertTrue(torch.equal(a, b))

    def test_schedule(self):
        def run(make):
            loop = Loop(make)
            return loop.run(100, torch.optim.lr_scheduler.CosineAnnealingLR(loop.optimizer, 100))
        want = run(lambda m: torch.optim.SGD(m.parameters(), lr=0.1))
        got = run(lambda m: Optimizer("sgd", m.parameters(), lr=0.1))
        self.assertLess(largest(got, want), 1e-13)

    def test_groups(self):
        def groups(model):
            named = list(model.named_parameters())
            return [{"params": [(n, p) for n, p in named if not n.endswith("bias")], "lr": 1e-2},
                    {"params": [(n, p) for n, p in named if n.endswith("bias")], "beta1": 0.5}]

        def theirs(model):
            first, second = groups(model)
            return [{"params": [p for _, p in first["params"]], "lr": 1e-2},
                    {"params": [p for _, p in second["params"]], "betas": (0.5, 0.999)}]
        want = Loop(lambda m: torch.optim.Adam(theirs(m), lr=1e-3)).run(100)
        got = Loop(lambda m: Optimizer("adam", groups(m), lr=1e-3)).run(100)
        self.assertLess(largest(got, want), 1e-13)

    def test_float32(self):
        # The rule is computed in float64 here and in float32 there; the weights are rounded to float32 in both.
        want = Loop(lambda m: torch.optim.Adam(m.parameters(), lr=1e-2), torch.float32).run(100)
        loop = Loop(lambda m: Optimizer("adam", m.parameters(), lr=1e-2), torch.float32)
        got = loop.run(100)
        self.assertLess(largest(got, want), 1e-5)
        self.assertTrue(all(p.dtype == torch.float32 for p in loop.model.parameters()))

    def test_closure(self):
        loop = Loop(lambda m: Optimizer("sgd", m.parameters(), lr=0.1))

        def closure():
            loop.optimizer.zero_grad()
            loss = loop.loss()
            loss.backward()
            return loss
        want = loop.loss().item()
        self.assertEqual(loop.optimizer.step(closure).item(), want)
        self.assertLess(loop.loss().item(), want)


class State(unittest.TestCase):
    def test_goes_on(self):
        """What is saved and loaded into a new optimizer goes on with the same bits."""
        make = lambda m: Optimizer("adam", m.named_parameters(), lr=1e-2)
        whole = Loop(make).run(40)
        first = Loop(make)
        first.run(17)
        file = io.BytesIO()
        torch.save({"model": first.model.state_dict(), "optimizer": first.optimizer.state_dict()}, file)
        first.optimizer.close()
        saved = torch.load(io.BytesIO(file.getvalue()))
        second = Loop(make)
        second.model.load_state_dict(saved["model"])
        second.optimizer.load_state_dict(saved["optimizer"])
        again = second.optimizer.state_dict()
        self.assertTrue(torch.equal(again["steepest"]["snapshot"], saved["optimizer"]["steepest"]["snapshot"]))
        second.k = 17
        self.assertTrue(torch.equal(second.run(23), whole))

    def test_before_the_first_step(self):
        make = lambda m: Optimizer("adam", m.parameters(), lr=1e-2)
        loop, other = Loop(make), Loop(make)
        state = loop.optimizer.state_dict()
        other.run(3)
        other.model.load_state_dict(loop.model.state_dict())
        other.optimizer.load_state_dict(state)  # and its own steps are forgotten
        other.k = 0
        self.assertTrue(torch.equal(other.run(5), loop.run(5)))

    def test_of_others(self):
        loop = Loop(lambda m: Optimizer("adam", m.parameters()))
        with self.assertRaisesRegex(ValueError, "of another optimizer of torch"):
            loop.optimizer.load_state_dict(torch.optim.Adam(network().parameters()).state_dict())
        with self.assertRaisesRegex(ValueError, "of the plugin 'sgd', and not of 'adam'"):
            loop.optimizer.load_state_dict(Optimizer("sgd", network().parameters()).state_dict())
        with self.assertRaisesRegex(TypeError, "save its state_dict"):
            copy.deepcopy(loop.optimizer)


class Faults(unittest.TestCase):
    def refused(self, error, pattern, plugin="adam", params=None, **arguments):
        with self.assertRaisesRegex(error, pattern):
            Optimizer(plugin, network().named_parameters() if params is None else params, **arguments)

    def test_arguments(self):
        self.refused(TypeError, "no hyperparameter 'learning_rate'; did you mean 'lr'", learning_rate=1)
        self.refused(TypeError, "no hyperparameter 'betas'; did you mean 'beta1'", betas=(0.9, 0.999))
        self.refused(TypeError, "lr is 'fast', and must be a number", lr="fast")
        self.refused(ValueError, "lr: .*-1", lr=-1)
        self.refused(ValueError, "beta1: .*2", beta1=2)
        self.refused(PluginError, "no plugin 'adm'; did you mean 'adam'.*STEEPEST_PLUGIN_PATH", "adm")
        self.refused(ValueError, "two parameters are called 'w'", params=[("w", torch.nn.Parameter(torch.ones(2))) for _ in range(2)])
        self.refused(ValueError, "does not require a gradient", params=[torch.ones(2)])
        self.refused(ValueError, "torch.complex64", params=[torch.nn.Parameter(torch.ones(2, dtype=torch.complex64))])
        self.refused(ValueError, "no parameter 'hed.weight'", place={"hed.weight": "last"})
        self.refused(ValueError, "data_plane is 'fast'", data_plane="fast")

    def test_steps(self):
        loop = Loop(lambda m: Optimizer("adam", m.named_parameters()))
        with self.assertRaisesRegex(ValueError, "0.weight has no gradient; call backward"):
            loop.optimizer.step()
        loop.run(1)
        with self.assertRaisesRegex(RuntimeError, "make a new optimizer"):
            loop.optimizer.add_param_group({"params": [torch.nn.Parameter(torch.ones(2))]})
        loop.optimizer.param_groups[0]["beta2"] = 7.0
        with self.assertRaisesRegex(PluginError, "beta2"):
            loop.run(1)
        loop.optimizer.param_groups[0]["beta2"] = 0.999
        loop.run(1)  # nothing was changed by what was refused

    def test_nan(self):
        """As with torch's own, a gradient that is not a number spoils the weights, and the loop decides."""
        p = torch.nn.Parameter(torch.ones(3, dtype=torch.float64))
        optimizer = Optimizer("sgd", [p])
        p.grad = torch.tensor([1.0, math.nan, 1.0], dtype=torch.float64)
        optimizer.step()
        self.assertEqual(p.isnan().tolist(), [False, True, False])


class Processes(unittest.TestCase):
    def test_death(self):
        for plane in ("inline", "shared"):
            loop = Loop(lambda m: Optimizer("adam", m.parameters(), data_plane=plane))
            loop.run(2)
            before = loop.weights()
            os.kill(loop.optimizer._process._process.pid, signal.SIGKILL)
            with self.assertRaisesRegex(PluginDied, "signal SIGKILL.*load the last state_dict"):
                loop.run(1)
            self.assertTrue(torch.equal(loop.weights(), before))

    def test_hangs(self):
        for plane in ("inline", "shared"):
            loop = Loop(lambda m: Optimizer("adam", m.parameters(), data_plane=plane, step_timeout=0.3))
            loop.run(1)
            pid = loop.optimizer._process._process.pid
            os.kill(pid, signal.SIGSTOP)
            with self.assertRaisesRegex(PluginDied, "did not answer within 0.3 s.*step_timeout"):
                loop.run(1000)  # it stops soon
            self.assertRaises(ProcessLookupError, os.kill, pid, 0)

    def test_interrupted(self):
        """A step that Ctrl-C leaves in its middle is not taken for one that was made, nor for one that was not."""
        for plane in ("inline", "shared"):
            loop = Loop(lambda m: Optimizer("adam", m.parameters(), data_plane=plane))
            loop.run(1)
            state, weights, pid = loop.optimizer.state_dict(), loop.weights(), loop.optimizer._process._process.pid
            os.kill(pid, signal.SIGSTOP)
            timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
            timer.start()
            with self.assertRaises(KeyboardInterrupt):
                loop.run(100_000)
            timer.join()
            os.kill(pid, signal.SIGCONT)
            if loop.k == 1 and torch.equal(loop.weights(), weights):  # it stopped before the next step was made
                with self.assertRaisesRegex(PluginError, "step 2 .* was left in its middle"):
                    loop.run(1)
                loop.optimizer.load_state_dict(state)
                loop.run(1)

    def test_ends(self):
        """The process ends with the optimizer, and leaves nothing behind."""
        loop = Loop(lambda m: Optimizer("adam", m.parameters()))
        loop.run(1)
        process = loop.optimizer._process._process
        loop.optimizer = None
        gc.collect()
        self.assertIsNotNone(process.poll())
        with Optimizer("adam", network().parameters()) as optimizer:
            process = optimizer._process._process
        self.assertIsNotNone(process.poll())
        for plane in ("inline", "shared"):
            loop = Loop(lambda m: Optimizer("adam", m.parameters(), data_plane=plane))
            loop.run(1)
            loop.optimizer.close()
            loop.optimizer.close()
            with self.assertRaisesRegex(PluginDied, "was ended; make a new optimizer"):
                loop.run(1)

    def test_forks(self):
        """Workers of a data loader, which are forks of this process, neither end the plugin nor disturb it."""
        want = Loop(lambda m: Optimizer("adam", m.parameters())).run(6)
        loop = Loop(lambda m: Optimizer("adam", m.parameters()))
        for _ in range(2):
            loop.run(1)
            list(torch.utils.data.DataLoader(torch.utils.data.TensorDataset(loop.x), batch_size=32, num_workers=2))
            pid = os.fork()
            if pid == 0:
                refused = 1
                try:
                    loop.optimizer.step()
                except PluginError as e:
                    refused = 0 if "of which this is a fork" in str(e) else 2
                finally:
                    loop.optimizer = None
                    gc.collect()
                    os._exit(refused)
            self.assertEqual(os.waitpid(pid, 0)[1], 0)
            loop.run(2)
        self.assertTrue(torch.equal(loop.weights(), want))

    def test_starts(self):
        """Programs that are no plugins are refused with what they said."""
        with tempfile.TemporaryDirectory() as folder:
            def program(name, text):
                path = pathlib.Path(folder, "steepest-optimizer-" + name)
                path.write_text("#!/bin/sh\n" + text)
                path.chmod(path.stat().st_mode | stat.S_IXUSR)

            program("ends", "echo no libraries >&2\nexit 3\n")
            program("prints", "echo hello\nexec sleep 100\n")
            program("sleeps", "exec sleep 100\n")
            program("newer", "echo '1|2|unix|/nowhere|grpc'\nexec sleep 100\n")
            pathlib.Path(folder, "steepest-optimizer-text").write_text("")
            log = io.StringIO()
            for name, error, pattern in (("ends", PluginDied, r"exit code 3(?s:.*)the plugin said: no libraries"),
                                         ("prints", PluginError, "prints b'hello"), ("sleeps", PluginDied, "within 0.5 s where it listens"),
                                         ("newer", PluginError, "version 2 of the protocol"), ("text", PluginError, "chmod")):
                with self.assertRaisesRegex(error, pattern):
                    Optimizer(name, network().parameters(), plugin_dir=folder, start_timeout=0.5, log=log)
            self.assertIn("no libraries", log.getvalue())


if __name__ == "__main__":
    unittest.main()

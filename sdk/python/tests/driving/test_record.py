"""Records runs of training loops, and reads them with the steepest command, which must be in $PATH."""

import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import torch

from steepest.record import Recorder
from steepest.torch import Optimizer

torch.set_num_threads(1)


def steepest(*arguments):
    return subprocess.run(["steepest", *arguments], check=True, capture_output=True, text=True).stdout


def train(plugin, seed, folder, **hyperparameters):
    """A small classification, with a validation after each epoch; returns the run's folder."""
    torch.manual_seed(seed)
    x = torch.randn(256, 10)
    y = (x[:, :1] * x[:, 1:2] > 0).float()
    model = torch.nn.Sequential(torch.nn.Linear(10, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
    criterion = torch.nn.BCEWithLogitsLoss()
    optimizer = Optimizer(plugin, model.named_parameters(), record=folder, problem="xor", seed=seed, **hyperparameters)
    for epoch in range(3):
        for rows in torch.randperm(192).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step(loss=loss)
        with torch.no_grad():
            optimizer.record(epoch=epoch + 1, validation_loss=criterion(model(x[192:]), y[192:]))
    return pathlib.Path(optimizer.close())


class Record(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name, "mine")

    def test_compared(self):
        """Two optimizers of a loop stand beside each other, and beside a rule that is no plugin."""
        for seed in (1, 2):
            run = train("adam", seed, self.folder, lr=1e-2)
            train("sgd", seed, self.folder, lr=0.1)
        with (run / "steps.csv").open() as file:
            lines = file.read().splitlines()
        self.assertEqual(len(lines), 1 + 18 + 1)
        names = lines[0].split(",")
        first, last = (dict(zip(names, lines[at].split(","))) for at in (1, -1))
        self.assertEqual((first["step"], first["learning_rate"], first["validation_loss"]), ("0", "0.01", ""))
        self.assertTrue(float(first["train_loss"]) > 0 and float(first["gradient_norm"]) > 0 and float(first["update_norm"]) > 0)
        self.assertEqual((last["step"], last["epoch"], last["train_loss"]), ("18", "3", ""))
        self.assertGreater(float(last["validation_loss"]), 0)
        said = json.loads((run / "run.json").read_text())
        self.assertEqual((said["imported"]["format"], said["imported"]["plugin"]["name"]), ("recording", "adam"))
        self.assertEqual(len(said["imported"]["plugin"]["sha256"]), 64)
        self.assertEqual(said["optimizer"]["hyperparameters"], {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8})

        for seed in (1, 2):
            other = Recorder(self.folder, problem="xor", optimizer="torch, adam", seed=seed, hyperparameters={"lr": 0.01})
            other.note(0, train_loss=0.7)
            other.note(18, validation_loss=0.5)
            other.close()
        compared = steepest("compare", str(self.folder))
        for words in ("xor: validation_loss", "adam (imported)", "sgd (imported)", "torch, adam (imported)"):
            self.assertIn(words, compared)
        self.assertIn("6 finished", steepest("runs", "list", str(self.folder)))
        steepest("report", str(self.folder))
        page = (self.folder / "report.html").read_text()
        self.assertIn('id="curves"', page)
        self.assertIn("sgd (imported)", page)
        self.assertNotIn("steepest run ", page)  # nothing can replay them

    def test_files(self):
        """The curve is whole at any moment but for what was not flushed, and columns may come later."""
        recorder = Recorder(self.folder, problem="p", optimizer="mine", hyperparameters={"n": 3, "nesterov": True, "norm": "l2"})
        recorder.note(0, train_loss=1)
        recorder.note(0, gradient_norm=float("inf"), other=None)
        recorder.note(4, train_loss=float("nan"))
        recorder.note(9, validation_accuracy=0.5)
        with self.assertRaisesRegex(ValueError, "step 4 comes after step 9"):
            recorder.note(4, train_loss=1)
        run = pathlib.Path(recorder.close())
        self.assertIsNone(recorder.close())
        curve = pathlib.Path(recorder.path).with_suffix(".csv").read_text().splitlines()
        self.assertEqual([line.split(",")[0:1] + line.split(",")[2:] for line in curve],
                         [["step", "train_loss", "gradient_norm", "validation_accuracy"], ["0", "1.0", "inf", ""], ["4", "nan", "", ""],
                          ["9", "", "", "0.5"]])
        said = json.loads((run / "run.json").read_text())
        self.assertEqual(said["optimizer"]["hyperparameters"], {"n": 3, "nesterov": True, "norm": "l2"})
        self.assertEqual(said["summary"]["status"], "diverged")
        # What is left can be taken in again: it is the same run.
        self.assertIn("was there before", steepest("runs", "import", "--recording", recorder.path))

    def test_not_over(self):
        """A loop that an exception ends leaves its recording, and no run; so does one without the command."""
        program = f"""
import torch
from steepest.torch import Optimizer
p = torch.nn.Parameter(torch.ones(3))
optimizer = Optimizer("sgd", [p], record={str(self.folder)!r}, problem="p")
p.grad = torch.ones(3)
optimizer.step(loss=1.0)
"""
        ends = subprocess.run([sys.executable, "-c", program + "optimizer.step(lose=1)"], capture_output=True, text=True)
        self.assertRegex(ends.stderr, "no run was made of the recording: TypeError ended the program; take it as it is with "
                         "`steepest runs import --recording .*sgd-seed0-")
        self.assertEqual([path.name for path in self.folder.iterdir()], [".recordings"])
        (recording,) = self.folder.glob(".recordings/*.json")
        self.assertIn("sgd, seed 0, 1 points", steepest("runs", "import", "--recording", str(recording)))
        ends = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual((ends.returncode, len(list(self.folder.glob("sgd-*")))), (0, 2), ends.stderr)  # made at the end of the program

        recorder = Recorder(self.folder, problem="other", optimizer="x", command="/nowhere/steepest")
        recorder.note(0, train_loss=1)
        self.assertRaises(FileNotFoundError, recorder.close)
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            empty = Recorder(self.folder, problem="p", optimizer="x")
            self.assertIsNone(empty.close())
        self.assertIn("nothing was recorded", said.getvalue())

    def test_refused(self):
        p = [torch.nn.Parameter(torch.ones(3))]
        with self.assertRaisesRegex(ValueError, "say what is minimised"):
            Optimizer("sgd", p, record=self.folder)
        with self.assertRaisesRegex(ValueError, "say where it is to come with record"):
            Optimizer("sgd", p, problem="p")
        recorder = Recorder(self.folder, problem="p", optimizer="x")
        recorder.note(0, **{"a,b": 1})
        with self.assertRaisesRegex(ValueError, "'a,b' cannot be the name of a quantity"):
            recorder.note(1, train_loss=1)
        recorder._point = {}
        recorder.note(2, validation_accuracy=97.5)
        with self.assertRaisesRegex(RuntimeError, "can be at most 1; write 97 % as 0.97\nThe recording is kept"):
            recorder.close()


if __name__ == "__main__":
    unittest.main()

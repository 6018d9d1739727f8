"""Records runs of training loops, so that `steepest compare`, `report` and `runs list` read them beside those of the command.

A recording is two files in the folder .recordings of the results: a curve (CSV, flushed every second), and what it is a run of (JSON).
At the end `steepest runs import` makes a run of them. Nothing is removed, so that a program that was killed loses a second
at most.
"""

import atexit
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import time

FOLDER = ".recordings"
_EVERY = 1.0  # seconds


class Recorder:
    """Records one run for the folder of results `folder`, which is made if it is not there.

    problem names what is minimised: runs are compared that have the same. optimizer is what the table calls it, hyperparameters are numbers, texts
    and booleans by name. plugin has the keys name, version and sha256 if a plugin makes the steps.
    """

    def __init__(self, folder, *, problem, optimizer, seed=0, hyperparameters=None, plugin=None, command=None):
        if not problem:
            raise ValueError("say what is minimised with problem, such as problem='cifar-cnn'; runs are compared that have the same")
        self._folder, self._command = os.path.abspath(folder), command
        self._columns, self._step, self._wall, self._point, self._over = ["step", "wall_seconds"], -1, 0.0, {}, False
        recordings = os.path.join(self._folder, FOLDER)
        os.makedirs(recordings, exist_ok=True)
        name = f"{''.join(c if c.isalnum() or c in '.-' else '-' for c in optimizer)}-seed{seed}-{os.urandom(6).hex()}"
        self.path = os.path.join(recordings, name + ".json")
        self._curve = os.path.join(recordings, name + ".csv")
        text = json.dumps({
            "curve": name + ".csv", "problem": problem, "optimizer": optimizer, "seed": seed, "hyperparameters": hyperparameters or {},
            "began": datetime.datetime.now(datetime.timezone.utc).isoformat(), "plugin": plugin, "within": _within()}, indent=2)
        with open(self.path, "x") as file:
            file.write(text + "\n")
        self._file = open(self._curve, "x")
        self._file.write(",".join(self._columns) + "\n")
        self._began = self._flushed = time.monotonic()
        self._owner = os.getpid()
        atexit.register(self._leave)

    def note(self, step, **values):
        """Records what was measured after `step` updates. What is None was not measured. A step may be noted in pieces, and steps
        ascend."""
        if self._over:
            raise ValueError("the recording is closed")
        if step < self._step:
            raise ValueError(f"step {step} comes after step {self._step}; a recording is of one run, and its steps ascend")
        if step > self._step:
            self._write()
            self._step, self._wall = step, time.monotonic() - self._began
        self._point.update({name: float(x) for name, x in values.items() if x is not None})

    def _write(self):
        """Writes the point that is not written yet."""
        if not self._point:
            return
        if not set(self._point) <= set(self._columns):
            self._widen([name for name in self._point if name not in self._columns])
        cells = {"step": str(self._step), "wall_seconds": f"{self._wall:.6f}", **{name: repr(x) for name, x in self._point.items()}}
        self._file.write(",".join(cells.get(name, "") for name in self._columns) + "\n")
        self._point = {}
        now = time.monotonic()
        if now - self._flushed >= _EVERY:
            self._file.flush()
            self._flushed = now

    def _widen(self, names):
        """Writes the file anew with more columns."""
        for name in names:
            if not name or not name.isprintable() or set(name) & set(',"'):
                raise ValueError(f"{name!r} cannot be the name of a quantity, which has no commas, quotation marks or control characters")
        self._file.close()
        with open(self._curve) as before, open(self._curve + ".new", "w") as after:
            next(before)
            after.write(",".join(self._columns + names) + "\n")
            for line in before:
                after.write(line.rstrip("\n") + "," * len(names) + "\n")
        os.replace(self._curve + ".new", self._curve)
        self._columns += names
        self._file = open(self._curve, "a")

    def close(self):
        """Makes a run of the recording, and returns its folder; None if it has no points or there is no steepest command, which is
        said."""
        if not self._stop():
            return None
        if len(self._columns) == 2:
            print(f"steepest: nothing was recorded in {self._curve}, and no run was made of it", file=sys.stderr)
            return None
        if "train_loss" not in self._columns:
            print("steepest: no train_loss was recorded; give it to step(closure), step(loss=loss) or note()", file=sys.stderr)
        command = self._command or shutil.which("steepest")
        if not command:
            print(f"steepest: there is no steepest command in $PATH; make a run of the recording with {self._by_hand()}", file=sys.stderr)
            return None
        result = subprocess.run([command, "runs", "import", "--recording", self.path, "--out", self._folder], capture_output=True,
                                text=True, stdin=subprocess.DEVNULL)
        if result.returncode != 0:
            raise RuntimeError(f"{result.stderr.strip()}\nThe recording is kept; make a run of it with {self._by_hand()}")
        if result.stderr:
            print(result.stderr.strip(), file=sys.stderr)
        return result.stdout.removeprefix("imported ").partition(": ")[0]

    def abandon(self, why):
        """Keeps the recording, and makes no run of it: it is not over."""
        if self._stop() and len(self._columns) > 2:
            print(f"steepest: no run was made of the recording: {why}; take it as it is with {self._by_hand()}", file=sys.stderr)

    def _by_hand(self):
        return f"`steepest runs import --recording {self.path}`"

    def _stop(self):
        if self._over or os.getpid() != self._owner:
            return False
        self._write()
        self._over = True
        self._file.close()
        atexit.unregister(self._leave)
        return True

    def _leave(self):
        """The program ends. If an exception ends it, the run is not over."""
        error = getattr(sys, "last_value", None)
        if error is not None:
            self.abandon(f"{type(error).__name__} ended the program")
            return
        try:
            self.close()
        except RuntimeError as e:
            print(f"steepest: {e}", file=sys.stderr)


def _within():
    torch = sys.modules.get("torch")
    return ", ".join([f"torch {torch.__version__}"] * (torch is not None) + [f"Python {platform.python_version()}", platform.machine()])

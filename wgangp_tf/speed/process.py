"""A process of its own for each step that is measured: the side of who measures. See `worker`."""

import contextlib
import json
import os
import pathlib
import selectors
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]  # of the package and, in a checkout, of benchmarks/
_POLITE = 5.0  # seconds that a process has to end by itself


class Late(Exception):
    """The time that there was is over."""


class Failed(Exception):
    """A process could not measure; says why in a line."""


class Measured:
    """One process, between turns."""

    def __init__(self, module, kind, task):
        """Starts it.

        Args:
          module, kind: the class that is measured, by name; see `worker`.
          task: dict that JSON holds.
        """
        path = os.pathsep.join(filter(None, [os.fspath(ROOT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wgangp_tf.speed.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # where TensorFlow greets
            env=os.environ | _threads() | {"PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"},
            start_new_session=True,  # a Ctrl-C of the terminal is for who measures
        )
        self._kept = b""
        asked = {"root": os.fspath(ROOT), "module": module, "kind": kind, "task": task}
        self._tell(json.dumps(asked | {"asked": time.time()}))

    def answer(self, deadline=None):
        """The next line it says, as a dict.

        Args:
          deadline: of `time.monotonic`, or None.

        Raises:
          Late: the deadline comes first.
          Failed: it could not measure.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._kept:
                left = None if deadline is None else max(deadline - time.monotonic(), 0)
                if not selector.select(left):
                    raise Late
                read = os.read(self._process.stdout.fileno(), 1 << 16)
                if not read:
                    raise Failed(_ended(self._process.wait()))
                self._kept += read
        line, _, self._kept = self._kept.partition(b"\n")
        answer = json.loads(line)
        if "failed" in answer:
            raise Failed(answer["failed"])
        return answer

    def turn(self, steps, deadline=None):
        """Runs so many steps; returns what it says of them. See `answer`."""
        self._tell(str(steps))
        return self.answer(deadline)

    def end(self, at_once=False):
        """Ends the process, within seconds where it waits for a turn."""
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(0 if at_once else _POLITE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _tell(self, line):
        try:
            self._process.stdin.write(f"{line}\n".encode())
            self._process.stdin.flush()
        except OSError as error:
            raise Failed(_ended(self._process.wait())) from error


def _threads():
    """Where TensorFlow is told how many threads a product may take, others are told the same."""
    asked = os.environ.get("TF_NUM_INTRAOP_THREADS")
    return {"OMP_NUM_THREADS": asked} if asked else {}


def _ended(status):
    """How a process ended that should not have, in words."""
    if status == -signal.SIGKILL:
        return "its process was killed, as Linux does where memory runs out"
    return f"its process ended with status {status}"

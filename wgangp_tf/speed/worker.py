"""A process of its own for each step that is measured, so that its peak of memory is its own: the side of the process.

It is told what to measure by the first line it reads, as JSON, and then by a line for each turn: so many steps. It
answers with a line each time; at the end of its input it ends. What it measures is an object of a class that the line
names by module: made from a `task`, with `train(done)`, which trains without end and calls `done` with how many steps
there were more (and is told how many may come at once), and `wait()` for the device. One with `rates()` in their place
gives these.
"""

import importlib
import json
import os
import sys
import time

from wgangp_tf import quiet, surroundings
from wgangp_tf.training import memory

_BATCH_LIMIT = 100  # steps in one call at most, of what takes several at once


class _Turns:
    """What `train` calls: it turns a training without end into turns."""

    def __init__(self, answer, wait, first):
        self._answer, self._wait, self._first = answer, wait, first
        self._left, self._steps, self._began = 1, 0, time.perf_counter()
        self._turn = 0

    def __call__(self, count=1):
        """Some more steps are done; returns how many may come in the next call."""
        self._steps += count
        if self._steps < self._left:
            return min(self._left - self._steps, _BATCH_LIMIT)
        self._wait()
        seconds = time.perf_counter() - self._began
        if self._turn == 0:
            self._answer({**self._first(), **_memory()})
        else:
            self._answer({"seconds": seconds / self._steps, "steps": self._steps, **_memory()})
        self._turn += 1
        self._left, self._steps = _next(), 0
        self._began = time.perf_counter()
        return min(self._left, _BATCH_LIMIT)


def _memory():
    return {"peak": memory.peak(), "device_peak": memory.device_peak()}


def _next():
    """The steps of the next turn; ends the process where there is none."""
    line = sys.stdin.readline()
    if not line.strip():
        sys.exit(0)
    return int(line)


def main():
    began = time.time()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer

    def answer(values):
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    asked = json.loads(sys.stdin.readline())
    sys.path.insert(0, asked["root"])
    try:
        _measure(asked, answer, began)
    except Exception as error:
        answer({"failed": f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:200]}"})


def _measure(asked, answer, began):
    if asked["module"].startswith("wgangp_tf."):
        surroundings.settle()
        quiet.start()  # as this program starts it; others as it starts by itself
    module = importlib.import_module(asked["module"])
    imported, after_imports = time.time(), memory.now()
    measured = getattr(module, asked["kind"])(asked["task"])
    built = time.time()
    if hasattr(measured, "rates"):
        answer(measured.found)
        while _next():
            answer(measured.rates())

    def first():
        marks = getattr(measured, "marks", {})
        return {
            "parameters": measured.parameters,
            "forward": measured.forward,
            "operations": measured.operations,
            "after_imports": after_imports,
            "start": {"python": began - asked["asked"], "imports": imported - began}
            | {"building": built - imported - sum(marks.values()), **marks}
            | {"first step": time.time() - built},
        }

    measured.train(_Turns(answer, measured.wait, first))


if __name__ == "__main__":
    main()

"""What is measured in the tests of processes and turns: light classes with times and faults that are known."""

import os
import time

MOST = 1000  # steps in one call that a fake with chunks makes at most


class Step:
    """A step of so many milliseconds, `pause` in the task, that may fail by itself after so many steps.

    The task may also hold `parameters`, and `chunks` for several steps in one call.
    """

    operations = 2_000_000

    def __init__(self, task):
        if task.get("broken"):
            raise ValueError("cannot be built\nfor reasons")
        print("said on standard output")
        self.task = task
        self.parameters = task.get("parameters", [3, 4])
        self.forward = task.get("forward", [30, 40])

    def train(self, done):
        most, count = 1, 0
        while True:
            if count >= self.task.get("dies_after", 10**9):
                os._exit(7)
            steps = most if self.task.get("chunks") else 1
            time.sleep(steps * self.task.get("pause", 1) / 1e3)
            count += steps
            most = done(steps)

    def wait(self):
        time.sleep(self.task.get("wait", 0) / 1e3)


class Ours(Step):
    """Takes the place of our step, whose task has no times: 2 ms."""

    def __init__(self, task):
        super().__init__({"pause": 2})


class Double(Step):
    """Takes the place of others' steps: 4 ms."""

    def __init__(self, task):
        super().__init__({"pause": 4})


class Endless:
    """Is never built."""

    def __init__(self, task):
        time.sleep(600)


class Limits:
    found = {"devices": [], "onednn": None}

    def __init__(self, task):
        self._dtypes = task["dtypes"]

    def rates(self):
        return {f"products_{dtype}": 2e9 for dtype in self._dtypes} | {"memory": 1e10}


class Start(Ours):
    marks = {"data": 0.0}

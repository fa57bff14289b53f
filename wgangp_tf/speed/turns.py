"""Steps that take turns: all meet the same load, so that what one gains on another is not the machine's mood."""

import contextlib
import statistics
import time

from wgangp_tf.speed.contestants import OURS
from wgangp_tf.speed.process import Failed, Measured

LIMITS = "wgangp_tf.speed.limits", "Limits"  # the class that measures them; see `worker`
_SECONDS = 1.0  # of a turn, where a step is shorter


def limits(dtypes):
    """A process that measures the limits of the machine, and what it says first."""
    process = Measured(*LIMITS, {"dtypes": list(dtypes)})
    try:
        return process, process.answer()
    except BaseException:
        process.end(at_once=True)
        raise


class Group:
    """Some contestants at one work, each in a process of its own, and the limits beside them.

    Attributes:
      lines: list of dict, what was found of each contestant, as `benchmark.json` holds it; grows with each turn.
      rates: {what: list of rates}, of the limits.
    """

    def __init__(self, contestants, limits_process, deadline=None):
        """
        Args:
          contestants: list of `contestants.Contestant`.
          limits_process: `process.Measured` of the limits, or None.
          deadline: of `time.monotonic`, or None.
        """
        self._limits, self._deadline = limits_process, deadline
        self._entrants = [(contestant, _line(contestant)) for contestant in contestants]
        self.lines = [line for _, line in self._entrants]
        self.rates = {}
        self._running = []

    def run(self, turns, done=lambda share: None, ready=lambda line: None):
        """Measures.

        Args:
          turns: int, of each contestant.
          done: called with the share that is done, after each turn of all.
          ready: called with the line of a contestant that has run its first step.

        Raises:
          Late: the deadline has come; what was measured is kept.
        """
        try:
            for contestant, line in self._entrants:
                if contestant.task is not None:
                    self._begin(contestant, line)
                    ready(line)
            self._leave_out_others()
            for number in range(turns):
                self._round(number)
                done((number + 1) / turns)
        except BaseException:
            self._end(at_once=True)
            raise
        self._end()

    def _begin(self, contestant, line):
        """Starts a process, and has it run its first step and one more."""
        process = None
        try:
            process = contestant.start()
            first = process.answer(self._deadline)
            probe = process.turn(1, self._deadline)
        except Failed as error:
            line["reason"] = str(error)
            process.end(at_once=True)
            return
        except BaseException:
            if process is not None:
                process.end(at_once=True)
            raise
        line |= {name: first[name] for name in ("parameters", "forward", "operations", "after_imports", "start")}
        steps = max(1, round(_SECONDS / max(probe["seconds"], 1e-6)))
        self._running.append((process, line, steps))

    def _leave_out_others(self):
        """Whoever has other networks than ours has a reason in place of turns: the numbers would not compare.

        Along a curve all are ours, and their networks may differ.
        """
        ours = next((line for line in self.lines if "parameters" in line), None)
        for entry in list(self._running):
            process, line, _ = entry
            reason = "" if line["contestant"] == OURS else _difference(line, ours)
            if reason:
                line["reason"] = reason
                self._running.remove(entry)
                process.end()

    def _round(self, number):
        """A turn of each; another one begins each time."""
        if self._limits is not None:
            for name, rate in self._limits.turn(1, self._deadline).items():
                self.rates.setdefault(name, []).append(rate)
        shift = number % max(len(self._running), 1)
        for entry in [*self._running[shift:], *self._running[:shift]]:
            process, line, steps = entry
            try:
                said = process.turn(steps, self._deadline)
            except Failed as error:
                line["reason"] = str(error)
                self._running.remove(entry)
                process.end(at_once=True)
                continue
            line["turns"].append(said["seconds"])
            line["peak"], line["device_peak"] = said["peak"], said["device_peak"]
            _sum_up(line)

    def _end(self, at_once=False):
        for process, *_ in self._running:
            with contextlib.suppress(OSError):
                process.end(at_once)
        self._running = []


def _line(contestant):
    """What is known of a contestant before it has run."""
    optimization = contestant.work.config.optimization
    return {
        "work": contestant.work.name,
        "changed": {**contestant.work.changed},
        "contestant": contestant.name,
        "label": contestant.row.label,
        "precision": contestant.precision,
        "images": contestant.work.images,
        "batch_size": optimization.batch_size,
        "n_critic": optimization.n_critic,
        "replicas": contestant.replicas,
        "reason": contestant.reason,
        "turns": [],
    }


def _sum_up(line):
    """The median of a line's turns and their spread, in seconds a step."""
    turns = line["turns"]
    line |= {"seconds": statistics.median(turns), "least": min(turns), "greatest": max(turns)}
    line["images_per_second"] = line["images"] / line["seconds"]


def _difference(line, ours):
    """In what the networks of a line are not those of another, in words, or ""."""
    for name, what in (("parameters", "parameters"), ("forward", "operations for a sample")):
        if line[name] is not None and line[name] != ours[name]:
            return f"it has other networks than this program: {line[name]} {what}, not {ours[name]}"
    return ""


def until(minutes):
    """The deadline of so many minutes from now, or None."""
    return None if minutes is None else time.monotonic() + 60 * minutes

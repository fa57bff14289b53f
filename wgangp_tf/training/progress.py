"""How far a run is: one bar over the whole run on a terminal, one line a log elsewhere."""

import sys
import time

import tqdm

from wgangp_tf.data.progress import say
from wgangp_tf.quantities import shown

_COLUMNS = 80
# numbers a bar of 80 columns has room for
_IN_BAR = ("wasserstein", "held_out")


class Progress:
    """Shows the progress of a run on standard error."""

    def __init__(self, start, steps):
        """
        Args:
          start: step the run continues from.
          steps: of the whole run.
        """
        self._steps, self._done = steps, start
        self._first = None
        self._numbers = ""
        self._bar = None
        if sys.stderr.isatty():
            self._bar = tqdm.tqdm(
                total=steps,
                initial=start,
                unit="step",
                ncols=_COLUMNS,
                bar_format="{n_fmt}/{total_fmt} {percentage:.0f}% |{bar}| {postfix}",
                smoothing=0,
            )

    def advance(self, steps):
        """So many steps more are done."""
        self._done += steps
        if self._first is None:  # the first call traces the graphs: no measure of the others
            self._first = (self._done, time.monotonic())
        if self._bar is not None:
            self._bar.set_postfix_str(f"{self._numbers}{self._time_left()} left", refresh=False)
            self._bar.update(steps)

    def leave_out(self, seconds):
        """What has just taken so long was its first time and traced graphs: no measure of the rest."""
        if self._first is not None:
            self._first = (self._first[0], self._first[1] + seconds)

    def log(self, step, values):
        """The values of a log event."""
        numbers = {name: _short(value) for name, value in shown(values).items()}
        if self._bar is not None:
            self._numbers = "".join(f"{name} {numbers[name]} " for name in _IN_BAR if name in numbers)
            return
        line = "  ".join(f"{name} {value}" for name, value in numbers.items())
        self.say(f"step {step}/{self._steps}  {line}  time left {self._time_left()}")

    def _time_left(self):
        if self._first is None or self._done <= self._first[0]:
            return "?"
        first, then = self._first
        seconds = (time.monotonic() - then) / (self._done - first) * (self._steps - self._done)
        return tqdm.tqdm.format_interval(seconds)

    def say(self, line):
        """A line that does not tear the bar."""
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)
        else:
            say(line)

    def close(self):
        if self._bar is not None:
            self._bar.close()


def _short(value):
    """A number as a person reads it: 60,000 or 0.123."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"

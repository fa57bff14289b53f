"""How far a run is: one bar over the whole run on a terminal, one line a log elsewhere."""

import sys
import time

import tqdm

from wgangp_tf import console
from wgangp_tf.quantities import duration, shown

# seconds: of training until its pace is known, and of a run that it is worth to know of
_PACE_KNOWN, _LONG = 5.0, 180.0
_FORMAT = "{n_fmt}/{total_fmt} {percentage:.0f}% |{bar}|{postfix}"


def shorter(of_pictures):
    """The flags that make a run shorter, in words."""
    return "fewer --steps" + (
        ", a smaller --width or a smaller --image_size" if of_pictures else " or a smaller --width"
    )


class Progress:
    """Shows the progress of a run on standard error."""

    def __init__(self, start, steps, shorter=None):
        """
        Args:
          start: step the run continues from.
          steps: of the whole run.
          shorter: what takes less time, in words, see `shorter`; None where nobody can choose it.
        """
        self._shorter = shorter
        self._steps, self._done = steps, start
        self._first = None
        self._numbers = {}
        self._foretold = False
        self._bar = None
        if console.on_terminal():
            self._bar = tqdm.tqdm(
                total=steps, initial=start, bar_format=_FORMAT, file=sys.stderr, ncols=console.width()
            )

    def advance(self, steps):
        """So many steps more are done."""
        self._done += steps
        if self._first is None:  # the first call traces the graphs: no measure of the others
            self._first = (self._done, time.monotonic())
        elif not self._foretold and time.monotonic() - self._first[1] >= _PACE_KNOWN:
            self._foretell()
        if self._bar is not None:
            self._show()
            self._bar.update(steps)

    def _foretell(self):
        """Says once how long a long run will take."""
        self._foretold = True
        left = self._seconds_left()
        if left >= _LONG:
            steps = self._steps - self._done
            choice = f"; {self._shorter} take less" if self._shorter else ""
            self.say(f"{left / steps:.2g} s a step: {steps:,} more steps take about {duration(left)}{choice}")

    def leave_out(self, seconds):
        """What has just taken so long was its first time and traced graphs: no measure of the rest."""
        if self._first is not None:
            self._first = (self._first[0], self._first[1] + seconds)

    def log(self, step, values):
        """The values of a log event."""
        self._numbers = {name: _short(value) for name, value in shown(values).items()}
        if self._bar is not None:
            self._show()
            self._bar.refresh()
            return
        line = "  ".join(f"{name} {value}" for name, value in self._numbers.items())
        self.say(f"step {step}/{self._steps}  {line}  time left {self.time_left()}")

    def _show(self):
        """The time left and as many numbers, from the first on, as the bar's line has room for."""
        words = [f"{self.time_left()} left", *(f"{name} {value}" for name, value in self._numbers.items())]
        for count in range(len(words), 0, -1):
            self._bar.set_postfix_str(", ".join(words[:count]), refresh=False)
            line = tqdm.tqdm.format_meter(**self._bar.format_dict | {"ncols": None})
            if len(line) <= self._bar.ncols:
                break

    def time_left(self):
        """In words, by the pace of this process without its traces; "?" where that is not known."""
        if self._first is None or self._done <= self._first[0]:
            return "?"
        return tqdm.tqdm.format_interval(self._seconds_left())

    def _seconds_left(self):
        first, then = self._first
        return max((time.monotonic() - then) / (self._done - first) * (self._steps - self._done), 0.0)

    def say(self, line):
        """A line that does not tear the bar."""
        if self._bar is None:
            console.say(line)
            return
        with self._bar.external_write_mode(file=sys.stderr):
            console.say(line)

    def close(self):
        if self._bar is not None:
            self._bar.close()


def _short(value):
    """A number as a person reads it: 60,000 or 0.123."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"

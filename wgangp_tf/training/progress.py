"""How far a run is: one bar over the whole run on a terminal, one line a log elsewhere."""

import sys
import time

import tqdm

from wgangp_tf.data.progress import say


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
        self._bar = None
        if sys.stderr.isatty():
            self._bar = tqdm.tqdm(total=steps, initial=start, unit="step", dynamic_ncols=True, smoothing=0.05)

    def advance(self):
        """One step is done."""
        if self._first is None:  # the first one traces the graphs: no measure of the others
            self._first = (self._done + 1, time.monotonic())
        self._done += 1
        if self._bar is not None:
            self._bar.update()

    def log(self, step, values, quality):
        """The values of a log event, and which of them say how good the samples are."""
        shown = {
            "wasserstein": f"{values['wasserstein_estimate']:.3f}",
            "held_out": f"{values['validation_wasserstein_estimate']:.3f}",
            "gradient_norm": f"{values['gradient_norm']:.2f}",
            **{name: f"{value:.3g}" for name, value in quality.items()},
            "images/s": f"{values['images_per_second']:.0f}",
        }
        if self._bar is not None:
            self._bar.set_postfix(shown)
            return
        numbers = "  ".join(f"{name} {value}" for name, value in shown.items())
        self.say(f"step {step}/{self._steps}  {numbers}  time left {self._time_left(step)}")

    def _time_left(self, step):
        if self._first is None or step <= self._first[0]:
            return "?"
        first, then = self._first
        return tqdm.tqdm.format_interval((time.monotonic() - then) / (step - first) * (self._steps - step))

    def say(self, line):
        """A line that does not tear the bar."""
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)
        else:
            say(line)

    def close(self):
        if self._bar is not None:
            self._bar.close()

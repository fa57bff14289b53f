"""How far a run is: one bar over the whole run on a terminal, one line a log elsewhere."""

import sys
import time

import tqdm

from wgangp_tf import console


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
        if console.on_terminal():
            self._bar = tqdm.tqdm(
                total=steps, initial=start, unit="step", file=sys.stderr, ncols=console.width(), smoothing=0.05
            )

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
            self._show(shown)
            return
        numbers = "  ".join(f"{name} {value}" for name, value in shown.items())
        self.say(f"step {step}/{self._steps}  {numbers}  time left {self._time_left(step)}")

    def _show(self, values):
        """Puts values beside the bar: as many, from the first on, as its line has room for."""
        names = list(values)
        for count in range(len(names), -1, -1):
            self._bar.set_postfix({name: values[name] for name in names[:count]}, refresh=False)
            # with a bar of ten columns, nine of which the numbers may take as they grow
            line = tqdm.tqdm.format_meter(**self._bar.format_dict | {"ncols": None})
            if len(line) <= self._bar.ncols:
                break
        self._bar.refresh()

    def _time_left(self, step):
        if self._first is None or step <= self._first[0]:
            return "?"
        first, then = self._first
        return tqdm.tqdm.format_interval((time.monotonic() - then) / (step - first) * (self._steps - step))

    def say(self, line):
        """A line that does not tear the bar."""
        if self._bar is None:
            console.say(line)
            return
        with self._bar.external_write_mode(file=sys.stderr):  # tqdm's own `write` writes the end of a line by itself
            console.say(line)

    def close(self):
        if self._bar is not None:
            self._bar.close()

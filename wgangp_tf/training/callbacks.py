"""What happens between steps: numbers, pictures, checkpoints, and whether to go on.

Their order is part of exact resume: what a checkpoint's step logged is on disk before the checkpoint is.
"""

import math
import time

import keras
import numpy as np
import tensorflow as tf

from wgangp_tf.data import pictures
from wgangp_tf.errors import Diverged
from wgangp_tf.training.checkpoints import check_finite
from wgangp_tf.training.quality import generated

_GRID = 64  # images in a picture
_CLOUD = 1024  # points in a picture


class EverySteps(keras.callbacks.Callback):
    """Calls `act(step, logs)` at each multiple of `every` steps, and at the last step of the run."""

    def __init__(self, every, start, last):
        super().__init__()
        self._every, self._start, self._last = every, start, last

    def on_train_batch_end(self, batch, logs=None):
        step = self._start + batch + 1
        if step % self._every == 0 or step == self._last:
            self.act(step, logs)

    def act(self, step, logs):
        raise NotImplementedError


class Finiteness(keras.callbacks.Callback):
    """Stops a run that met a value that is not finite, at its step."""

    def __init__(self, start):
        super().__init__()
        self._start = start

    def on_train_batch_end(self, batch, logs=None):
        for name, value in logs.items():
            if not math.isfinite(value):
                step = self._start + batch + 1
                if not self.model.fakes_were_finite:  # what the critic made of them is not its fault
                    raise Diverged(f"samples of the generator are not finite at step {step}")
                network = "generator" if name.startswith("generator") else "critic"
                raise Diverged(f"{name} of the {network} is {value} at step {step}")


class Logs(EverySteps):
    """Numbers to metrics.jsonl, TensorBoard and the progress display; held-out values and histograms with them."""

    def __init__(
        self, every, start, last, *, metrics_log, events, progress, held_out, quality, images_per_step, seconds
    ):
        """
        Args:
          metrics_log: `MetricsLog`.
          events: `EventWriter`.
          progress: `Progress`.
          held_out: float32 arrays [n, *sample], batches of real samples the critic does not learn from.
          quality: callable of the model, {name: float} of its samples; {} where nothing is quick enough.
          images_per_step: int, real samples seen in a step.
          seconds: float, that the run took before `start`.
        """
        super().__init__(every, start, last)
        self._metrics_log, self._events, self._progress = metrics_log, events, progress
        self._held_out = held_out
        self._quality = quality
        self._images_per_step = images_per_step
        self._began = time.monotonic() - seconds
        self._previous = (start, self._began + seconds)
        self._values = None

    def on_train_begin(self, logs=None):
        self._values = tf.function(self.model.held_out_values, autograph=False, reduce_retracing=True)
        self._previous = (self._start, time.monotonic())

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        if batch == 0 and self._previous[0] == self._start:  # tracing the graphs is no measure of speed
            self._previous = (self._start + 1, time.monotonic())
        self._progress.advance()

    def act(self, step, logs):
        now = time.monotonic()
        before, then = self._previous
        parts = [self._values(real, tf.constant(part)) for part, real in enumerate(self._held_out)]
        held_out = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
        values = {"step": step, "images": step * self._images_per_step, "seconds": round(now - self._began, 3)}
        values |= {name: float(value) for name, value in logs.items()}
        values |= {f"validation_{name}": float(value.mean()) for name, value in held_out.items()}
        quality = self._quality(self.model)
        values |= quality
        for name, value in values.items():
            if not math.isfinite(value):
                check_finite(self.model)
                raise Diverged(f"{name} is {value} at step {step}")
        values["images_per_second"] = round((step - before) * self._images_per_step / max(now - then, 1e-9), 1)
        self._metrics_log.write(values)
        self._events.scalars(step, {name: value for name, value in values.items() if name not in ("step", "images")})
        self._events.histograms(step, self._histograms(held_out))
        self._events.flush()
        self._progress.log(step, values, quality)
        self._previous = (step, time.monotonic())

    def _histograms(self, held_out):
        weights = {f"critic/{variable.path}": variable.value for variable in self.model.critic.trainable_variables}
        if "gradient_norm" in held_out:
            weights["validation_gradient_norms"] = held_out["gradient_norm"]
        return weights


class Samples(EverySteps):
    """Pictures of the same latents, as files and in TensorBoard."""

    def __init__(self, every, start, last, *, directory, events, seed, source, dequantized):
        """
        Args:
          directory: pathlib.Path for step-NNNNNNNN.png.
          events: `EventWriter`.
          seed: int; the pictures show the first samples of `GAN.generate` with it.
          source: `data.source.Source`.
          dequantized: see `pictures.to_uint8`.
        """
        super().__init__(every, start, last)
        self._directory, self._events, self._seed = directory, events, seed
        self._split, self._dequantized = source.train, dequantized
        self._count = _GRID if source.kind == "images" else _CLOUD
        # not the first ones: many a data set is sorted by class
        rows = np.random.default_rng(seed).permutation(len(source.train))[: self._count]
        self._real = source.train.samples[rows]

    def on_train_begin(self, logs=None):
        if self._start == 0:
            picture = pictures.draw_real(self._real)
            pictures.write(self._directory / "real.png", picture)
            self._events.image(0, "real", picture)
            self.act(0, logs)

    def act(self, step, logs):
        samples = generated(self.model, self._split, self._count, self._seed, self._dequantized)
        picture = pictures.draw(samples, self._real)
        pictures.write(self._directory / f"step-{step:08d}.png", picture)
        self._events.image(step, "samples", picture)
        self._events.flush()


class Saves(EverySteps):
    """Checkpoints, after everything that the step logged is on disk."""

    def __init__(self, every, start, last, *, checkpoints, metrics_log, events, stop):
        """
        Args:
          checkpoints: `Checkpoints`.
          metrics_log: `MetricsLog`.
          events: `EventWriter`.
          stop: `stopping.Stop`; a requested stop ends the run after a checkpoint.
        """
        super().__init__(every, start, last)
        self._checkpoints, self._metrics_log, self._events, self._stop = checkpoints, metrics_log, events, stop

    def on_train_batch_end(self, batch, logs=None):
        if self._stop.requested is not None:
            self.act(self._start + batch + 1, logs)
            self.model.stop_training = True
        else:
            super().on_train_batch_end(batch, logs)

    def act(self, step, logs):
        self._events.flush()
        self._metrics_log.sync()
        self._checkpoints.save()

"""What looks at a run while it trains: held-out values, quality, the log, pictures, checkpoints.

Each has `see(model, step, found)`, called at its `events.Event`; what it returns, {name: float}, those after it find.
"""

import math
import time

import numpy as np
import tensorflow as tf

from wgangp_tf.errors import Diverged
from wgangp_tf.gan import sampling
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.samples import drawing
from wgangp_tf.training.checkpoints import check_finite

_QUALITY_SAMPLES = 2048  # that the quick metrics of a log are of


class Gathered:
    """What the steps since the last log said; a step that was not finite ends the run here."""

    def __init__(self, summary):
        """
        Args:
          summary: `summary.Summary`.
        """
        self._summary = summary

    def see(self, model, step, found):
        check(self._summary)
        return self._summary.take()


class HeldOut:
    """What the critic says of samples it does not learn from."""

    def __init__(self, batches, batch_size, histograms):
        """
        Args:
          batches: list of held-out batches as `GAN.held_out_values` takes them.
          batch_size: int, fakes made at a time: as many as a critic update sees.
          histograms: dict that gets the gradient norms of single samples, for a picture.
        """
        self._batches, self._batch_size, self._histograms = batches, batch_size, histograms
        self._values = None

    def see(self, model, step, found):
        if self._values is None:

            def values(batch, part):
                return model.held_out_values(batch, part, fakes=self._batch_size)

            self._values = tf.function(values, autograph=False, reduce_retracing=True)
        parts = [self._values(batch, tf.constant(part)) for part, batch in enumerate(self._batches)]
        values = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
        self._histograms["validation_gradient_norms"] = values.get("gradient_norm", np.zeros(0))
        return {f"validation_{name}": float(value.mean(dtype=np.float64)) for name, value in values.items()}


class Quality:
    """The metrics that take no longer than a step."""

    def __init__(self, split, seed):
        """
        Args:
          split: `data.source.Split` of real samples.
          seed: int; they measure the first samples of `GAN.generate` with it.
        """
        self._seed = seed
        self._evaluators = [metrics.make(name, split, seed=seed) for name in metrics.quick(split)]

    def see(self, model, step, found):
        if not self._evaluators or "evaluation_seconds" in found:  # which has measured them, of more samples
            return {}
        fake, values = generated(model, _QUALITY_SAMPLES, self._seed), {}
        for evaluator in self._evaluators:
            evaluator.update(fake)
            values |= evaluator.result()
        return values


class Log:
    """Numbers to metrics.jsonl, TensorBoard and the progress display."""

    def __init__(self, *, metrics_log, events, progress, images_per_step, step, seconds, histograms):
        """
        Args:
          metrics_log: `metrics_log.MetricsLog`.
          events: `tensorboard.EventWriter`.
          progress: `progress.Progress`.
          images_per_step: int, real samples seen in a step.
          step: int, where this process begins.
          seconds: float, that the run took before.
          histograms: {name: array} of what is no number, found by others.
        """
        self._metrics_log, self._events, self._progress = metrics_log, events, progress
        self._images_per_step = images_per_step
        self._histograms = histograms
        self._step = step
        self._began = time.monotonic() - seconds
        self._then = time.monotonic()

    def traced(self, step):
        """The graphs are traced, `step` is done: what comes before it is no measure of speed."""
        self._step, self._then = step, time.monotonic()

    def see(self, model, step, found):
        now = time.monotonic()
        values = {"step": step, "images": step * self._images_per_step, "seconds": round(now - self._began, 3)} | found
        for name, value in values.items():
            if not math.isfinite(value):
                check_finite(model)
                raise Diverged(f"{name} is {value} at step {step}")
        if step > self._step:
            training = now - self._then - values.get("evaluation_seconds", 0.0)  # an evaluation trains nothing
            speed = (step - self._step) * self._images_per_step / max(training, 1e-9)
            values["images_per_second"] = round(speed, 1)
        self._metrics_log.write(values)
        self._events.scalars(step, {name: value for name, value in values.items() if name not in ("step", "images")})
        self._events.histograms(step, self._weights(model) | self._histograms)
        self._events.flush()
        self._progress.log(step, values)
        self._step, self._then = step, time.monotonic()
        return values

    def _weights(self, model):
        return {f"weights/critic/{variable.path}": variable.value for variable in model.critic.trainable_variables}


class Pictures:
    """Pictures of the same latents, as files and in TensorBoard."""

    def __init__(self, *, directory, events, seed, source, conditional=False):
        """
        Args:
          directory: pathlib.Path for step-NNNNNNNN.png.
          events: `tensorboard.EventWriter`.
          seed: int; the pictures show the first samples of `GAN.generate` with it.
          source: `data.source.Source`.
          conditional: whether the model takes classes: there is a column for each then.
        """
        self._directory, self._events, self._seed = directory, events, seed
        self._spec = source.spec
        self._columns = drawing.columns_of(source.spec, conditional)
        if self._columns is not None:
            rows = self._columns.real(source.train.labels, seed)
        else:
            # not the first ones: many a data set is sorted by class
            rows = np.random.default_rng(seed).permutation(len(source.train))[: self._spec.drawn]
        self._real = source.train.samples[rows]

    def begin(self, model):
        """Real samples, and what the untrained generator makes."""
        if self._spec.drawable:
            picture = drawing.picture_of_real(self._spec, self._real, self._columns)
            drawing.write(self._directory / "real.png", picture)
            self._events.image(0, "real", picture)
            self.see(model, 0, {})

    def see(self, model, step, found):
        if self._spec.drawable:
            self._events.image(step, "samples", self._draw(model, step))
            self._events.flush()

    def leave(self, model, step):
        """The picture at which a run is stopped, as a file alone: a run left alone would not have it."""
        if self._spec.drawable:
            self._draw(model, step)

    def _draw(self, model, step):
        labels = None if self._columns is None else self._columns.of_samples
        count = self._spec.drawn if labels is None else len(labels)
        samples = generated(model, count, self._seed, labels)
        picture = drawing.picture(self._spec, samples, self._real, self._columns)
        drawing.write(self._directory / f"step-{step:08d}.png", picture)
        return picture


class Saves:
    """Checkpoints, after the line that the step logged is on disk, and its TensorBoard events are handed over."""

    def __init__(self, *, checkpoints, metrics_log, events, summary):
        """
        Args:
          checkpoints: `checkpoints.Checkpoints`.
          metrics_log: `metrics_log.MetricsLog`.
          events: `tensorboard.EventWriter`.
          summary: `summary.Summary`.
        """
        self._checkpoints, self._metrics_log, self._events = checkpoints, metrics_log, events
        self._summary = summary
        self._saved = None

    def see(self, model, step, found):
        check(self._summary)
        if step == self._saved:  # replaced by itself it would be gone for a moment
            return
        self._events.flush()
        self._metrics_log.sync()
        self._checkpoints.save()
        self._saved = step


def check(summary):
    """Raises `Diverged` where a step since the last log was not finite."""
    fault = summary.fault()
    if fault is not None:
        raise Diverged(fault)


def generated(model, count, seed, labels=None):
    """The first samples of a seed, in the units of the real ones: array [count, *sample]; see `GAN.generate`."""
    return np.concatenate(list(generated_blocks(model, count, seed, labels)))


def generated_blocks(model, count, seed, labels=None):
    """Yields what `generated` gives, some samples at a time.

    Raises:
      Diverged: a value is not finite.
    """
    for samples in model.generated_chunks(count, seed, labels):
        if not np.isfinite(samples).all():
            raise Diverged(f"generated samples are not finite at step {model.steps_done}")
        yield model.codec.encode(samples).numpy()


def labels_of(model):
    """A callable (count, seed) -> int32 [count], of the classes that `generated` makes; None where it takes none."""
    if model.class_shares is None:
        return None
    return lambda count, seed: sampling.labels_of(count, seed, model.class_shares)

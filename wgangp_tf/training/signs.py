"""What a run's health is read from, measured at each log: weights, samples, waiting; and what is said of it.

Observers as in `observers`. Only the chief has them: they look at the process' own copies of the weights.
"""

import math

import numpy as np
import tensorflow as tf

from wgangp_tf.gan import sampling
from wgangp_tf.training import health

NAMES = (
    "generator_weight_norm",
    "critic_weight_norm",
    "generator_update",
    "critic_update",
    "diversity",
    "distance_of_means",
    "saturated",
    "saturated_real",
    "waiting_seconds",
)
SAMPLES = 128  # at a log: 256 took 0.8 % of the default run, measured by benchmarks/health_cost.py
_VALUES = 2**23  # of all of them at most, so that large pictures take no more than 100 MB
_FEWEST = 16
_DEVIATIONS = 3.0  # of what chance does: samples of equal distributions are told apart once in fifty
_LEVEL = 1 / 255  # of a picture's value, in [−1, 1]: nearer to an end it is the outermost grey level


class Weights:
    """Norms of both networks' trainable weights, and how far the last step moved them."""

    def __init__(self):
        self._before, self._step = None, None

    def before(self, model, step):
        """Keeps the weights as they are after `step`: told before a step that a log comes after."""
        # a tensor, no copy: an update of a variable whose value is held makes a new one
        self._before = {
            name: [tf.convert_to_tensor(w.value) for w in weights] for name, weights in _weights(model).items()
        }
        self._step = step

    def see(self, model, step, found):
        values = {}
        for name, weights in _weights(model).items():
            now = [np.asarray(weight.value) for weight in weights]
            values[f"{name}_weight_norm"] = norm = _norm(now)
            if self._step == step - 1:
                moved = _norm([after - np.asarray(then) for after, then in zip(now, self._before[name], strict=True)])
                values[f"{name}_update"] = moved / max(norm, np.finfo(np.float32).tiny)
        self._before = self._step = None  # their memory is free again
        return values


class Samples:
    """How the first samples of a seed lie beside real ones, in the units of the networks."""

    def __init__(self, model, split, seed):
        """
        Args:
          model: `GAN`, whose codec knows the units.
          split: `data.source.Split` of real samples.
          seed: int; they are the first samples of `GAN.generate` with it.
        """
        spec = model.codec.spec
        self._count = int(np.clip(_VALUES // np.prod(spec.shape), _FEWEST, SAMPLES))
        chunks = -(-self._count // sampling.CHUNK)
        # drawn once: that takes longer than to make samples of them by a small network
        self._inputs = [
            (sampling.inputs_of_chunk(seed, chunk, model.latent_dim, model.class_shares), sampling.place(seed, chunk))
            for chunk in range(chunks)
        ]
        rows = np.random.default_rng(seed).permutation(len(split))[: self._count]
        real = _flat(model.codec.decode(split.samples[rows]))
        self._least, self._greatest = (-1 + _LEVEL, 1 - _LEVEL) if spec.kind == "images" else (real.min(), real.max())
        self._real = _Statistics(real)
        self._saturated = self._share_at_bound(real)

    def see(self, model, step, found):
        samples = _flat(self.generated(model))
        fake, values = _Statistics(samples), {}
        if self._real.distance > 0:  # else there is nothing to compare with
            values["diversity"] = fake.distance / self._real.distance
        return values | {
            "distance_of_means": fake.distance_of_means(self._real),
            "saturated": self._share_at_bound(samples),
            "saturated_real": self._saturated,
        }

    def generated(self, model):
        """The first samples of the seed, as `GAN.generate` gives them."""
        sampler = model.sampler()
        return np.concatenate([np.asarray(sampler(*inputs, place=place)) for inputs, place in self._inputs])[
            : self._count
        ]

    def _share_at_bound(self, samples):
        return float(np.mean((samples <= self._least) | (samples >= self._greatest)))


class _Statistics:
    """Mean, variance and mean distance of samples [n, values], n at least 1."""

    def __init__(self, samples):
        count = len(samples)
        self._mean = samples.mean(axis=0)
        centred = samples - self._mean
        squares = np.square(centred).sum(axis=1)
        # of the estimated mean, summed over values
        self._variance = squares.sum() / max(count - 1, 1) / count
        products = centred @ centred.T
        # sum of the squares of the covariance's eigenvalues, of that same mean: few for samples of few values
        self._spread = np.square(products).sum() / max(count - 1, 1) ** 2 / count**2
        distances = squares[:, None] + squares - 2 * products
        np.fill_diagonal(distances, 0)
        self.distance = float(np.sqrt(np.maximum(distances, 0)).sum() / max(count * (count - 1), 1))

    def distance_of_means(self, other):
        """Without what chance adds to the square of it: 0 where it cannot be told from that.

        The square of the difference of two means of equal distributions is V on average, the sum of both variances, and
        varies by √2·‖Σ‖ around that, Σ the sum of both covariances: little beside V for pictures, as much as V for
        points of the plane.
        """
        square = np.square(self._mean - other._mean).sum() - self._variance - other._variance
        by_chance = np.sqrt(2.0) * (np.sqrt(self._spread) + np.sqrt(other._spread))
        return float(np.sqrt(square)) if square > _DEVIATIONS * by_chance else 0.0


class Waiting:
    """Seconds that training waited for data since the last log; none in a run that must repeat itself exactly."""

    def __init__(self, stretches):
        """
        Args:
          stretches: `stretches.Stretches`.
        """
        self._stretches = stretches

    def see(self, model, step, found):
        waited = self._stretches.take_waited()
        return {} if waited is None else {"waiting_seconds": round(waited, 6)}


class Health:
    """Says what a log shows that the one before did not, and what is over."""

    def __init__(self, *, config, lines, events, say):
        """
        Args:
          config: `config.Config`.
          lines: list of the events in metrics.jsonl that the run goes on from.
          events: `tensorboard.EventWriter`.
          say: callable of one line.
        """
        self._course = health.Course(config)
        for line in lines:
            self._course.take(line)
        self._events, self._say = events, say

    def see(self, model, step, found):
        began, ended = self._course.take(found)
        told = [(verdict, f"health: {verdict.text}") for verdict in began]
        told += [(verdict, f"health: it is over that {verdict.name}") for verdict in ended]
        for _, line in told:
            self._say(line)
        for tag, by_clock in (("health", False), ("health_by_the_clock", True)):
            lines = [line for verdict, line in told if verdict.by_clock == by_clock]
            if lines:
                self._events.text(step, tag, "\n\n".join(lines))

    def end(self):
        """A summary of the whole run."""
        for line in self._course.summary():
            self._say(line)


def _weights(model):
    return {name: getattr(model, name).trainable_variables for name in ("generator", "critic")}


def _norm(arrays):
    """Euclidean, over all values of all float32 arrays."""
    return math.sqrt(sum(float(np.dot(array.ravel(), array.ravel())) for array in arrays))


def _flat(samples):
    samples = np.asarray(samples, np.float64)
    return samples.reshape(len(samples), -1)

"""Memorising: whether generated samples lie nearer to the training samples than other real samples do.

    nearest_training_distance          = mean over generated samples of the distance to the nearest training sample
    nearest_training_distance_held_out = the same over held-out real samples
    nearest_training_ratio             = the first over the second

Euclidean distances of features. The ratio is about 1 for samples that are as new as held-out ones, and towards 0 for
copies of training samples. It is above 1 for samples that resemble nothing, so it says something of good samples only;
and what is blurred lies nearer to everything. Estimator: plain means over all samples given. Neither depends on how
many generated or held-out samples there are, both do on how many training samples. The real samples must be those that
the generator was trained on.

Source: the picture of nearest neighbours is common (Goodfellow et al. 2014, Fig. 2); the comparison with held-out
samples follows Meehan et al. 2020, "A Non-Parametric Test to Detect Data-Copying in Generative Models", with a ratio of
means in place of their rank test.
"""

import numpy as np

from wgangp_tf.errors import UserError
from wgangp_tf.metrics.evaluator import Block, Measure, RealSide
from wgangp_tf.metrics.features import Pixels, Rows
from wgangp_tf.metrics.neighbours import distances_between, placed


class Memorising(Measure):
    """See `registry.METRICS`: in the units of the features; every generated sample is kept."""

    keeps_real = True

    def prepare(self):
        held_out = Rows(self.features)
        for block in self.real.held_out_blocks():
            held_out.add(block)
        self._of_held_out = self._mean_of(held_out)
        if self._of_held_out == 0:
            raise UserError("held-out samples must be no training samples. Received: all of them are")

    def take(self, block):
        self._fake.add(block)

    def result(self):
        found = self._mean_of(self._fake)
        return {
            "nearest_training_distance": found,
            "nearest_training_distance_held_out": self._of_held_out,
            "nearest_training_ratio": found / self._of_held_out,
        }

    def reset(self):
        self._fake = Rows(self.features)

    def _mean_of(self, rows):
        return nearest(lambda: self.real.rows(self.features), rows.blocks, 1)[0].mean()


def nearest_pictures(real, fake, *, features=None, neighbours=5):
    """The training pictures nearest to each of some generated ones.

    Args:
      real: the training samples, see `registry.make`.
      fake: uint8 [n, height, width, 1 or 3]: ten or so.
      features: what distances are of, see `features.named`; None for pixels.
      neighbours: int, how many to each; fewer where there are fewer.

    Returns:
      (uint8 [n, neighbours, height, width, 1 or 3], float64 [n, neighbours]): the pictures, nearest first, and their
      distances in units of the features.

    Raises:
      UserError: these are no pictures of 1 or 3 channels, or the real ones are others.
    """
    side, fake, features = RealSide(real, keep=False), np.asarray(fake), features or Pixels()
    if not side.pictures or len(side.shape) != 3 or side.shape[-1] not in (1, 3) or fake.shape[1:] != side.shape:
        raise UserError(
            "a picture of nearest neighbours needs pictures of 1 or 3 channels, real and generated ones alike. "
            f"Received: real {real.samples.dtype} of shape {side.shape}, generated {fake.dtype} of {fake.shape[1:]}"
        )
    rows = Block(fake).rows(features)
    distances, places = nearest(lambda: side.rows(features), lambda: [rows], neighbours)
    return np.asarray(real.samples[places.ravel()]).reshape(*places.shape, *side.shape), distances


def nearest(training, others, k):
    """The training samples nearest to each of other samples.

    Args:
      training, others: functions that yield the samples, float64 [n, d] each time.
      k: int, how many; all where there are fewer.

    Returns:
      (float64 [n, k], int64 [n, k]): distances, nearest first, and which training samples they are to.
    """
    found = []
    for place, known in placed(training):
        for number, rows in enumerate(others()):
            if number == len(found):
                found.append((np.empty((len(rows), 0)), np.empty((len(rows), 0), np.int64)))
            found[number] = _nearer(found[number], rows, known, place.start, k)
    lengths, places = zip(*found, strict=True)
    return np.concatenate(lengths), np.concatenate(places)


def _nearer(found, rows, known, start, k):
    """What was found for `rows`, with the samples `known`, which begin at place `start`, looked at as well."""
    some = np.argpartition(distances_between(rows, known), min(k, len(known)) - 1, axis=1)[:, :k]
    # inner products lose what is tiny, and the distance of a copy must be 0
    lengths = np.stack([np.linalg.norm(rows - known[column], axis=1) for column in some.T], axis=1)
    lengths, places = np.concatenate([found[0], lengths], axis=1), np.concatenate([found[1], some + start], axis=1)
    order = np.argsort(lengths, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(lengths, order, axis=1), np.take_along_axis(places, order, axis=1)

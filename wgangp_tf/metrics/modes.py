"""Modes covered and share of samples near a mode, where the modes are known (toy mixtures)."""

import numpy as np

from wgangp_tf.metrics.evaluator import Measure
from wgangp_tf.metrics.features import Pixels

_REACH = 4.0  # standard deviations; a Gaussian in the plane leaves exp(−8), 1 in 3,000, outside


class Modes(Measure):
    """See `registry.METRICS`: in the units of the points, or in pixels of [0, 1] for images; a count a mode is kept."""

    def prepare(self):
        centres, self._sigma = self.real.modes
        self._centres = np.asarray(centres, np.float64)

    def take(self, block):
        nearest, close = _near(block.rows(_PIXELS), self._centres, self._sigma)
        self._met += np.bincount(nearest[close], minlength=len(self._centres))
        self._count += len(block)

    def result(self):
        return _values(self._met, self._count)

    def reset(self):
        self._met, self._count = 0, 0


_PIXELS = Pixels()


def modes_covered(samples, centres, sigma):
    """How well samples of a mixture of equal round Gaussians cover its modes.

    Args:
      samples: float [n, 2].
      centres: float [modes, 2].
      sigma: standard deviation of each mode, in the units of `samples`.

    Returns:
      {"modes_covered": number of modes with at least one sample within 4 sigma,
       "within_4_sigma": share of the samples within 4 sigma of their nearest centre, in [0, 1]}.

    Raises:
      ValueError: no samples.
    """
    samples, centres = np.asarray(samples, np.float64), np.asarray(centres, np.float64)
    if samples.ndim != 2 or len(samples) == 0:
        raise ValueError(f"Expected samples of shape [n, {centres.shape[1]}], n > 0. Received: {samples.shape}")
    nearest, close = _near(samples, centres, sigma)
    return _values(np.bincount(nearest[close], minlength=len(centres)), len(samples))


def _near(samples, centres, sigma):
    """(the nearest centre of each sample, int [n]; whether it is within reach, bool [n])."""
    distances = np.linalg.norm(samples[:, None] - centres, axis=-1)
    return distances.argmin(axis=1), distances.min(axis=1) <= _REACH * sigma  # a sample that is NaN is near nothing


def _values(met, count):
    """The two numbers of how often each mode was met, int [modes], by `count` samples."""
    return {"modes_covered": int(np.count_nonzero(met)), "within_4_sigma": float(met.sum() / count)}

"""Modes: how many of those that are known the samples have, and how far the samples' shares of them are from the real.

    modes_covered = number of modes with a sample
    modes_kl      = Σ p log(p / q) over the modes with a sample, natural logarithm

p is a mode's share of the samples that have a mode, q its share of the distribution, which is known and not counted:
equal for a mixture, the product of the shares of its classes where channels are drawn one by one. 0 for equal shares;
−log q if all samples are of one mode, log 1,000 = 6.9 for 1,000 equal ones. Where no sample has a mode it is said to be
as large as it can be, the −log of the least q. Both depend on the number of samples n: of M equally frequent modes,
samples of the distribution itself cover M(1 − exp(−n/M)) and have a divergence of about (M − 1)/2n.

A sample's mode is found in one of two ways. Of a mixture of Gaussians it is the nearest centre, if that is within 4
standard deviations. Where channels have classes, a classifier says the class of each: a support vector machine on
pixels, fitted once. It answers on pictures that are of no class, too: noise can cover many modes, so look at samples.
`within_4_sigma` is the share of samples with a mode, of mixtures alone.

Source: Metz et al. 2017, "Unrolled Generative Adversarial Networks" (1,000 modes of three digits, the
divergence); Srivastava et al. 2017, "VEEGAN" (both numbers; mixtures, where a sample counts within 3
standard deviations; 4 here leave exp(−8), 1 in 3,000, of a Gaussian in the plane outside).
"""

import numpy as np

from wgangp_tf.metrics.class_balance import SupportVectorClassifier
from wgangp_tf.metrics.evaluator import Measure
from wgangp_tf.metrics.features import Pixels

_REACH = 4.0  # standard deviations
_NONE = -1  # the mode of a sample that has none
_PIXELS = Pixels()


class _Modes(Measure):
    """Counts how often each mode was met; a count a mode is kept."""

    def prepare(self):
        modes = self.real.modes
        self._finder = Mixture(*modes) if isinstance(modes, tuple) else Channels(modes, self.real.shape)

    def take(self, block):
        found = self._finder.find(block)
        self._met += np.bincount(found[found != _NONE], minlength=len(self._finder.shares))
        self._count += len(found)

    def reset(self):
        self._met, self._count = 0, 0


class Modes(_Modes):
    """See `registry.METRICS`."""

    def result(self):
        return {"modes_covered": np.count_nonzero(self._met), "modes_kl": divergence(self._met, self._finder.shares)}


class NearModes(_Modes):
    """See `registry.METRICS`: in the units of the points, or in pixels of [0, 1] for images."""

    def result(self):
        return {"within_4_sigma": self._met.sum() / self._count}


def divergence(met, shares):
    """Kullback-Leibler divergence of the modes' shares among samples from those they should have.

    Args:
      met: int [modes], how many samples are of each.
      shares: float [modes], above 0, summing to 1.

    Returns:
      float, at least 0 but for rounding, at most −log of the least share.
    """
    if not met.any():
        return -np.log(shares.min())
    p, q = met[met > 0] / met.sum(), shares[met > 0]
    return np.sum(p * np.log(p / q))


class Mixture:
    """Modes of a mixture of equally frequent round Gaussians.

    Attributes:
      shares: float64 [modes], of the distribution.
    """

    def __init__(self, centres, sigma):
        self._centres, self._reach = np.asarray(centres, np.float64), _REACH * sigma
        self.shares = np.full(len(centres), 1 / len(centres))

    def find(self, block):
        """The mode of each sample, int [n], or −1 where it has none."""
        distances = np.linalg.norm(block.rows(_PIXELS)[:, None] - self._centres, axis=-1)
        return np.where(distances.min(axis=1) <= self._reach, distances.argmin(axis=1), _NONE)


class Channels:
    """Modes that are a class for each channel, see `data.source.ChannelClasses`.

    Attributes:
      shares: float64 [classes ** channels], of the distribution.
    """

    def __init__(self, modes, shape):
        """
        Args:
          modes: see `data.source.ChannelClasses`.
          shape: of a sample, (height, width, channels).

        Raises:
          UserError: there are too few pictures of a class to fit a classifier.
        """
        self._classifier = SupportVectorClassifier.fitted(_rows(modes.pictures), modes.labels)
        of_classes = np.unique(modes.labels, return_counts=True)[1] / len(modes.labels)
        self.shares = np.ones(1)
        for _ in range(shape[-1]):
            self.shares = np.outer(self.shares, of_classes).ravel()

    def find(self, block):
        """The mode of each sample, int [n]."""
        pictures, found = block.samples, 0
        for channel in range(pictures.shape[-1]):
            of_channel = self._classifier.places(_rows(pictures[..., channel]))
            found = found * len(self._classifier.classes) + of_channel
        return found


def _rows(pictures):
    """float64 [n, height × width] in [0, 1] of pictures of one channel."""
    return _PIXELS(pictures)[0]

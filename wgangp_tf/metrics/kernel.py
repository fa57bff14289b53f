"""Kernel distance: squared maximum mean discrepancy between features, with a polynomial kernel of degree 3.

    k(x, y) = (x·y / d + 1)³
    MMD² = mean k(x, x') + mean k(y, y') − 2 mean k(x, y),  over x ≠ x', y ≠ y'

Estimator: unbiased (pairs of a sample with itself are left out), so that it can be below 0; mean and standard deviation
(divided by the number of subsets) over 100 subsets, each of m real and m generated samples drawn without replacement,
m = 1,000 or half of the smaller set. The deviation is that of a subset, not of the mean. Called KID on the features of
Inception only.

Source: Bińkowski et al. 2018, "Demystifying MMD GANs"; Gretton et al. 2012, eq. 3.
"""

import numpy as np

from wgangp_tf.metrics.evaluator import Measure
from wgangp_tf.metrics.features import Rows

SUBSETS = 100
SUBSET_SIZE = 1000


class Kernel(Measure):
    """See `registry.METRICS`."""

    keeps_real = True

    def prepare(self):
        self.real.keep_rows(self.features)

    def take(self, block):
        self._fake.add(block)

    def result(self):
        size = min(SUBSET_SIZE, len(self.real) // 2, len(self._fake) // 2)
        draws, found = self.draws(0), []
        for _ in range(SUBSETS):
            real = self.real.take(self.features, draws.permutation(len(self.real))[:size])
            fake = self._fake.take(draws.permutation(len(self._fake))[:size])
            found.append(squared_mmd(real, fake))
        return {"kernel_distance": np.mean(found), "kernel_distance_std": np.std(found)}

    def reset(self):
        self._fake = Rows(self.features)


def squared_mmd(real, fake):
    """The unbiased estimate of MMD².

    Args:
      real: float64 [m, d], m at least 2.
      fake: float64 [n, d], n at least 2.

    Returns:
      float, may be below 0.
    """
    return _mean_of_pairs(real) + _mean_of_pairs(fake) - 2.0 * float(_kernel(real, fake).mean())


def _mean_of_pairs(rows):
    """Mean of the kernel over pairs of two different samples."""
    matrix = _kernel(rows, rows)
    return float((matrix.sum() - np.trace(matrix)) / (len(rows) * (len(rows) - 1)))


def _kernel(x, y):
    return (x @ y.T / x.shape[1] + 1.0) ** 3

"""Tables: each feature's mean, deviation and distribution, and how features go together, against the real ones.

    mean_error         = max over the features of |m − m'| / s
    deviation_error    = max over the features of |s' / s − 1|
    marginal_distance  = mean over the features of W₁ / s, of the values of a feature against the real ones (exact)
    correlation_error  = √ of the mean of (r − r')² over all pairs of features

m, s and r are the real mean, deviation (over N) and Pearson correlation, those with a mark the generated. A feature
that does not change in the real samples has a deviation of 1 here, and no correlations. Marginals say nothing of how
features go together beyond pairs; `wasserstein` does. The floor is the distance of two halves of the real samples: of
m real samples in each half it falls with 1/√m. Source: Vallender 1974, "Calculation of the Wasserstein Distance Between
Probability Distributions on the Line"; the summaries are ours.
"""

import numpy as np

from wgangp_tf.metrics.evaluator import Measure
from wgangp_tf.metrics.features import Pixels

_VALUES = Pixels()  # the features of a table are its own
_MOST_NUMBERS = 10**7  # of each side


class Marginals(Measure):
    """See `registry.METRICS`; the first generated samples count, up to ten million numbers."""

    def prepare(self):
        self._real = self.real.thinned(_VALUES, self._most())
        self._of_real = statistics(self._real)

    def take(self, block):
        room = self._most() - self._count
        if room > 0:
            self._parts.append(block.rows(_VALUES)[:room])
            self._count += len(self._parts[-1])

    def result(self):
        fake = np.concatenate(self._parts)
        mean, deviation, correlation = self._of_real
        of_fake = statistics(fake)
        differences = (of_fake[2] - correlation)[np.triu_indices(len(mean), 1)]
        return {
            "mean_error": np.max(np.abs(of_fake[0] - mean) / deviation),
            "deviation_error": np.max(np.abs(of_fake[1] / deviation - 1)),
            "marginal_distance": marginal_distance(fake, self._real, deviation),
            "marginal_distance_floor": marginal_distance(self._real[::2], self._real[1::2], deviation),
            "correlation_error": np.sqrt(np.mean(differences**2)) if len(differences) else 0.0,
        }

    def reset(self):
        self._parts, self._count = [], 0

    def _most(self):
        return max(_MOST_NUMBERS // self.real.shape[0], 2)


def statistics(samples):
    """What is compared of a table.

    Args:
      samples: float [n, features].

    Returns:
      (mean [features], deviation over N [features], Pearson correlation [features, features]), float64; a feature that
      does not change has a deviation of 1 and correlations of 0.
    """
    samples = np.asarray(samples, np.float64)
    mean, deviation = samples.mean(axis=0), samples.std(axis=0)
    still = deviation <= 1e-9 * np.abs(samples).max(axis=0)
    standard = np.where(still, 0.0, (samples - mean) / np.where(still, 1.0, deviation))
    return mean, np.where(still, 1.0, deviation), standard.T @ standard / len(samples)


def marginal_distance(some, others, deviation):
    """Mean over the features of the Wasserstein-1 distance of their values, [n, features] and [m, features]."""
    from scipy.stats import wasserstein_distance

    distances = [wasserstein_distance(a, b) for a, b in zip(some.T, others.T, strict=True)]
    return float(np.mean(np.divide(distances, deviation)))

"""Fréchet distance between Gaussians fitted to the features of real and of generated samples.

    d² = |μ_real − μ_fake|² + Tr(Σ_real + Σ_fake − 2 (Σ_real Σ_fake)^½)

(squared, as everyone reports it; called FID on the features of Inception only). Estimator: sample means and unbiased
covariances (divided by N − 1), so the distance itself is biased: it falls as 1/N with more generated samples and is
compared at equal N only. `frechet_distance_infinity` extrapolates it to infinitely many generated samples: a straight
line in 1/n through the mean distance of the two halves of them (every second sample) and that of all; for even N, twice
the distance less that mean. Its error is then of the order 1/N². What the finite number of real samples adds stays.

Source: Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule …"; Chong and Forsyth 2020, "Effectively
Unbiased FID and Inception Score and Where to Find Them" (who draw their line through 15 subsets; two halves have, in
simulations with Gaussians, the same bias and spread, and cost a fifth); Chan et al. 1983 for joining covariances.
"""

import numpy as np

from wgangp_tf.metrics.evaluator import Measure


class Moments:
    """Mean and covariance of samples as they come.

    Attributes:
      count: of samples.
      mean: float64 [d].
      scatter: float64 [d, d], the sum of (x − mean)(x − mean)ᵀ.
    """

    def __init__(self, count=0, mean=0.0, scatter=0.0):
        self.count, self.mean, self.scatter = count, mean, scatter

    def add(self, rows):
        """Takes samples in, float64 [n, d]."""
        if len(rows):
            mean = rows.mean(axis=0)
            # the step between the means is one row more, so that there is one product and no other matrix
            centred = np.concatenate([rows - mean, self._step(len(rows), mean)])
            self._join(len(rows), mean, centred.T @ centred)

    def join(self, other):
        """Takes the samples of other `Moments` in."""
        if other.count:
            step = self._step(other.count, other.mean)
            self._join(other.count, other.mean, other.scatter + step.T @ step)

    def _step(self, count, mean):
        """float64 [1, d], whose square is what the scatter of both grows by beside their own."""
        return (mean - self.mean)[None] * np.sqrt(self.count * count / (self.count + count))

    def _join(self, count, mean, scatter):
        self.scatter += scatter  # in place where it is a matrix already
        self.mean = self.mean + (mean - self.mean) * (count / (self.count + count))
        self.count += count

    @property
    def covariance(self):
        """float64 [d, d], divided by count − 1."""
        return self.scatter / (self.count - 1)


class Frechet(Measure):
    """See `registry.METRICS`; no samples are kept.

    The covariance of no more samples than there are features has directions without any spread: the distance then says
    mostly how few they were.
    """

    @property
    def enough_fake(self):
        return len(self._distance.mean) + 1

    def prepare(self):
        self._distance = self.real.once("Gaussian", self.features, self._distance_to_real)

    def _distance_to_real(self):
        return DistanceTo(Moments(**self.real.statistics("moments", self.features, self._moments_of_real)))

    def _moments_of_real(self, features):
        moments = Moments()
        for rows in self.real.rows(features):
            moments.add(rows)
        return vars(moments)

    def take(self, block):
        self._moments.add(block.rows(self.features))

    def result(self):
        return {"frechet_distance": self._distance(self._moments)}

    def reset(self):
        self._moments = Moments()


class FrechetInfinity(Frechet):
    """See `registry.METRICS`; two covariances are kept. Needs halves with more samples than there are features."""

    @property
    def least_fake(self):
        return 2 * (len(self._distance.mean) + 1)

    def take(self, block):
        rows = block.rows(self.features)
        for k, half in enumerate(self._halves):
            half.add(rows[(k + self._count) % 2 :: 2])
        self._count += len(rows)

    def result(self):
        of_halves = np.mean([self._distance(half) for half in self._halves])
        inverse = np.mean([1 / half.count for half in self._halves])
        whole = self._halves[0]
        whole.join(self._halves[1])
        of_all = self._distance(whole)
        slope = (of_halves - of_all) / (inverse - 1 / whole.count)
        return {"frechet_distance_infinity": of_all - slope / whole.count}

    def reset(self):
        self._halves, self._count = (Moments(), Moments()), 0


class DistanceTo:
    """The distance to one Gaussian, whose matrix root is computed once.

    Attributes:
      mean: float64 [d], of that Gaussian.
    """

    def __init__(self, moments):
        """
        Args:
          moments: `Moments` of at least two samples.
        """
        covariance = moments.covariance
        values, vectors = np.linalg.eigh(covariance)
        self.mean = moments.mean
        self._root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
        self._trace = np.trace(covariance)

    def __call__(self, moments):
        """The squared distance to the Gaussian of other `Moments`, at least 0."""
        # R Σ R with R² = Σ_real is similar to Σ_real Σ and symmetric: its eigenvalues are real, and fast to compute
        values = np.linalg.eigvalsh(self._root @ moments.covariance @ self._root)
        root_trace = np.sqrt(np.maximum(values, 0.0)).sum()
        step = self.mean - moments.mean
        return max(0.0, float(step @ step + self._trace + np.trace(moments.covariance) - 2.0 * root_trace))

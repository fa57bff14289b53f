"""Precision, recall, density and coverage: how two sets of samples lie in each other's neighbourhoods.

Every sample of a set spans a ball that reaches to its k-th nearest neighbour within its own set; the union of the balls
stands for the region its distribution covers. Which samples of the other set lie in which balls gives four numbers.

Source: Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative Models" (precision and
recall); Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models" (density and coverage).
"""

import numpy as np

from wgangp_tf.config import check_range
from wgangp_tf.errors import UserError
from wgangp_tf.metrics.evaluator import Measure
from wgangp_tf.metrics.features import Rows, array_blocks

NEIGHBOURS = 5
_TIE = 1e-7  # of the largest norm: distances come from inner products, whose rounding must not break ties


class Neighbours(Measure):
    """See `registry.METRICS`. Distances are computed between blocks, and those among real samples once."""

    keeps_real = True

    def prepare(self):
        total = sum(rows.sum(axis=0) for rows in self.real.rows(self.features))
        self._centre = total / len(self.real)
        self._reaches = _reaches(self._real_blocks, NEIGHBOURS)

    def take(self, block):
        self._fake.add(block)

    def result(self):
        return _four_numbers(self._real_blocks, self._reaches, self._fake_blocks, NEIGHBOURS)

    def reset(self):
        self._fake = Rows(self.features)

    def _real_blocks(self):
        return (rows - self._centre for rows in self.real.rows(self.features))

    def _fake_blocks(self):
        return (rows - self._centre for rows in self._fake.blocks())


def precision_recall_density_coverage(real, fake, k=NEIGHBOURS):
    """The four numbers, over all samples given and without random draws.

    With N real samples X, M generated samples Y, and B(x) the closed ball around x that reaches to the k-th nearest
    neighbour of x in its own set, x itself not counted:

        precision = 1/M     Σ_j 1[Y_j in some B(X_i)]      in [0, 1]
        recall    = 1/N     Σ_i 1[X_i in some B(Y_j)]      in [0, 1]
        density   = 1/(kM)  Σ_j Σ_i 1[Y_j in B(X_i)]       in [0, N/k], about 1 for equal distributions
        coverage  = 1/N     Σ_i 1[some Y_j in B(X_i)]      in [0, 1]

    Precision and density ask whether generated samples are realistic, recall and coverage whether they are diverse.
    The numbers depend on N, M and k: compare only those of equal ones. Equal distributions do not give 1 (N = M and
    k = 5: coverage about 0.97, Naeem et al. 2020, lemma 2).

    Args:
      real: float array [N, d], Euclidean distances between its rows mean something.
      fake: float array [M, d].
      k: int, the neighbour that a ball reaches to, at least 1.

    Returns:
      {"precision", "recall", "density", "coverage": float}.

    Raises:
      UserError: an array is not [n, d] of finite numbers, d differs, or a set has not more than k samples.
    """
    check_range("k", k, 1, 1_000_000)
    real, fake = _checked("real", real, k), _checked("fake", fake, k)
    if real.shape[1] != fake.shape[1]:
        raise UserError(f"real and fake must have the same length of row. Received: {real.shape} and {fake.shape}")
    centre = real.mean(axis=0)  # distances stay, norms shrink, and rounding with them
    real_blocks, fake_blocks = array_blocks(real - centre), array_blocks(fake - centre)
    return _four_numbers(real_blocks, _reaches(real_blocks, k), fake_blocks, k)


def _four_numbers(real_blocks, real_reaches, fake_blocks, k):
    """See `precision_recall_density_coverage`.

    Args:
      real_blocks, fake_blocks: functions that yield the samples, float64 [n, d] each time, around a common centre.
      real_reaches: see `_reaches`.
      k: int.
    """
    tie = _TIE * max(_greatest_norm(real_blocks), _greatest_norm(fake_blocks))
    real_reaches, fake_reaches = real_reaches + tie, _reaches(fake_blocks, k) + tie
    balls = np.zeros(len(fake_reaches), np.int64)  # of real samples, that each fake lies in
    real_met, real_inside = np.zeros(len(real_reaches), bool), np.zeros(len(real_reaches), bool)
    for i, real in placed(real_blocks):
        for j, fake in placed(fake_blocks):
            distances = distances_between(real, fake)
            in_real = distances <= real_reaches[i, None]
            balls[j] += in_real.sum(axis=0)
            real_met[i] |= in_real.any(axis=1)
            real_inside[i] |= (distances <= fake_reaches[j]).any(axis=1)
    return {
        "precision": float(np.mean(balls > 0)),
        "recall": float(np.mean(real_inside)),
        "density": float(balls.sum() / (k * len(balls))),
        "coverage": float(np.mean(real_met)),
    }


def _reaches(blocks, k):
    """Distance of each sample to its k-th nearest neighbour, itself not counted: float64 [samples]."""
    found = []
    for i, some in placed(blocks):
        nearest = np.empty((len(some), 0))
        for j, others in placed(blocks):
            distances = distances_between(some, others)
            if i == j:
                np.fill_diagonal(distances, np.inf)
            nearest = np.concatenate([nearest, distances], axis=1)
            nearest = np.partition(nearest, min(k, nearest.shape[1]) - 1, axis=1)[:, :k]
        found.append(nearest.max(axis=1))
    return np.concatenate(found)


def distances_between(some, others):
    """Euclidean distances, float64 [n, m], by inner products."""
    from sklearn.metrics import pairwise_distances

    return pairwise_distances(some, others)


def _greatest_norm(blocks):
    return max(np.linalg.norm(rows, axis=1).max() for rows in blocks())


def placed(blocks):
    """Yields (slice that a block has among all samples, block)."""
    start = 0
    for rows in blocks():
        yield slice(start, start + len(rows)), rows
        start += len(rows)


def _checked(name, samples, k):
    samples = np.asarray(samples, np.float64)
    if samples.ndim != 2 or samples.shape[1] < 1:
        raise UserError(f"{name} must be samples in rows, [n, d]. Received: an array of shape {samples.shape}")
    if len(samples) <= k:
        raise UserError(f"{name} must have more than k={k} samples. Received: {len(samples)}")
    if not np.isfinite(samples).all():
        raise UserError(f"{name} must be finite. Received: nan or infinity in {name}")
    return samples

"""Precision, recall, density and coverage: how two sets of samples lie in each other's neighbourhoods.

Every sample of a set spans a ball that reaches to its k-th nearest neighbour within its own set; the union of the balls
stands for the region its distribution covers. Which samples of the other set lie in which balls gives four numbers.

Source: Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative Models" (precision and
recall); Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models" (density and coverage).
"""

import numpy as np

from wgangp_tf.config import check_range
from wgangp_tf.errors import UserError
from wgangp_tf.metrics.features import pixels

NEIGHBOURS = 5
_TIE = 1e-7  # of the largest norm: distances come from inner products, whose rounding must not break ties


def measure(real, fake):
    """See `registry.Row`: the four numbers, in pixels of [0, 1] for images."""
    return precision_recall_density_coverage(pixels(real.samples), pixels(fake))


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
    real, fake = real - centre, fake - centre
    fakes_in, real_met = _membership(real, k, fake)
    reals_in, _ = _membership(fake, k, real)
    return {
        "precision": float(np.mean(fakes_in > 0)),
        "recall": float(np.mean(reals_in > 0)),
        "density": float(fakes_in.sum() / (k * len(fake))),
        "coverage": float(np.mean(real_met)),
    }


def _membership(centres, k, points):
    """(in how many balls of `centres` each point lies: int [points], whether each ball has a point: bool [centres])."""
    from sklearn.metrics import pairwise_distances_chunked
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(centres)
    radii = nearest.kneighbors()[0][:, -1]  # without an argument a sample is not its own neighbour
    radii = radii + _TIE * max(np.linalg.norm(centres, axis=1).max(), np.linalg.norm(points, axis=1).max())
    counts, met = [], np.zeros(len(centres), bool)
    for distances in pairwise_distances_chunked(points, centres):
        inside = distances <= radii
        counts.append(inside.sum(axis=1))
        met |= inside.any(axis=0)
    return np.concatenate(counts), met


def _checked(name, samples, k):
    samples = np.asarray(samples, np.float64)
    if samples.ndim != 2 or samples.shape[1] < 1:
        raise UserError(f"{name} must be samples in rows, [n, d]. Received: an array of shape {samples.shape}")
    if len(samples) <= k:
        raise UserError(f"{name} must have more than k={k} samples. Received: {len(samples)}")
    if not np.isfinite(samples).all():
        raise UserError(f"{name} must be finite. Received: nan or infinity in {name}")
    return samples

"""The exact Wasserstein-1 distance of two sets of samples: the cheapest way to turn one into the other."""

import numpy as np


def assigned(some, others):
    """The cheapest way to pair two sets.

    Args:
      some, others: float [n, d]. Where one of them lies in clumps, it is several times faster as `others`.

    Returns:
      (int64 [n], float64 [n]): which of `others` goes with each of `some`, and how far it is.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    costs = cdist(np.asarray(some, np.float64), np.asarray(others, np.float64))
    rows, columns = linear_sum_assignment(costs)
    return columns, costs[rows, columns]


def distance(some, others):
    """Mean Euclidean distance of optimally assigned pairs.

    It is the exact Wasserstein-1 distance of the two sets. Of the distributions they were drawn from it is an estimate
    that is too large: two sets drawn from one distribution are apart as well.

    Args:
      some, others: float [n, d].

    Returns:
      float, in the units of the samples.
    """
    return float(assigned(some, others)[1].mean())


def limit(counts, distances):
    """What distances of sets of n samples come to for n → ∞: a of the fit a + b·n^(−1/2).

    Args:
      counts: int [k], n of each.
      distances: float [k]; they scatter by about n^(−1/2), so each has the weight n.

    Returns:
      (a, b, standard error of a).
    """
    roots = np.sqrt(np.asarray(counts, np.float64))
    columns = np.stack([roots, np.ones_like(roots)], axis=1)  # √n times the fit: every row scatters alike
    wanted = roots * np.asarray(distances, np.float64)
    (a, b), *_ = np.linalg.lstsq(columns, wanted, rcond=None)
    variance = np.sum((wanted - columns @ [a, b]) ** 2) / (len(roots) - 2)
    return float(a), float(b), float(np.sqrt(variance * np.linalg.inv(columns.T @ columns)[0, 0]))

"""What distances of sets of samples come to in the limit of many samples."""

import numpy as np


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

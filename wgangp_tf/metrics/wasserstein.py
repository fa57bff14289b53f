"""The exact Wasserstein-1 distance of two sets of samples: the cheapest way to turn one into the other.

    W₁ = min over pairings of mean |x_i − y_i|

Estimator: exact for the samples paired, by optimal assignment; of the distributions behind them it is too large, the
more so the fewer samples and the more dimensions. So `wasserstein_floor` stands beside it: the same between two
disjoint sets of real samples, as many as the generated ones are paired with. The sets have n samples each, drawn
without replacement: n = 1,000, or half of the real samples, or all generated ones, whichever is least. Distances of
different n do not compare.

Source: Villani 2009, "Optimal Transport", definition 6.1; SciPy's assignment after Crouse 2016, "On implementing 2D
rectangular assignment algorithms". The floor is ours.
"""

import numpy as np

from wgangp_tf.metrics.evaluator import Measure
from wgangp_tf.metrics.features import Rows

MOST = 1000  # samples of a set: half a second, and four times that for twice as many


class Wasserstein(Measure):
    """See `registry.METRICS`: in the units of the features."""

    keeps_real = True

    def prepare(self):
        self.real.keep_rows(self.features)

    def take(self, block):
        self._fake.add(block)

    def result(self):
        size, draws = min(MOST, len(self.real) // 2, len(self._fake)), self.draws(0)
        chosen = draws.permutation(len(self.real))[: 2 * size]
        some, others = (self.real.take(self.features, rows) for rows in np.split(chosen, 2))
        fake = self._fake.take(draws.permutation(len(self._fake))[:size])
        return {"wasserstein": distance(fake, some), "wasserstein_floor": distance(others, some)}

    def reset(self):
        self._fake = Rows(self.features)


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

    Args:
      some, others: float [n, d].

    Returns:
      float, in the units of the samples.
    """
    return float(assigned(some, others)[1].mean())

import itertools

import numpy as np
import pytest

from wgangp_tf.experiments import transport


def test_points_on_a_line_are_assigned_in_order():
    # 0 → 1, 10 → 12: (1 + 2) / 2; the order that they come in does not matter
    some = np.array([[10.0, 0.0], [0.0, 0.0]])
    others = np.array([[1.0, 0.0], [12.0, 0.0]])
    assert transport.distance(some, others) == 1.5


def test_it_is_the_least_over_all_assignments():
    some, others = np.random.default_rng(0).normal(size=(2, 5, 2)).astype(np.float32)
    lengths = np.linalg.norm(some[:, None] - others, axis=-1)
    least = min(np.mean([lengths[i, j] for i, j in enumerate(order)]) for order in itertools.permutations(range(5)))
    assert transport.distance(some, others) == pytest.approx(least, rel=1e-6)
    assert transport.distance(some, some) == 0

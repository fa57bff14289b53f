import itertools

import numpy as np
import pytest

from wgangp_tf.experiments import transport


def test_points_on_a_line_are_assigned_in_order():
    # 0 → 1, 10 → 12: (1 + 2) / 2; the order that they come in does not matter
    some = np.array([[10.0, 0.0], [0.0, 0.0]])
    others = np.array([[1.0, 0.0], [12.0, 0.0]])
    assert transport.distance(some, others) == 1.5
    with_each, lengths = transport.assigned(some, others)
    np.testing.assert_array_equal(with_each, [1, 0])
    np.testing.assert_array_equal(lengths, [2, 1])


def test_it_is_the_least_over_all_assignments():
    some, others = np.random.default_rng(0).normal(size=(2, 5, 2)).astype(np.float32)
    lengths = np.linalg.norm(some[:, None] - others, axis=-1)
    least = min(np.mean([lengths[i, j] for i, j in enumerate(order)]) for order in itertools.permutations(range(5)))
    assert transport.distance(some, others) == pytest.approx(least, rel=1e-6)
    assert transport.distance(some, some) == 0


def test_a_set_that_was_moved_is_as_far_as_it_was_moved():
    points = np.random.default_rng(0).normal(size=(100, 2))
    for shift in ([3.0, 4.0], [0.03, 0.04]):  # beyond the set and within it
        moved = np.random.default_rng(1).permutation(points + shift)
        assert transport.distance(moved, points) == pytest.approx(np.linalg.norm(shift), rel=1e-9)


COUNTS = np.array([500, 500, 1000, 2000, 2000, 4000])


def test_the_limit_of_distances_that_are_on_the_curve():
    a, b, error = transport.limit(COUNTS, 0.7 + 3.0 * COUNTS**-0.5)
    assert (a, b, error) == pytest.approx((0.7, 3.0, 0.0), abs=1e-9)


def test_the_limit_of_distances_that_scatter_about_it_and_its_error():
    distances = 0.7 + (3.0 + np.random.default_rng(0).normal(size=6)) * COUNTS**-0.5
    (b, a), covariance = np.polyfit(COUNTS**-0.5, distances, 1, w=COUNTS**0.5, cov=True)
    found = transport.limit(COUNTS, distances)
    assert found == pytest.approx((a, b, np.sqrt(covariance[1, 1])), rel=1e-9)
    assert found[2] > 1e-3

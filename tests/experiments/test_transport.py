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


def test_each_goes_with_its_nearest_where_all_can():
    some, others = np.array([[0.0, 0.0], [5.0, 0.0], [9.0, 3.0]]), np.array([[9.0, 2.0], [0.0, 4.0], [6.0, 0.0]])
    columns, lengths = transport.assigned(some, others)
    np.testing.assert_array_equal(columns, [1, 2, 0])
    np.testing.assert_array_equal(lengths, [4, 1, 1])


def test_distances_that_fall_with_the_root_are_followed_to_their_limit():
    counts = np.array([500, 500, 1000, 2000, 4000])
    a, b, error = transport.limit(counts, 0.75 + 2.5 / np.sqrt(counts))
    assert (a, b) == (pytest.approx(0.75), pytest.approx(2.5)) and error == pytest.approx(0, abs=1e-9)


def test_the_error_of_the_limit_is_that_of_a_weighted_fit():
    counts = np.repeat([500, 1000, 2000, 4000], [6, 4, 3, 2])
    distances = 0.75 + 2.5 / np.sqrt(counts) + np.random.default_rng(0).normal(size=len(counts)) / np.sqrt(counts)
    (b, a), covariance = np.polyfit(1 / np.sqrt(counts), distances, 1, w=np.sqrt(counts), cov=True)
    assert transport.limit(counts, distances) == pytest.approx((a, b, np.sqrt(covariance[1, 1])))


def test_the_error_of_the_limit_is_how_far_it_scatters():
    random, counts = np.random.default_rng(0), np.repeat([500, 1000, 2000, 4000], [16, 8, 4, 2])
    found = [
        transport.limit(counts, 0.75 + 2.5 / np.sqrt(counts) + random.normal(size=len(counts)) / np.sqrt(counts))
        for _ in range(400)
    ]
    limits, _, errors = np.transpose(found)
    assert limits.mean() == pytest.approx(0.75, abs=0.01)
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(limits.std(), rel=0.15)

"""The exact Wasserstein-1 distance: points placed by hand, all assignments, and the metric on its own draws."""

import itertools

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.metrics import registry, wasserstein


def test_points_on_a_line_are_assigned_in_order():
    # 0 → 1, 10 → 12: (1 + 2) / 2; the order that they come in does not matter
    some = np.array([[10.0, 0.0], [0.0, 0.0]])
    others = np.array([[1.0, 0.0], [12.0, 0.0]])
    assert wasserstein.distance(some, others) == 1.5
    with_each, lengths = wasserstein.assigned(some, others)
    np.testing.assert_array_equal(with_each, [1, 0])
    np.testing.assert_array_equal(lengths, [2, 1])


def test_it_is_the_least_over_all_assignments():
    some, others = np.random.default_rng(0).normal(size=(2, 5, 2)).astype(np.float32)
    lengths = np.linalg.norm(some[:, None] - others, axis=-1)
    least = min(np.mean([lengths[i, j] for i, j in enumerate(order)]) for order in itertools.permutations(range(5)))
    assert wasserstein.distance(some, others) == pytest.approx(least, rel=1e-6)
    assert wasserstein.distance(some, some) == 0


def test_a_set_that_was_moved_is_as_far_as_it_was_moved():
    points = np.random.default_rng(0).normal(size=(100, 2))
    for shift in ([3.0, 4.0], [0.03, 0.04]):  # beyond the set and within it
        moved = np.random.default_rng(1).permutation(points + shift)
        assert wasserstein.distance(moved, points) == pytest.approx(np.linalg.norm(shift), rel=1e-9)


def test_the_metric_pairs_as_many_as_half_the_real_samples_and_so_does_its_floor(monkeypatch):
    draws = np.random.default_rng(0)
    real, fake = draws.normal(size=(21, 3)), draws.normal(size=(17, 3)) + 2
    for most, size in ((1000, 10), (8, 8)):
        monkeypatch.setattr(wasserstein, "MOST", most)
        measured = registry.measure("wasserstein", Split(real), fake, seed=3)
        draws = np.random.default_rng([3, 0])
        chosen = real[draws.permutation(21)]
        some, others, fakes = chosen[:size], chosen[size : 2 * size], fake[draws.permutation(17)[:size]]
        assert measured["wasserstein"] == pytest.approx(wasserstein.distance(fakes, some), rel=1e-12)
        assert measured["wasserstein_floor"] == pytest.approx(wasserstein.distance(others, some), rel=1e-12)
    few = registry.measure("wasserstein", Split(real), fake[:1], seed=3)
    assert few["wasserstein"] > 1 and few["wasserstein_floor"] > 0


def test_in_one_dimension_it_is_scipys():
    from scipy.stats import wasserstein_distance

    draws = np.random.default_rng(0)
    some, others = draws.normal(size=(50, 1)), draws.normal(size=(50, 1)) * 2 + 1
    expected = wasserstein_distance(some[:, 0], others[:, 0])
    assert wasserstein.distance(some, others) == pytest.approx(expected, rel=1e-9)


def test_equal_distributions_are_at_the_floor_and_moved_ones_beyond_it():
    draws = np.random.default_rng(0)
    real, same = draws.normal(size=(800, 2)), draws.normal(size=(400, 2))
    near, moved = (registry.measure("wasserstein", Split(real), fake) for fake in (same, same + [3.0, 4.0]))
    assert near["wasserstein"] == pytest.approx(near["wasserstein_floor"], rel=0.2)
    assert moved["wasserstein"] == pytest.approx(5, abs=0.2)

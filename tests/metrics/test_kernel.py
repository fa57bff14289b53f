"""The kernel distance against sums over pairs, and where the answer is known."""

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.metrics import kernel, registry


def by_loops(real, fake):
    """The unbiased estimate as the papers define it, one pair at a time."""

    def k(x, y):
        return (sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1) ** 3

    def within(rows):
        return np.mean([k(x, y) for i, x in enumerate(rows) for j, y in enumerate(rows) if i != j])

    return within(real) + within(fake) - 2 * np.mean([k(x, y) for x in real for y in fake])


def test_equals_the_definition():
    draws = np.random.default_rng(0)
    real, fake = draws.normal(size=(9, 3)), draws.normal(size=(7, 3)) + 0.5
    assert kernel.squared_mmd(real, fake) == pytest.approx(by_loops(real, fake), rel=1e-12)


def test_known_by_hand():
    # one dimension: k(1, 2) = 27 for the real pair, k(0, 1) = 1 for the fake one; across 1, 8, 1, 27 with mean 37/4
    assert kernel.squared_mmd(np.array([[1.0], [2.0]]), np.array([[0.0], [1.0]])) == 27 + 1 - 2 * 37 / 4


def test_mean_and_deviation_are_those_of_seeded_subsets_of_half_the_smaller_set(monkeypatch):
    monkeypatch.setattr(kernel, "SUBSETS", 7)
    draws = np.random.default_rng(0)
    real, fake = draws.normal(size=(21, 3)), draws.normal(size=(17, 3)) + 0.5
    measured = registry.measure("kernel", Split(real), fake, seed=3)
    draws, expected = np.random.default_rng([3, 0]), []
    for _ in range(7):
        chosen = real[draws.permutation(21)[:8]], fake[draws.permutation(17)[:8]]
        expected.append(by_loops(*chosen))
    assert measured["kernel_distance"] == pytest.approx(np.mean(expected), rel=1e-9)
    deviation = np.sqrt(np.mean((np.array(expected) - np.mean(expected)) ** 2))
    assert measured["kernel_distance_std"] == pytest.approx(deviation, rel=1e-9)
    assert registry.measure("kernel", Split(real), fake, seed=4) != measured


def test_subsets_have_a_thousand_samples_where_there_are_enough(monkeypatch):
    sizes = []
    monkeypatch.setattr(kernel, "squared_mmd", lambda real, fake: sizes.append((len(real), len(fake))) or 0.0)
    registry.measure("kernel", Split(np.zeros((2500, 1))), np.zeros((2100, 1)))
    assert sizes == [(1000, 1000)] * 100


def test_agrees_with_the_distance_of_the_distributions():
    # one dimension: k(x, y) = Σ binom(3, p) xᵖyᵖ, so MMD² = 3 (μ₁ − ν₁)² + 3 (μ₂ − ν₂)² + (μ₃ − ν₃)² of moments.
    # N(0, 1) has 0, 1, 0; N(1, 1) has 1, 2, 4.
    draws = np.random.default_rng(0)
    real, fake = draws.normal(size=(20_000, 1)), draws.normal(size=(20_000, 1)) + 1.0
    measured = registry.measure("kernel", Split(real), fake)
    assert measured["kernel_distance"] == pytest.approx(3 + 3 + 16, abs=1.0)
    assert 1.0 < measured["kernel_distance_std"] < 6.0


def test_is_unbiased_so_that_equal_distributions_are_on_both_sides_of_zero():
    draws = np.random.default_rng(0)
    found = [kernel.squared_mmd(draws.normal(size=(30, 4)), draws.normal(size=(30, 4))) for _ in range(200)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(200)
    assert min(found) < 0 < max(found)


def test_equals_scikit_learns_kernel_on_features_as_a_network_has_them():
    from sklearn.metrics.pairwise import polynomial_kernel

    draws = np.random.default_rng(0)
    real, fake = (np.maximum(draws.normal(size=(300, 200)) + shift, 0) for shift in (0, 0.1))
    within = [polynomial_kernel(rows, degree=3, coef0=1) for rows in (real, fake)]  # gamma is 1/d where left out
    pairs = [matrix[~np.eye(300, dtype=bool)].mean() for matrix in within]
    expected = sum(pairs) - 2 * polynomial_kernel(real, fake, degree=3, coef0=1).mean()
    assert kernel.squared_mmd(real, fake) == pytest.approx(expected, rel=1e-6)

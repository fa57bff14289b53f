"""MS-SSIM against loops over windows, against TensorFlow's, and where the answer is known."""

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.data.source import Split
from wgangp_tf.metrics import registry
from wgangp_tf.metrics.ms_ssim import ms_ssim, scales

WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]


def pairs(count, height, width, channels):
    """Pictures in [0, 1], smooth and with noise, and others like them."""
    draws = np.random.default_rng(0)
    some = draws.random((count, height, width, channels)) / 2
    some += np.linspace(0, 0.5, width)[:, None]
    return some, np.clip(some + draws.normal(size=some.shape) * 0.15, 0, 1)


def by_loops(x, y, size, deviation):
    """Means of l·cs and of cs of one channel, a window at a time, with the covariances of NumPy."""
    window = np.array([np.exp(-((k - (size - 1) / 2) ** 2) / (2 * deviation**2)) for k in range(size)])
    window = np.outer(window, window).ravel() / window.sum() ** 2
    both, structures = [], []
    for i in range(x.shape[0] - size + 1):
        for j in range(x.shape[1] - size + 1):
            a, b = (z[i : i + size, j : j + size].ravel() for z in (x, y))
            means = np.average([a, b], axis=1, weights=window)
            covariance = np.cov(a, b, aweights=window, ddof=0)
            structure = (2 * covariance[0, 1] + 0.0009) / (np.trace(covariance) + 0.0009)
            structures.append(structure)
            both.append(structure * (2 * means[0] * means[1] + 0.0001) / (means @ means + 0.0001))
    return np.mean(both), np.mean(structures)


def test_one_scale_equals_the_definition():
    some, others = pairs(2, 13, 15, 2)
    expected = [
        np.mean([by_loops(x[..., c], y[..., c], 11, 1.5)[0] for c in range(2)])
        for x, y in zip(some, others, strict=True)
    ]
    np.testing.assert_allclose(ms_ssim(some, others), expected, rtol=1e-9)


def test_a_small_picture_has_one_window_of_its_smaller_side():
    some, others = pairs(1, 8, 9, 1)
    expected, _ = by_loops(some[0, ..., 0], others[0, ..., 0], 8, 1.5 * 8 / 11)
    np.testing.assert_allclose(ms_ssim(some, others), [expected], rtol=1e-9)


def test_two_scales_equal_the_definition():
    some, others = pairs(1, 22, 24, 1)
    x, y = some[0, ..., 0], others[0, ..., 0]
    weights = np.array([0.0448, 0.2856]) / (0.0448 + 0.2856)
    halves = [(z[::2, ::2] + z[1::2, ::2] + z[::2, 1::2] + z[1::2, 1::2]) / 4 for z in (x, y)]
    expected = by_loops(x, y, 11, 1.5)[1] ** weights[0] * by_loops(*halves, 11, 1.5)[0] ** weights[1]
    np.testing.assert_allclose(ms_ssim(some, others), [expected], rtol=1e-9)


@pytest.mark.parametrize("height, width, levels", [(176, 176, 5), (65, 50, 3)])
def test_agrees_with_tensorflow(height, width, levels):
    some, others = pairs(2, height, width, 3)
    weights = np.array(WEIGHTS[:levels]) / sum(WEIGHTS[:levels])
    expected = tf.image.ssim_multiscale(np.float32(some), np.float32(others), 1.0, power_factors=weights)
    np.testing.assert_allclose(ms_ssim(some, others), expected, rtol=1e-4)


@pytest.mark.parametrize(
    "side, count", [(1, 1), (8, 1), (20, 1), (21, 2), (40, 2), (41, 3), (64, 3), (161, 5), (9999, 5)]
)
def test_scales_leave_eleven_pixels(side, count):
    assert scales(side) == count


def test_opposite_pictures_are_zero_and_equal_ones_one():
    some = np.random.default_rng(0).integers(0, 2, (3, 32, 32, 1)).astype(float)
    assert ms_ssim(some, some) == pytest.approx(1.0)
    assert ms_ssim(some, 1 - some).tolist() == [0.0] * 3


def test_the_metric_is_the_mean_over_pairs_of_two_different_samples():
    draws = np.random.default_rng(0)
    two = draws.integers(0, 256, (2, 8, 8, 1)).astype(np.uint8)
    three = draws.integers(0, 99, (3, 8, 8, 1)).astype(np.uint8)
    measured = registry.measure("ms_ssim", Split(two), three)
    assert measured["ms_ssim_real"] == pytest.approx(ms_ssim(two[:1] / 255, two[1:] / 255)[0])
    each = ms_ssim(three / 255, np.roll(three, 1, axis=0) / 255)
    assert measured["ms_ssim"] == pytest.approx(each.mean(), abs=4 * each.std() / np.sqrt(1000))
    assert each.min() < measured["ms_ssim"] < each.max()
    assert registry.measure("ms_ssim", Split(two), two)["ms_ssim"] == pytest.approx(measured["ms_ssim_real"])


def test_collapse_raises_it():
    pictures = np.random.default_rng(0).integers(0, 256, (50, 8, 8, 3)).astype(np.uint8)
    measured = registry.measure("ms_ssim", Split(pictures), np.repeat(pictures[:2], 25, axis=0))
    assert measured["ms_ssim"] > 0.4 > 0.1 > measured["ms_ssim_real"]


def test_detail_that_is_opposite_counts_as_none_however_alike_the_rest_is():
    stripes = np.indices((32, 32)).sum(axis=0)[None, :, :, None] % 2 * 0.4 - 0.2  # gone at the second scale
    ramp = np.linspace(0.3, 0.7, 32)[:, None]
    assert ms_ssim(ramp + stripes, ramp - stripes) == [0.0]

"""The sliced Wasserstein distance against SciPy's in one dimension, and its pictures' patches against loops."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats

from wgangp_tf.data.source import Split
from wgangp_tf.metrics import registry
from wgangp_tf.metrics import sliced_wasserstein as module


def by_scipy(some, others, draws, directions=512):
    """The distance as it is defined, one direction at a time."""
    found = []
    for _ in range(directions):
        direction = draws.normal(size=some.shape[1])
        direction /= np.sqrt(direction @ direction)
        found.append(scipy.stats.wasserstein_distance(some @ direction, others @ direction))
    return np.mean(found)


def measured(real, fake, seed=0):
    return registry.measure("sliced_wasserstein", Split(real), fake, seed=seed)["sliced_wasserstein"]


def test_of_points_it_is_that_of_as_many_of_each_in_seeded_directions():
    draws = np.random.default_rng(0)
    real, fake = draws.normal(size=(40, 3)), draws.normal(size=(25, 3)) * 2 + 1
    draws = np.random.default_rng([5, 0])
    some, others = real[draws.permutation(40)[:25]], fake[draws.permutation(25)]
    assert measured(real, fake, seed=5) == pytest.approx(by_scipy(some, others, draws), rel=1e-9)


def test_of_points_that_were_moved():
    # the mean of |cos| over the circle is 2/π
    points = np.random.default_rng(0).normal(size=(100, 2))
    assert measured(points, points + [3.0, 4.0]) == pytest.approx(5 * 2 / np.pi, rel=0.05)
    assert measured(points[:, :1], points[:, :1] - 7) == pytest.approx(7)
    assert measured(points, points) == pytest.approx(0, abs=1e-12)


def test_arrays_too_long_for_memory_are_fewer(monkeypatch):
    monkeypatch.setattr(module, "_MOST_VALUES", 30)
    sizes = []
    monkeypatch.setattr(module, "sliced", lambda some, others, draws: sizes.append((some.shape, others.shape)) or 0.0)
    measured(np.zeros((9, 2, 5)), np.zeros((8, 2, 5)))
    assert sizes == [((3, 10), (3, 10))]


def test_a_pyramid_has_the_differences_to_the_next_level_and_adds_up():
    pictures = np.random.default_rng(0).random((2, 67, 64, 2))
    kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256

    def smooth(channels):
        flat = [
            scipy.ndimage.convolve(part, kernel, mode="mirror")
            for part in np.moveaxis(channels, -1, 1).reshape(-1, *channels.shape[1:3])
        ]
        return np.moveaxis(np.reshape(flat, (2, 2, *channels.shape[1:3])), 1, -1)

    levels = module.pyramid(pictures)
    assert [level.shape[1:3] for level in levels] == [(67, 64), (34, 32), (17, 16)]
    whole = levels[-1]
    for level in levels[-2::-1]:
        spread = np.zeros_like(level)
        spread[:, ::2, ::2] = whole
        whole = level + smooth(4 * spread)
    np.testing.assert_allclose(whole, pictures, atol=1e-12)
    np.testing.assert_allclose(levels[-1], smooth(smooth(pictures)[:, ::2, ::2])[:, ::2, ::2], atol=1e-12)


@pytest.mark.parametrize("shape, count", [((8, 8, 1), 1), ((31, 64, 3), 1), ((32, 32, 3), 2), ((128, 128, 1), 4)])
def test_levels_are_at_least_sixteen_wide(shape, count):
    assert len(module.pyramid(np.zeros((1, *shape)))) == count


def patches_by_loops(pictures, corners, side):
    """Each patch on its own; then each channel of all of them as it should be."""
    found = []
    for picture, places in zip(pictures, corners, strict=True):
        for down, right in places:
            top, left = int(down * (picture.shape[0] - side + 1)), int(right * (picture.shape[1] - side + 1))
            found.append(picture[top : top + side, left : left + side].transpose(2, 0, 1))
    found = np.array(found)
    for channel in range(found.shape[1]):
        found[:, channel] = scipy.stats.zscore(found[:, channel], axis=None)
    return found.reshape(len(found), -1)


@pytest.mark.parametrize("shape, side", [((5, 6, 1), 5), ((9, 8, 3), 7)])
def test_of_small_pictures_it_is_that_of_patches_that_fit(shape, side):
    draws = np.random.default_rng(0)
    real, fake = (draws.integers(0, high, (6, *shape)).astype(np.uint8) for high in (256, 100))
    fake[:, :2] = 0
    draws = np.random.default_rng([0, 0])
    rows = [draws.permutation(6), draws.permutation(6)]
    both = [
        patches_by_loops(x[order] / 255, draws.random((6, 128, 2)), side)
        for x, order in zip((real, fake), rows, strict=True)
    ]
    expected = by_scipy(*both, draws)
    assert measured(real, fake) == pytest.approx(expected, rel=1e-9)
    assert expected > 0.1


def test_of_larger_pictures_it_is_the_mean_over_the_levels(monkeypatch):
    found, draws = [], np.random.default_rng(0)
    sliced = module.sliced
    monkeypatch.setattr(module, "sliced", lambda *given: found.append(sliced(*given)) or found[-1])
    real, fake = (draws.integers(0, 256, (4, 33, 40, 3)).astype(np.uint8) for _ in range(2))
    assert measured(real, fake) == pytest.approx(np.mean(found)) and len(found) == 2


def test_brightness_of_all_pictures_does_not_count_and_blur_does():
    real = np.random.default_rng(0).integers(0, 100, (60, 16, 16, 3)).astype(np.uint8)
    same = measured(real, real)
    assert measured(real, real * 2 + 5) == pytest.approx(same, rel=1e-6)
    blurred = scipy.ndimage.gaussian_filter(real, (0, 1, 1, 0))
    assert measured(real, blurred) > 3 * same


@pytest.mark.parametrize("side", [8, 32])
def test_patches_of_one_colour_have_no_deviation_to_divide_by(side):
    real, fake = (np.full((3, side, side, 1), level, np.uint8) for level in (100, 9))
    assert measured(real, fake) == pytest.approx(0, abs=1e-12)


def test_rounding_is_not_blown_up_to_a_deviation_of_one():
    patches = 0.4 + np.random.default_rng(0).normal(size=(9, 3, 49)) * 1e-16
    assert np.abs(module._normalised(patches)).max() < 1e-15

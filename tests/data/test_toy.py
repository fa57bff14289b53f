"""Toy distributions: where their modes are, and that the points lie there."""

import numpy as np
import pytest

from wgangp_tf.config import Data
from wgangp_tf.data import registry, toy
from wgangp_tf.errors import UserError
from wgangp_tf.settings import Storage


def test_modes_of_8gaussians_lie_on_a_circle():
    centres, sigma = toy.modes("8gaussians")
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 2 / 1.414)
    np.testing.assert_allclose(centres[2], [0, 2 / 1.414], atol=1e-12)  # a quarter turn
    assert sigma == pytest.approx(0.02 / 1.414)


def test_modes_of_25gaussians_lie_on_a_grid():
    centres, sigma = toy.modes("25gaussians")
    assert sorted({round(x * 2.828 / 2) for x in centres[:, 0]}) == [-2, -1, 0, 1, 2]
    assert len(np.unique(centres.round(6), axis=0)) == 25
    assert sigma == pytest.approx(0.05 / 2.828)


@pytest.mark.parametrize("name", ["8gaussians", "25gaussians"])
def test_points_have_the_spread_of_their_mode(name):
    source = toy.load(Data(dataset=name, labels="auto"), Storage())
    centres, sigma = toy.modes(name)
    offsets = (source.train.samples - centres[source.train.labels]) / sigma
    assert offsets.std() == pytest.approx(1, abs=0.02)
    counts = np.bincount(source.train.labels)
    assert counts.min() > 0.9 * counts.mean()
    assert len(source.spec.classes) == len(centres)


def test_swiss_roll_is_scaled_into_view():
    points = toy.load(Data(dataset="swiss_roll"), Storage()).train.samples
    assert 1.9 < points.max() < 2.1 and points.min() > -2
    # the roll's radius grows with its angle, so the middle is empty
    assert np.linalg.norm(points, axis=1).min() > 0.4


@pytest.mark.parametrize(
    "options, said",
    [
        ({"image_size": (8, 8)}, "points of the plane, not pictures. Received: image_size=(8, 8)"),
        ({"channels": 3}, "channels=3"),
        ({"flip": True}, "flip=True"),
        ({"dequantize": True}, "dequantize=True"),
        ({"crop": "none"}, "crop=none"),
        ({"resize": "bicubic"}, "resize=bicubic"),
        ({"labels": "folder"}, "no folders to take labels from"),
        ({"labels": "auto"}, "'swiss_roll' has no labels"),
    ],
)
def test_options_of_pictures_are_refused(options, said):
    with pytest.raises(UserError) as error:
        registry.load(Data(dataset="swiss_roll", **options), Storage())
    assert said in str(error.value)


def test_modes_of_a_set_without_modes():
    with pytest.raises(UserError, match="Unknown mixture of Gaussians 'swiss_roll'"):
        toy.modes("swiss_roll")

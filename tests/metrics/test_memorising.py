"""Nearest training samples: points placed by hand, all pairs, and pictures of known grey levels."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import memorising, registry
from wgangp_tf.metrics.features import array_blocks

TRAINING = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
HELD_OUT = np.array([[3.0, 4.0], [10.0, 1.0]])  # 5 and 1 from the nearest


def of_points(*fake, held_out=HELD_OUT):
    return registry.measure("memorising", Split(TRAINING, held_out=held_out), np.array(fake, float))


def test_known_by_hand():
    assert of_points([0, 12], [13, 4], [10, 0], [0, 0.5]) == pytest.approx(
        {
            "nearest_training_distance": (2 + 5 + 0 + 0.5) / 4,
            "nearest_training_distance_held_out": 3.0,
            "nearest_training_ratio": (7.5 / 4) / 3,
        }
    )


def test_copies_have_distance_zero_exactly_and_held_out_ones_the_ratio_one():
    pictures = np.random.default_rng(0).integers(0, 256, (40, 5, 4, 3)).astype(np.uint8)
    real = Split(pictures[:30], held_out=pictures[30:])
    assert registry.measure("memorising", real, pictures[:30])["nearest_training_distance"] == 0
    assert registry.measure("memorising", real, pictures[30:])["nearest_training_ratio"] == 1


@pytest.mark.parametrize("k", [1, 4, 50])
@pytest.mark.parametrize("block", [1000, 7])
def test_nearest_are_those_of_all_pairs(k, block, monkeypatch):
    monkeypatch.setattr("wgangp_tf.metrics.features._BLOCK", block)
    draws = np.random.default_rng(0)
    training, others = draws.normal(size=(33, 3)), draws.normal(size=(20, 3))
    lengths, places = memorising.nearest(array_blocks(training), array_blocks(others), k)
    every = cdist(others, training)
    np.testing.assert_array_equal(places, every.argsort(axis=1)[:, :k])
    np.testing.assert_allclose(lengths, np.sort(every, axis=1)[:, :k], rtol=1e-12)


def test_pictures_come_with_their_nearest_in_order():
    # grey levels: of 100 the nearest are 90 and 120, of 7 they are 0 and 30
    levels = np.array([0, 120, 30, 90, 200], np.uint8)
    training = np.broadcast_to(levels[:, None, None, None], (5, 3, 4, 1))
    fake = np.broadcast_to(np.array([100, 7], np.uint8)[:, None, None, None], (2, 3, 4, 1))
    near, distances = memorising.nearest_pictures(Split(training), fake, neighbours=2)
    assert near.shape == (2, 2, 3, 4, 1) and near.dtype == np.uint8
    assert near[:, :, 0, 0, 0].tolist() == [[90, 120], [0, 30]]
    np.testing.assert_allclose(distances, np.array([[10, 20], [7, 23]]) / 255 * 12**0.5, rtol=1e-6)


def test_a_picture_goes_by_the_features_that_are_given():
    class Negative:
        name, cheap, classes = "first", True, None

        def __call__(self, samples):
            return -samples[:, 0, 0].astype(float), None  # the first pixel alone

    training = np.full((3, 32, 32, 3), 50, np.uint8)
    training[1, 0, 0], training[2] = 200, 190
    training[2, 0, 0] = 0
    fake = np.full((1, 32, 32, 3), 190, np.uint8)
    middles = [
        memorising.nearest_pictures(Split(training), fake, features=features, neighbours=1)[0][0, 0, 16, 16, 0]
        for features in (None, Negative())
    ]
    assert middles == [190, 50]


@pytest.mark.parametrize(
    "real, fake",
    [
        (TRAINING, TRAINING),
        (np.zeros((3, 4, 4, 2), np.uint8), np.zeros((3, 4, 4, 2), np.uint8)),
        (np.zeros((3, 4, 4, 1), np.uint8), np.zeros((3, 4, 5, 1), np.uint8)),
    ],
)
def test_a_picture_of_what_are_no_pictures_is_refused(real, fake):
    with pytest.raises(UserError, match="needs pictures of 1 or 3 channels, .* Received: real .* generated"):
        memorising.nearest_pictures(Split(real), fake)


@pytest.mark.parametrize(
    "held_out, message",
    [
        (HELD_OUT[:0], r"must be float64 of shape \(2,\), at least 1. Received: 0 of float64 and shape \(2,\)"),
        (HELD_OUT.astype(np.float32), r"float64 of shape \(2,\), .* Received: 2 of float32 and shape \(2,\)"),
        (HELD_OUT[:, :1], r"float64 of shape \(2,\), at least 1. Received: 2 of float64 and shape \(1,\)"),
        (HELD_OUT * np.nan, "held_out must be finite. Received: nan or infinity in held_out"),
        (TRAINING[:2], "held-out samples must be no training samples. Received: all of them are"),
    ],
)
def test_held_out_samples_that_cannot_be_used(held_out, message):
    with pytest.raises(UserError, match=message):
        of_points([0, 0], held_out=held_out)

"""Modes: samples placed by hand, and a set with a class in each channel."""

import numpy as np
import pytest
import scipy.stats

from wgangp_tf.data.source import ChannelClasses, Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import modes, registry

CENTRES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [90.0, 90.0]])
BOTH = ["modes", "near_modes"]


def of_points(*fake):
    return registry.measure(BOTH, Split(np.zeros([4, 2]), modes=(CENTRES, 0.1)), np.array(fake, float))


def test_counts_modes_and_share():
    # on a centre; 3.9 sigma off, twice; 4.1 sigma off; far from all
    measured = of_points([0, 0], [10, 0.39], [9.61, 0], [0, 10.41], [5, 5])
    assert measured == {
        "modes_covered": 2.0,
        "modes_kl": pytest.approx(1 / 3 * np.log(4 / 3) + 2 / 3 * np.log(8 / 3)),
        "within_4_sigma": 3 / 5,
    }


def test_equal_shares_have_no_divergence_and_one_mode_has_the_logarithm_of_how_many_there_are():
    assert of_points(*CENTRES)["modes_kl"] == 0
    assert of_points([0, 0], [0, 0])["modes_kl"] == pytest.approx(np.log(4))


def test_samples_near_no_mode_are_as_far_as_can_be():
    measured = of_points([5, 5])
    assert measured == {"modes_covered": 0, "modes_kl": pytest.approx(np.log(4)), "within_4_sigma": 0}


def test_divergence_is_that_of_scipy():
    met, shares = np.array([3, 0, 9, 1]), np.array([0.1, 0.2, 0.3, 0.4])
    assert modes.divergence(met, shares) == pytest.approx(scipy.stats.entropy(met, shares), rel=1e-12)
    assert modes.divergence(np.zeros(4, int), shares) == pytest.approx(np.log(10))


def test_measured_at_each_log_where_the_centres_are_known():
    points = np.zeros([4, 2], np.float32)
    assert registry.quick(Split(points, modes=(CENTRES, 0.1))) == BOTH
    assert registry.quick(Split(points)) == []
    assert registry.quick(STACKED) == []  # a classifier takes longer than a step


# pictures of three classes, 1 : 2 : 1 of them: a bright row tells which
LABELS = np.repeat([0, 1, 2], [30, 60, 30])
SINGLE = np.random.default_rng(0).integers(0, 60, (120, 4, 5, 1)).astype(np.uint8)
SINGLE[np.arange(120), LABELS] += 180
STACKED = Split(np.zeros([2, 4, 5, 3], np.uint8), modes=ChannelClasses(SINGLE, LABELS))


def stacked(*classes):
    """Pictures whose channels are of these classes."""
    first = np.array([0, 30, 90])  # the place of each class in SINGLE
    return np.concatenate([SINGLE[first[list(each)] + k].transpose(3, 1, 2, 0) for k, each in enumerate(classes)])


def test_channels_are_told_apart_one_by_one():
    wanted = [(0, 0, 0), (0, 1, 2), (2, 1, 0), (2, 2, 2)]
    fake = stacked(*wanted, *wanted[:1])
    shares = {(a, b, c): (1, 2, 1)[a] * (1, 2, 1)[b] * (1, 2, 1)[c] / 64 for a, b, c in wanted}
    kl = sum(p * np.log(p / shares[mode]) for mode, p in zip(wanted, [0.4, 0.2, 0.2, 0.2], strict=True))
    assert registry.measure("modes", STACKED, fake) == {"modes_covered": 4.0, "modes_kl": pytest.approx(kl)}


def test_the_first_channel_is_the_most_significant():
    finder = modes.Channels(STACKED.modes, (4, 5, 3))
    assert finder.find(registry.evaluator.Block(stacked((2, 0, 1), (0, 0, 2)))).tolist() == [2 * 9 + 1, 2]
    assert finder.shares.shape == (27,) and finder.shares.sum() == pytest.approx(1)
    assert finder.shares[[0, 1, 3, 9, 13]].tolist() == [1 / 64, 2 / 64, 2 / 64, 2 / 64, 8 / 64]


def test_a_classifier_needs_two_classes():
    alone = ChannelClasses(SINGLE[:30], LABELS[:30])
    with pytest.raises(UserError, match="at least two classes .* Received: 30 samples of 1 classes"):
        registry.measure("modes", Split(STACKED.samples, modes=alone), stacked((0, 0, 0)))


def test_digits_in_three_channels_cover_as_many_of_a_thousand_modes_as_were_drawn():
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    pictures = np.rint(pictures * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
    rows = np.random.default_rng(0).integers(len(pictures), size=(2000, 3))
    fake = np.concatenate([pictures[rows[:, channel]] for channel in range(3)], axis=-1)
    real = Split(fake[:1], modes=ChannelClasses(pictures, labels))
    measured = registry.measure("modes", real, fake)
    drawn = labels[rows] @ [100, 10, 1]
    assert measured["modes_covered"] == pytest.approx(len(np.unique(drawn)), abs=5)
    assert measured["modes_kl"] == pytest.approx(999 / 4000, rel=0.1)  # all of it from the number of samples
    assert registry.measure("modes", real, fake[drawn < 100])["modes_kl"] > np.log(10)

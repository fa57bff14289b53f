import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import registry
from wgangp_tf.metrics.neighbours import precision_recall_density_coverage


def by_loops(real, fake, k):
    """The four numbers as the papers define them, one pair of samples at a time."""

    def reach(samples, i):
        others = [np.sqrt(((samples[i] - other) ** 2).sum()) for j, other in enumerate(samples) if j != i]
        return sorted(others)[k - 1]

    def holds(samples, i, point):
        return np.sqrt(((samples[i] - point) ** 2).sum()) <= reach(samples, i)

    fake_in_real = [[holds(real, i, y) for i in range(len(real))] for y in fake]
    real_in_fake = [[holds(fake, j, x) for j in range(len(fake))] for x in real]
    return {
        "precision": sum(any(row) for row in fake_in_real) / len(fake),
        "recall": sum(any(row) for row in real_in_fake) / len(real),
        "density": sum(sum(row) for row in fake_in_real) / (k * len(fake)),
        "coverage": sum(any(row[i] for row in fake_in_real) for i in range(len(real))) / len(real),
    }


@pytest.mark.parametrize("block", [1000, 7])
@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_equals_the_definition(k, shift, block, monkeypatch):
    monkeypatch.setattr("wgangp_tf.metrics.features._BLOCK", block)
    draws = np.random.default_rng(k)
    real, fake = draws.normal(size=(40, 3)), draws.normal(size=(29, 3)) * 0.7 + shift
    measured, expected = precision_recall_density_coverage(real, fake, k), by_loops(real, fake, k)
    assert measured == pytest.approx(expected)
    assert 0 < expected["coverage"] < 1  # the case tells right from wrong


def test_known_by_hand():
    # k = 1: the balls of 0, 1, 10 reach 1, 1, 9; those of 0.5, 30 reach 29.5, 29.5.
    # 0.5 lies in the balls of 0 and 1, but 9.5 from 10; 30 lies in none.
    # 0, 1 and 10 lie in the ball of 0.5.
    measured = precision_recall_density_coverage(np.array([[0.0], [1.0], [10.0]]), np.array([[0.5], [30.0]]), k=1)
    assert measured == pytest.approx({"precision": 1 / 2, "recall": 1.0, "density": 2 / 2, "coverage": 2 / 3})


def test_density_counts_every_ball_and_is_not_bounded_by_one():
    # five real samples within 0.4 of each other: each ball (k = 1) holds all fakes at the middle
    real = np.array([[0.0, 0.1], [0.0, -0.1], [0.1, 0.0], [-0.1, 0.0]])
    fake = np.zeros((2, 2))
    assert precision_recall_density_coverage(real, fake, k=1)["density"] == 4.0


def test_identical_sets():
    samples = np.random.default_rng(0).normal(size=(50, 8))
    measured = precision_recall_density_coverage(samples, samples.copy())
    assert (measured["precision"], measured["recall"], measured["coverage"]) == (1.0, 1.0, 1.0)


def test_identical_sets_of_repeated_samples():
    # every ball has radius 0, and rounding must not put a sample outside its own
    samples = np.repeat(np.random.default_rng(0).normal(100.0, 1.0, size=(5, 64)), 10, axis=0)
    assert set(precision_recall_density_coverage(samples, samples).values()) == {1.0, 2.0}


def test_rounding_breaks_no_ties():
    # steps of 1/255 as in pictures: on the surface of a ball is inside, as whole numbers say exactly
    draws = np.random.default_rng(0)
    real = draws.integers(0, 7, (60, 3))
    fake = real[draws.permutation(60)[:37]]
    squares = ((real[:, None] - real) ** 2).sum(axis=-1)
    reach = np.sort(squares, axis=1)[:, 3]  # the third, after the sample itself
    inside = ((real[:, None] - fake) ** 2).sum(axis=-1) <= reach[:, None]
    measured = precision_recall_density_coverage(real / 255, fake / 255, k=3)
    assert measured["density"] == pytest.approx(inside.sum() / (3 * 37))
    # pairs of fakes 3 apart, and a real sample 3 off either end
    pairs = 100 * draws.permutation(20)[:, None]
    fake, real = (pairs + [0, 3]).reshape(-1, 1), (pairs + [-3, 6]).reshape(-1, 1)
    assert precision_recall_density_coverage(real / 255, fake / 255, k=1)["recall"] == 1.0


def test_disjoint_sets():
    samples = np.random.default_rng(0).normal(size=(50, 8))
    measured = precision_recall_density_coverage(samples, samples + 1000.0)
    assert set(measured.values()) == {0.0}


def test_collapse_lowers_coverage_and_recall_not_precision():
    real = np.random.default_rng(0).normal(size=(200, 4))
    collapsed = np.repeat(real[:10], 20, axis=0)
    measured = precision_recall_density_coverage(real, collapsed)
    assert measured["precision"] == 1.0
    assert measured["coverage"] < 0.5
    assert measured["recall"] == 10 / 200


def test_does_not_change_when_both_sets_move_scale_or_change_order():
    draws = np.random.default_rng(0)
    real, fake = draws.normal(size=(60, 5)), draws.normal(size=(50, 5))
    moved = precision_recall_density_coverage(real[::-1] * 3 + 7, fake[::-1] * 3 + 7)
    assert moved == pytest.approx(precision_recall_density_coverage(real, fake))


def test_float32_is_as_good_as_float64():
    draws = np.random.default_rng(0)
    real, fake = draws.normal(size=(60, 5)).astype("float32"), draws.normal(size=(50, 5)).astype("float32")
    wide = precision_recall_density_coverage(real.astype("float64"), fake.astype("float64"))
    assert precision_recall_density_coverage(real, fake) == wide


SOME = np.random.default_rng(0).normal(size=(6, 2))


@pytest.mark.parametrize(
    "real, fake, k, message",
    [
        (SOME[:5], SOME, 5, "real must have more than k=5 samples. Received: 5"),
        (SOME, SOME[:3], 5, "fake must have more than k=5 samples. Received: 3"),
        (SOME, SOME[:0], 5, "fake must have more than k=5 samples. Received: 0"),
        (SOME[:, :1], SOME, 2, r"same length of row. Received: \(6, 1\) and \(6, 2\)"),
        (SOME.reshape(6, 2, 1), SOME, 2, r"real must be samples in rows, \[n, d\]. Received: .* \(6, 2, 1\)"),
        (SOME, SOME[:, :0], 2, r"fake must be samples in rows, \[n, d\]. Received: .* \(6, 0\)"),
        (SOME, np.where(SOME > 1, np.nan, SOME), 2, "fake must be finite. Received: nan or infinity"),
        (SOME, SOME, 0, "k must be at least 1 .* Received: k=0"),
    ],
)
def test_refuses(real, fake, k, message):
    with pytest.raises(UserError, match=message):
        precision_recall_density_coverage(real, fake, k)


def test_one_sample_more_than_k_is_enough():
    assert precision_recall_density_coverage(SOME, SOME, k=5)["coverage"] == 1.0


def test_equals_the_definition_on_features_as_a_network_has_them():
    from scipy.spatial.distance import cdist

    draws = np.random.default_rng(0)
    real, fake = (np.maximum(draws.normal(size=(400, 200)) + shift, 0).astype(np.float32) for shift in (0, 0.03))
    real_reach, fake_reach = (np.sort(cdist(rows, rows), axis=1)[:, 5] for rows in (real, fake))  # 0 is itself
    between = cdist(real, fake)
    inside = between <= real_reach[:, None]
    expected = {
        "precision": inside.any(axis=0).mean(),
        "recall": (between <= fake_reach).any(axis=1).mean(),
        "density": inside.sum() / (5 * 400),
        "coverage": inside.any(axis=1).mean(),
    }
    assert registry.measure("neighbours", Split(real), fake) == pytest.approx(expected, abs=1e-6)
    assert all(0 < value < 1 for value in expected.values())

"""The Fréchet distance against NumPy's covariance and SciPy's matrix root, and where the answer is known."""

import numpy as np
import pytest
import scipy.linalg

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import features, frechet, registry
from wgangp_tf.metrics.frechet import DistanceTo, Moments
from wgangp_tf.samples.spec import Scale

DRAWS = np.random.default_rng(0)
MIX = DRAWS.normal(size=(12, 12))
REAL = DRAWS.normal(size=(200, 12)) @ MIX + 1.0
FAKE = DRAWS.normal(size=(150, 12)) @ (MIX + DRAWS.normal(size=(12, 12)) / 3) + 1.5


def by_sqrtm(real, fake):
    """The formula of the paper, with the root of a matrix that is not symmetric."""
    covariances = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1])
    step = real.mean(axis=0) - fake.mean(axis=0)
    return step @ step + np.trace(covariances[0] + covariances[1] - 2 * root.real)


def moments_of(*batches):
    moments = Moments()
    for batch in batches:
        moments.add(batch)
    return moments


def gaussian(mean, deviations, count=1000):
    """Moments that are exactly these."""
    return Moments(count, np.array(mean, float), np.diag(np.square(deviations)) * (count - 1))


def test_equals_the_definition():
    measured = registry.measure("frechet", Split(REAL), FAKE)
    assert measured == {"frechet_distance": pytest.approx(by_sqrtm(REAL, FAKE), rel=1e-9)}


def test_of_pictures_it_is_that_of_pixels_between_zero_and_one():
    draws = np.random.default_rng(0)
    real, fake = (draws.integers(0, high, (40, 2, 3, 1)).astype(np.uint8) for high in (256, 200))
    measured = registry.measure("frechet", Split(real), fake)["frechet_distance"]
    assert measured == pytest.approx(by_sqrtm(real.reshape(40, 6) / 255, fake.reshape(40, 6) / 255), rel=1e-9)


def test_of_known_gaussians():
    # (3 − 0)² + (4 − 0)² + (1 − 2)² + (2 − 5)² + (3 − 3)²
    distance = DistanceTo(gaussian([0, 0, 7], [1, 2, 3]))
    assert distance(gaussian([3, 4, 7], [2, 5, 3])) == pytest.approx(9 + 16 + 1 + 9)


def test_of_gaussians_that_do_not_commute():
    # equal variances, correlated by ±0.6: eigenvalues of the product are both 0.64
    plus, minus = (Moments(11, np.zeros(2), 10 * np.array([[1, c], [c, 1]])) for c in (0.6, -0.6))
    assert DistanceTo(plus)(minus) == pytest.approx(4 - 2 * 2 * 0.8)


def test_of_a_set_and_itself_is_zero():
    for count in range(50, 70):  # rounding goes either way, the distance does not
        some = REAL[:count]
        assert 0 <= registry.measure("frechet", Split(some), some)["frechet_distance"] < 1e-9


def test_fewer_samples_than_features():
    # the covariance has no full rank; the reference needs the root of a real symmetric product
    fake = FAKE[:7]
    root = scipy.linalg.sqrtm(np.cov(REAL, rowvar=False)).real
    values = np.linalg.svd(root @ (fake - fake.mean(axis=0)).T / np.sqrt(6), compute_uv=False)
    step = REAL.mean(axis=0) - fake.mean(axis=0)
    traces = REAL.var(axis=0, ddof=1).sum() + fake.var(axis=0, ddof=1).sum()
    expected = step @ step + traces - 2 * values.sum()
    assert registry.measure("frechet", Split(REAL), fake)["frechet_distance"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_moments_are_those_of_all_batches(offset):
    rows = FAKE + offset
    moments = moments_of(rows[:1], rows[1:1], rows[1:100], rows[100:])
    assert moments.count == 150
    np.testing.assert_allclose(moments.mean, rows.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.covariance, np.cov(FAKE, rowvar=False), rtol=1e-6, atol=1e-8)


def test_moments_of_two_sets_join_and_the_other_stays():
    first, second = moments_of(FAKE[:40]), moments_of(FAKE[40:])
    for joined in (Moments(), first, Moments(), second):
        joined.join(Moments())
    joined = Moments()
    for other in (first, second):
        joined.join(other)
    assert joined.count == 150
    np.testing.assert_allclose(joined.mean, FAKE.mean(axis=0))
    np.testing.assert_allclose(joined.covariance, np.cov(FAKE, rowvar=False))
    assert first.count == 40
    np.testing.assert_allclose(first.covariance, np.cov(FAKE[:40], rowvar=False))


@pytest.mark.parametrize("count", [150, 149])
def test_infinity_is_where_a_line_through_the_halves_and_the_whole_ends(count, monkeypatch):
    monkeypatch.setattr("wgangp_tf.metrics.features._BLOCK", 31)  # odd: a sample's half is that of its place among all
    fake = FAKE[:count]
    halves = fake[::2], fake[1::2]
    inverses = [np.mean([1 / len(half) for half in halves]), 1 / count]
    distances = [np.mean([by_sqrtm(REAL, half) for half in halves]), by_sqrtm(REAL, fake)]
    _, expected = np.polyfit(inverses, distances, 1)
    if count == 150:
        assert expected == pytest.approx(2 * distances[1] - distances[0])
    measured = registry.measure("frechet_infinity", Split(REAL), fake)
    assert measured == {"frechet_distance_infinity": pytest.approx(expected, rel=1e-9)}


def test_infinity_is_nearer_to_the_truth():
    # real and generated samples of one Gaussian, with real ones enough that the truth is 0
    draws = np.random.default_rng(1)
    real, fake = Split(draws.normal(size=(100_000, 16))), draws.normal(size=(400, 16))
    near = registry.measure(["frechet", "frechet_infinity"], real, fake)
    assert near["frechet_distance"] > 0.15
    assert abs(near["frechet_distance_infinity"]) < 0.05


def test_infinity_says_how_many_samples_the_features_need():
    made = registry.make("frechet_infinity", Split(REAL))
    assert made.least_fake() == {"frechet_infinity": 26}
    made.update(FAKE[:25])
    with pytest.raises(UserError, match="'frechet_infinity' needs at least 26 generated samples. Received: 25"):
        made.result()
    made.update(FAKE[25:26])
    assert made.result()


def test_equals_the_definition_on_features_as_a_network_has_them():
    # many, none below 0, of unequal spread, float32
    draws = np.random.default_rng(0)
    mix = draws.normal(size=(200, 200)) * np.geomspace(1, 0.01, 200)
    real, fake = (np.maximum(draws.normal(size=(600, 200)) @ mix + shift, 0).astype(np.float32) for shift in (0, 0.1))
    expected = by_sqrtm(real.astype(np.float64), fake.astype(np.float64))
    measured = registry.measure("frechet", Split(real), fake)["frechet_distance"]
    assert measured == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("keep", [False, True])
def test_both_distances_share_the_moments_and_the_root_of_the_real_samples(keep, tmp_path, monkeypatch):
    made, taken = [], []

    class Counted(DistanceTo):
        def __init__(self, moments):
            made.append(self)
            super().__init__(moments)

    add = Moments.add
    monkeypatch.setattr(frechet, "DistanceTo", Counted)
    monkeypatch.setattr(Moments, "add", lambda moments, rows: (taken.append(len(rows)), add(moments, rows)))
    real = Split(REAL, identity="real")
    options = features.Options(cache=tmp_path if keep else None)
    evaluator = registry.make(["frechet", "frechet_infinity"], real, options=options)
    evaluator.prepare()
    assert len(made) == 1 and sum(taken) == len(REAL)
    evaluator.update(FAKE)
    found = evaluator.result()
    alone = [registry.measure(name, Split(REAL), FAKE) for name in ("frechet", "frechet_infinity")]
    assert found == alone[0] | alone[1]


def test_kept_statistics_are_of_one_shape_and_of_one_unit(tmp_path):
    values, by_two = (
        np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32),
        Scale((2.0,) * 6, (0.0,) * 6, (6,)),
    )
    fake, options = values[::-1] + np.float32(1), features.Options(cache=tmp_path)
    found = []
    for sample, units in (((6,), None), ((6,), by_two), ((6, 1), None)):
        real = Split(values.reshape(200, *sample), identity="one file", units=units)
        found.append(registry.measure("frechet", real, fake.reshape(200, *sample), features="pixels", options=options))
    # each of six features is 1 off; in units of 2, half
    assert [one["frechet_distance"] for one in found] == pytest.approx([6, 6 / 4, 6], rel=1e-5)
    assert len(list(tmp_path.iterdir())) == 3

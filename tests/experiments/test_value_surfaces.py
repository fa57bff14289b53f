"""Critics at their best: known answers, and the figure's numbers once more from the arrays it saves."""

import keras
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from wgangp_tf.data import registry as data_sets
from wgangp_tf.experiments import fixed_critics, place, transport, value_surfaces
from wgangp_tf.experiments.value_surfaces import CLIPPING, CRITICS, DATASETS, PENALTY, WEAK
from wgangp_tf.gan import methods
from wgangp_tf.stopping import Stop


def _critic(function):
    """A Keras model of one function, float32 [n, 2] -> [n]."""
    points = keras.Input((2,))
    return keras.Model(points, keras.layers.Lambda(lambda x: function(x)[:, None])(points))


@pytest.fixture(scope="module")
def linear():
    """D(x) = 3·x0 − 4·x1 + 7: its slope is 5 everywhere."""
    return _critic(lambda x: 3.0 * x[:, 0] - 4.0 * x[:, 1] + 7.0)


@pytest.fixture(scope="module")
def points():
    return np.random.default_rng(0).normal(size=(2, 40, 2)).astype(np.float32)


def test_a_linear_critic_is_as_steep_as_its_weights_are_long(linear, points):
    real, fake = points
    np.testing.assert_allclose(value_surfaces.slopes(linear, real, fake, seed=0), np.full(40, 5.0), rtol=1e-6)


def test_slopes_are_taken_between_the_points_that_belong_together():
    # D = ½·x0²: its slope is |x0|. Assigned by place, each pair lies in a column of its own, whatever their order
    critic = _critic(lambda x: 0.5 * x[:, 0] ** 2)
    columns = np.arange(1, 21, dtype=np.float32)
    real = np.stack([columns, np.zeros(20, np.float32)], axis=1)
    fake = real[::-1] + np.array([0, 0.25], np.float32)
    np.testing.assert_allclose(value_surfaces.slopes(critic, real, fake, seed=0), columns[::-1], rtol=1e-6)


def test_slopes_are_taken_all_along_the_way():
    # one column: what is drawn is the share of the way alone, uniform in [0, 1)
    critic = _critic(lambda x: 0.5 * x[:, 1] ** 2)
    real = np.tile(np.array([[0.0, 1.0]], np.float32), (400, 1))
    found = value_surfaces.slopes(critic, real, np.zeros_like(real), seed=0)
    assert 0 <= found.min() < 0.02 and 0.98 < found.max() <= 1 and found.mean() == pytest.approx(0.5, abs=0.05)
    np.testing.assert_array_equal(found, value_surfaces.slopes(critic, real, np.zeros_like(real), seed=0))


def test_the_penalty_of_a_linear_critic(linear, points):
    # (5 − 1)² = 16 wherever it is taken, ten times over
    assert value_surfaces._penalty(linear, {"gp_weight": 10.0}, *points) == pytest.approx(160, rel=1e-5)
    assert value_surfaces._penalty(linear, {"gp_weight": None}, *points) == 0


def test_what_is_measured_of_a_critic(linear, tmp_path, monkeypatch):
    from wgangp_tf import settings
    from wgangp_tf.config import Data

    monkeypatch.setattr(value_surfaces, "_PAIRS", 50)
    source = data_sets.load(Data(dataset="swiss_roll"), settings.Storage())
    monkeypatch.setattr(fixed_critics, "trained", lambda place, name, given: (linear, source))
    found = value_surfaces._measure(place.Place(tmp_path, True, print, Stop()), "one", {"gp_weight": 10.0})
    real = source.validation.samples.astype(np.float64)
    of_real = (real @ [3, -4]).mean()
    # noise of mean 0 moves no mean: over 20 · 10,000 draws of deviation 5 the estimate is 0 ± 0.011
    assert found["estimate"] == pytest.approx(0, abs=0.05)
    steps = np.linspace(-3, 3, 128)
    x, y = np.meshgrid(steps, steps)  # row k of the picture is y = steps[k]
    np.testing.assert_allclose(found["surface"], 3 * x - 4 * y - of_real, atol=1e-4)
    np.testing.assert_allclose(found["slopes"], np.full(50, 5.0), rtol=1e-5)
    assert found["penalty"] == pytest.approx(160, rel=1e-4)


def test_exact_distances_are_of_disjoint_real_and_blurred_points(monkeypatch):
    monkeypatch.setattr(value_surfaces, "_EXACT", {20: 2, 40: 1})
    sets = []

    def distance(noisy, real):
        sets.append((noisy, real))
        return float(len(sets))

    monkeypatch.setattr(transport, "distance", distance)
    found = value_surfaces._exact("8gaussians")
    assert found["counts"].tolist() == [20, 20, 40] and found["distances"].tolist() == [1, 2, 3]
    assert [(len(noisy), len(real)) for noisy, real in sets] == [(20, 20), (20, 20), (40, 40)]
    for noisy, real in sets:
        assert np.allclose(np.hypot(*real.T), 2 / 1.414, atol=0.1), "real points lie on the circle"
        assert not {tuple(row) for row in noisy.astype(np.float32)} & {tuple(row) for row in real}
    noisy, real = (np.concatenate(some) for some in zip(*sets, strict=True))
    # radius² 2 and noise of variance 1 along each axis: E‖x‖² = 2 + 2
    assert np.mean(noisy**2) == pytest.approx(2, abs=0.5)
    assert not np.array_equal(sets[0][1], sets[1][1])


def test_an_estimate_is_near_within_a_twentieth():
    ratios = (0.951, 1.0, 1.049, 0.949, 1.051, float("nan"))
    assert [value_surfaces.near(ratio) for ratio in ratios] == [True, True, True, False, False, False]


class Still(place.Place):
    """A place whose parts are there already: three data sets, estimates that are off by known factors."""

    ratios = dict(zip(DATASETS, (1.04, 0.96, 1.2), strict=True))

    def part(self, name, settings, make, beside=()):
        self.asked = {**getattr(self, "asked", {}), name: settings}
        random = np.random.default_rng(len(self.asked))
        if name.startswith("exact-"):
            counts = np.repeat([500, 1000, 2000, 4000], [8, 4, 2, 2])
            distances = 0.7 + 1.5 / np.sqrt(counts) + 0.1 * random.normal(size=len(counts)) / np.sqrt(counts)
            return {"counts": counts, "distances": distances, "real": random.normal(size=(9, 2))}
        factor = self.ratios[settings["dataset"]] if settings["gp_weight"] == 10.0 else 5.0
        return {
            "surface": random.normal(size=(8, 8)),
            "slopes": random.uniform(size=30).astype(np.float32),
            "estimate": np.array(0.7 * factor),
            "penalty": np.array(0.01),
        }


@pytest.fixture
def written(tmp_path):
    """(place, numbers, arrays from the file) of a figure whose parts were there already."""
    still = Still(tmp_path, True, lambda line: None, None)
    numbers = value_surfaces.measure(still)
    still.write("value_surfaces", numbers, {})
    with np.load(tmp_path / "numbers.npz") as archive:
        return still, numbers, dict(archive)


def test_the_numbers_follow_from_the_saved_arrays(written):
    _, numbers, arrays = written
    for dataset, line in zip(DATASETS, numbers.lines, strict=True):
        found = numbers.values["datasets"][dataset]
        counts, distances = arrays[f"counts {dataset}"], arrays[f"distances {dataset}"]
        (b, a), covariance = np.polyfit(1 / np.sqrt(counts), distances, 1, w=np.sqrt(counts), cov=True)
        assert found["exact"] == pytest.approx(a) and found["exact_per_root_n"] == pytest.approx(b)
        assert found["exact_error"] == pytest.approx(np.sqrt(covariance[1, 1]))
        assert found["exact_of_most"] == pytest.approx(distances[counts == 4000].mean())
        for critic in CRITICS:
            of_critic = found["critics"][critic]
            assert of_critic["ratio"] == pytest.approx(of_critic["estimate"] / a)
            assert of_critic["mean_slope"] == pytest.approx(arrays[f"slopes {dataset} {critic}"].mean())
            percent = 100 * of_critic["estimate"] / a
            assert f"{critic}: estimate {of_critic['estimate']:.3g} ({percent:.3g} %), slope " in line
        most = distances[counts == 4000].mean()
        error = np.sqrt(covariance[1, 1])
        assert line.startswith(f"{dataset}: exact distance {a:.3f} ± {error:.3f} ({most:.3f} at 4,000 points); ")
    (check,) = numbers.checks
    assert check.value == 2 and check.bound == "at least 2" and check.holds


def test_one_data_set_within_a_twentieth_is_not_enough(tmp_path, monkeypatch):
    monkeypatch.setattr(Still, "ratios", dict(zip(DATASETS, (1.04, 1.2, 1.2), strict=True)))
    (check,) = value_surfaces.measure(Still(tmp_path, True, lambda line: None, None)).checks
    assert check.value == 1 and not check.holds


@pytest.mark.parametrize("small", [True, False])
def test_every_critic_is_trained_at_its_own_setting(tmp_path, small):
    still = Still(tmp_path, small, lambda line: None, None)
    numbers = value_surfaces.measure(still)
    critics = {name: given for name, given in still.asked.items() if not name.startswith("exact-")}
    assert len(critics) == 9 and len(still.asked) == 12, "a name of its own for each"
    for dataset in DATASETS:
        clipping, penalty, weak = (given for given in critics.values() if given["dataset"] == dataset)
        assert clipping["clip_value"] == 0.01 and clipping["gp_weight"] is None and clipping["method"] == "wgan"
        assert penalty["gp_weight"] == 10 and weak["gp_weight"] == 0.1
        for given in (clipping, penalty, weak):
            method = methods.find(given["method"])
            assert method.clips == (given["clip_value"] is not None)
            assert given["width"] == (256 if small else 512) and given["batch_size"] == (128 if small else 256)
            assert small or given["updates"] == 100_000
    assert value_surfaces.CRITICS == (CLIPPING, PENALTY, WEAK)
    assert f"{penalty['updates']:,} updates of batch {penalty['batch_size']}" in numbers.caption


def test_the_exact_distance_is_that_of_the_cheapest_pairing_of_a_shifted_set():
    # a set moved by (0.3, 0.4) is at distance 0.5: no pairing is cheaper than each with its own
    points = np.random.default_rng(1).normal(size=(60, 2))
    moved = np.random.default_rng(2).permutation(points) + [0.3, 0.4]
    assert transport.distance(moved, points) == pytest.approx(0.5)
    others, lengths = transport.assigned(moved, points)
    costs = np.linalg.norm(moved[:, None] - points, axis=-1)
    assert sorted(others) == list(range(60))
    assert lengths.sum() == pytest.approx(costs[linear_sum_assignment(costs)].sum())

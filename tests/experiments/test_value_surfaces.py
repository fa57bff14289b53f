"""The numbers of the figure on critics whose answers are known, and once more from its files by other means."""

import json

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.data.source import Source, Split
from wgangp_tf.experiments import fixed_critics, place, value_surfaces
from wgangp_tf.gan import methods
from wgangp_tf.metrics import wasserstein
from wgangp_tf.networks import registry as networks
from wgangp_tf.samples.spec import Spec
from wgangp_tf.stopping import Stop

W = np.array([1.2, -0.9])  # of norm 1.5
BOUND = {500: 3, 1000: 2, 2000: 2, 4000: 1}


def linear(samples, training=None):
    """D(x) = w · x, whose slope is ‖w‖ everywhere."""
    return tf.matmul(samples, tf.constant(W[:, None], samples.dtype))


def paraboloid(samples, training=None):
    """D(x) = x² / 2, whose slope at x is ‖x‖."""
    return tf.reduce_sum(tf.square(samples), axis=1, keepdims=True) / 2


def test_a_linear_critic_is_as_steep_everywhere_as_its_weights_are_long():
    real, fake = np.random.default_rng(0).normal(size=(2, 50, 2)).astype(np.float32)
    np.testing.assert_allclose(value_surfaces.slopes(linear, real, fake, seed=0), np.full(50, 1.5), rtol=1e-6)


def test_the_slope_is_taken_on_the_straight_line_of_each_optimal_pair():
    # far apart on a circle and moved outwards by a little: nobody is paired with another's
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    real = np.random.default_rng(1).permutation(circle)
    found = value_surfaces.slopes(paraboloid, real, np.float32(1.1) * circle, seed=0)
    # on a pair's line the norm is between both ends', evenly
    assert found.min() >= 1 - 1e-6 and found.max() <= 1.1 + 1e-6
    assert found.mean() == pytest.approx(1.05, abs=0.02) and found.std() == pytest.approx(0.1 / 12**0.5, abs=0.006)


def test_the_penalty_is_taken_between_each_point_and_its_own_blur():
    # the slope of x² / 2 is ‖x‖: about 1000 there, and less on every line from one end to the other
    real = np.tile(np.array([[1000.0, 0.0], [-1000.0, 0.0]], np.float32), [50, 1])
    found = value_surfaces._penalty(paraboloid, {"gp_weight": 10.0}, real)
    assert found == pytest.approx(10 * 999**2, rel=0.01)
    assert value_surfaces._penalty(paraboloid, {"gp_weight": None}, real) == 0


def test_a_point_is_as_far_from_its_blur_as_the_noise_is_long(monkeypatch):
    # W1 of a point and N(0, I) about it is the mean length of the noise, √(π/2), whatever the number of points
    source = _source(np.zeros([1000, 2]), np.zeros([10, 2]))
    monkeypatch.setattr("wgangp_tf.data.registry.load", lambda data, storage: source)
    monkeypatch.setattr(value_surfaces, "_EXACT", {100: 8, 400: 4})
    found = value_surfaces._exact("8gaussians")
    np.testing.assert_array_equal(found["counts"], [100] * 8 + [400] * 4)
    # standard deviation of a length: 0.66; of the mean of 800 or 1600: 0.023 and 0.016
    for count in (100, 400):
        of_count = found["distances"][found["counts"] == count]
        assert of_count.mean() == pytest.approx(np.sqrt(np.pi / 2), abs=0.08) and of_count.std() > 0
    assert len(found["real"]) == 600


def test_no_point_is_compared_with_its_own_blur(monkeypatch):
    apart = np.stack([100.0 * np.arange(200), np.zeros(200)], axis=1)
    monkeypatch.setattr("wgangp_tf.data.registry.load", lambda data, storage: _source(apart, apart))
    monkeypatch.setattr(value_surfaces, "_EXACT", {50: 2})
    assert value_surfaces._exact("8gaussians")["distances"].min() > 50


def test_the_caption_says_how_long_each_critic_was_trained():
    small = "12,000 (penalty, λ = 10), 4,000 (penalty, λ = 0.1)"
    assert f"Updates: 8,000 (clipping at 0.01), {small}. Two" in value_surfaces._caption(small=True)
    assert value_surfaces._caption(small=False).count(" 100,000 (") == 3


def _source(train, held_out):
    splits = (Split(np.asarray(some, np.float32)) for some in (train, held_out))
    return Source("8gaussians", Spec("points", (2,)), *splits)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The figure of linear critics, and its directory: (values, arrays, held-out points)."""
    generator = np.random.default_rng(5)
    held_out = generator.normal(size=[60, 2]).astype(np.float32)
    source = _source(generator.normal(size=[400, 2]), held_out)
    path = tmp_path_factory.mktemp("figure")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wgangp_tf.data.registry.load", lambda data, storage: source)
        patch.setattr(fixed_critics, "trained", lambda place, name, given: (linear, source))
        for name, value in {"_EXACT": {25: 6, 50: 4, 100: 3, 200: 2}, "_SIDE": 16, "_PAIRS": 30}.items():
            patch.setattr(value_surfaces, name, value)
        here = place.Place(path, True, lambda line: None, Stop())
        here.write("value_surfaces", value_surfaces.measure(here), {})
    with np.load(path / "numbers.npz") as arrays:
        return json.loads((path / "numbers.json").read_text()), dict(arrays), held_out


def test_the_exact_distance_is_where_the_line_over_one_by_root_n_ends(made):
    values, arrays, _ = made
    for dataset in value_surfaces.DATASETS:
        counts, distances = arrays[f"counts {dataset}"], arrays[f"distances {dataset}"]
        (slope, end), covariance = np.polyfit(counts**-0.5, distances, 1, w=counts**0.5, cov=True)
        found = values["datasets"][dataset]
        assert found["exact"] == pytest.approx(end) and found["exact_per_root_n"] == pytest.approx(slope)
        assert found["exact_error"] == pytest.approx(np.sqrt(covariance[1, 1]))
        assert found["exact_of_most"] == pytest.approx(np.mean(distances[-2:]))
        (line,) = (line for line in values["lines"] if line.startswith(f"{dataset}:"))
        assert f"exact distance {end:.3f}, the fit's standard error {covariance[1, 1] ** 0.5:.3f}" in line


def test_the_numbers_of_a_critic_are_those_of_its_scores(made):
    values, arrays, held_out = made
    real = held_out.astype(float)
    noise = np.concatenate([np.random.default_rng(k).standard_normal((60, 2)) for k in range(20)])
    steps = np.linspace(-3, 3, 16)
    for dataset in value_surfaces.DATASETS:
        exact = values["datasets"][dataset]["exact"]
        for critic, weight in zip(value_surfaces.CRITICS, (0, 10, 0.1), strict=True):
            found = values["datasets"][dataset]["critics"][critic]
            # mean w·real − mean w·(real + noise)
            assert found["estimate"] == pytest.approx(-(noise @ W).mean(), abs=1e-6)
            assert found["ratio"] == pytest.approx(found["estimate"] / exact)
            assert found["mean_slope"] == pytest.approx(arrays[f"slopes {dataset} {critic}"].mean())
            assert found["mean_slope"] == pytest.approx(1.5) and len(arrays[f"slopes {dataset} {critic}"]) == 30
            assert found["penalty"] == pytest.approx(weight * 0.25, rel=1e-5)
            wanted = W[0] * steps[None, :] + W[1] * steps[:, None] - (real @ W).mean()
            np.testing.assert_allclose(arrays[f"surface {dataset} {critic}"], wanted, atol=1e-5)
    (check,) = values["checks"]
    ratios = [values["datasets"][dataset]["critics"]["penalty, λ = 10"]["ratio"] for dataset in values["datasets"]]
    assert check["value"] == sum(0.95 <= ratio <= 1.05 for ratio in ratios) == 0 and not check["holds"]


class Still(place.Place):
    """A place whose parts are there already; estimates are known parts of a distance of 0.5."""

    ratios = {"8gaussians": 1.049, "25gaussians": 0.951, "swiss_roll": 1.051}

    def part(self, name, settings, make, beside=()):
        self.asked = {**getattr(self, "asked", {}), name: settings if name.startswith("exact-") else settings["given"]}
        if name.startswith("exact-"):
            counts = np.array([k for k, times in BOUND.items() for _ in range(times)])
            return {"counts": counts, "distances": 0.5 + 2.0 * counts**-0.5, "real": np.zeros([3, 2])}
        dataset, method, _ = name.split("-")
        estimate = 0.5 * self.ratios[dataset] if name.endswith("-penalty-10") else 7.0
        made = {"estimate": np.array(estimate), "penalty": np.array(0.0), "slopes": np.array([0.9, 1.3])}
        return made | {"surface": np.zeros([4, 4])}


@pytest.mark.parametrize("small", [True, False])
def test_three_critics_of_one_network_are_measured_on_each_set(tmp_path, small):
    still = Still(tmp_path, small, lambda line: None, None)
    numbers = value_surfaces.measure(still)
    exact = {name: given for name, given in still.asked.items() if name.startswith("exact-")}
    assert all(given["sets"] == [(500, 64), (1000, 32), (2000, 8), (4000, 3)] for given in exact.values())
    critics = {name: given for name, given in still.asked.items() if name not in exact}
    assert len(exact) == 3 and len(critics) == 9, "two critics have one name"
    assert len({(given["network"], given["width"], given["batch_size"]) for given in critics.values()}) == 1
    for name, given in critics.items():
        dataset, kind, factor = name.split("-")
        assert given["dataset"] == dataset and networks.find(given["network"]) is not None
        used = methods.find(given["method"]).fields & {"gp_weight", "clip_value"}
        assert used == ({"clip_value"} if kind == "clipping" else {"gp_weight"})
        assert {key for key in ("gp_weight", "clip_value") if given[key] is not None} == used
        assert given[used.pop()] == float(factor)

    assert numbers.values["datasets"]["8gaussians"]["exact"] == pytest.approx(0.5)
    (check,) = numbers.checks
    assert check.value == 2 and check.bound == "at least 2" and check.holds
    line = numbers.lines[0]
    assert line.startswith("8gaussians: exact distance 0.500, the fit's standard error 0.000 (0.532 at 4,000 points); ")
    assert "penalty, λ = 10: estimate 0.524 (104.9% of it), slope 1.1" in line

    still.ratios = Still.ratios | {"25gaussians": 0.949}
    (check,) = value_surfaces.measure(still).checks
    assert check.value == 1 and not check.holds


def test_an_optimal_critic_of_a_moved_set_has_the_distance_as_its_estimate_and_slope_one():
    # Prop. 1: for fake = real + s the best 1-Lipschitz critic is −s · x / ‖s‖
    real = np.random.default_rng(0).normal(size=[80, 2]).astype(np.float32)
    shift = np.float32([0.3, 0.4])

    def best(samples, training=None):
        return tf.matmul(samples, [[-0.6], [-0.8]])

    fake = np.random.default_rng(1).permutation(real + shift)
    estimate = fixed_critics.scores(best, real).mean() - fixed_critics.scores(best, fake).mean()
    assert estimate == pytest.approx(0.5, abs=1e-6) == wasserstein.distance(fake, real)
    np.testing.assert_allclose(value_surfaces.slopes(best, real, fake, seed=0), 1, rtol=1e-6)

"""The numbers of the figure on samples whose quality is known."""

import numpy as np
import pytest
import scipy.linalg

from wgangp_tf.data.source import Split
from wgangp_tf.experiments import architectures, place
from wgangp_tf.metrics.neighbours import precision_recall_density_coverage
from wgangp_tf.training import resolve


def test_a_training_has_the_metrics_of_its_samples():
    real, samples = np.random.default_rng(0).integers(0, 256, [2, 40, 2, 2, 1]).astype(np.uint8)
    found = architectures.measured(Split(real), samples)
    rows = [some.reshape(40, 4) / 255 for some in (real, samples)]
    wanted = precision_recall_density_coverage(*rows)
    assert found["precision"] == pytest.approx(wanted["precision"])
    assert found["coverage"] == pytest.approx(wanted["coverage"])
    means, covariances = zip(*((x.mean(axis=0), np.cov(x.T)) for x in rows), strict=True)
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    distance = np.sum((means[0] - means[1]) ** 2) + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert found["distance"] == pytest.approx(distance / np.trace(covariances[0]), rel=1e-6)
    np.testing.assert_array_equal(found["samples"], samples[:16])
    assert set(found) == {"samples", "real", "diverged", "distance", "precision", "coverage"}
    assert not found["diverged"] and {picture.tobytes() for picture in found["real"]} <= {p.tobytes() for p in real}


def test_the_mean_picture_alone_is_at_distance_one():
    real = np.random.default_rng(0).integers(0, 2, [60, 2, 2, 1]).astype(np.uint8) * 200
    real[:30] = 200 - real[30:]  # the mean is 100
    found = architectures.measured(Split(real), np.full_like(real, 100))
    assert found["distance"] == pytest.approx(1, rel=1e-6)
    assert architectures.measured(Split(real), real)["distance"] == pytest.approx(0, abs=1e-6)


def test_a_training_that_diverged_has_no_quality_and_no_picture():
    found = architectures.measured(Split(np.ones([40, 2, 2, 1], np.uint8)), None)
    assert found["diverged"] and found["precision"] == found["coverage"] == 0 and found["distance"] == np.inf
    assert found["samples"].shape == (0, 2, 2, 1)


class Still(place.Place):
    """A place whose parts are there already."""

    def part(self, name, settings, make, beside=()):
        self.asked = {**getattr(self, "asked", {}), name: settings["given"]}
        distance = 0.9 if name == "wgan-tanh" else 0.25
        samples = np.zeros([16, 2, 2, 3], np.uint8)
        values = {"distance": distance, "precision": 0.75, "coverage": 0.5}
        return {"samples": samples, "real": samples, "diverged": name == "wgan-gated", **values}


@pytest.mark.parametrize("small", [True, False])
def test_each_architecture_is_trained_by_each_method_at_one_setting(tmp_path, small):
    still = Still(tmp_path, small, lambda line: None, None)
    numbers = architectures.measure(still)
    methods = ("wgan-gp", "wgan") if small else ("wgan-gp", "wgan", "dcgan", "lsgan")
    assert len(still.asked) == 6 * len(methods)
    settings, networks = {}, set()
    for name, given in still.asked.items():
        config = resolve.resolve(given)
        method, _, architecture = name.rpartition("-")
        assert config.model.method == method
        dense = small and name == "wgan-gp-mlp_generator"  # which has rates of its own, as the caption says
        settings.setdefault((method, dense), set()).add(config.optimization)
        networks.add((config.model.network, config.model.generator_normalization))
        if architecture == "no_normalization":
            assert config.model.critic_normalization == config.model.generator_normalization == "none"
        else:
            assert config.model.critic_normalization == ("layer" if method == "wgan-gp" else "batch")
    assert all(len(of_method) == 1 for of_method in settings.values()), "the settings depend on the architecture"
    assert len(networks) == 6
    assert ("rates of the dense generator" in numbers.caption) == small == (("wgan-gp", True) in settings)
    if small:
        assert settings["wgan-gp", True].isdisjoint(settings["wgan-gp", False])
    assert numbers.values["trained"]["wgan-gp"] == 6 and numbers.values["trained"]["wgan"] == 4
    assert numbers.values["found"]["wgan gated"]["distance"] is None
    tanh = {"diverged": False, "distance": 0.9, "precision": 0.75, "coverage": 0.5}
    assert numbers.values["found"]["wgan tanh"] == tanh
    assert "wgan tanh: distance 0.90, precision 0.75, coverage 0.50" in numbers.lines
    assert "wgan gated: diverged" in numbers.lines
    assert [check.holds for check in numbers.checks] == [True]

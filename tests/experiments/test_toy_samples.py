"""The numbers of the figure on points whose numbers are known."""

import numpy as np
import pytest

from wgangp_tf.data import toy
from wgangp_tf.data.source import Source, Split
from wgangp_tf.experiments import place, toy_samples
from wgangp_tf.experiments.trainings import Look
from wgangp_tf.gan import methods
from wgangp_tf.samples.spec import Spec
from wgangp_tf.training import resolve

CENTRES, SIGMA = toy.modes("25gaussians")


def source(modes=(CENTRES, SIGMA)):
    real = np.repeat(CENTRES, 8, axis=0).astype(np.float32)  # 200 points, each a centre
    return Source("25gaussians", Spec("points", (2,)), Split(real, modes=modes), Split(real + np.float32([0.5, 0])))


def look(step, centres, away):
    """200 points at the first few centres, a fifth of them so far away that no mode is theirs."""
    points = np.tile(CENTRES[:centres], [200, 1])[:200].astype(np.float32)
    points[::5] += np.float32([0, away])
    return Look(step, 2.0 * step, points)


def test_the_numbers_of_a_training():
    found = toy_samples.measured(source(), [look(3, 10, 50.0), look(6, 25, 50.0), look(9, 25, 0.0)])
    curves = found["curves"]
    np.testing.assert_array_equal(curves[:, :2], [[3, 6], [6, 12], [9, 18]])
    np.testing.assert_array_equal(curves[:, 2], [8, 20, 25])  # every fifth centre is missed
    np.testing.assert_allclose(curves[:, 3], [0.8, 0.8, 1.0])
    assert curves[0, 4] > curves[1, 4] > 50 / 5 and curves[2, 4] == pytest.approx(0.5, rel=1e-5)
    assert found["floor"] == pytest.approx(0.5, rel=1e-5)
    assert found["points"].shape == (3, 200, 2) and found["real"].shape == (200, 2)


def test_a_set_without_modes_has_the_distance_alone():
    found = toy_samples.measured(source(modes=None), [look(3, 25, 0.0)])
    assert np.isnan(found["curves"][0, 2:4]).all()
    assert found["curves"][0, 4] == pytest.approx(0.5, rel=1e-5)


class Still(place.Place):
    """A place whose parts are there already."""

    def part(self, name, settings, make, beside=()):
        self.asked = {**getattr(self, "asked", {}), name: settings["given"]}
        quality = {"25gaussians-wgan-gp": 0.81}.get(name, 0.4)
        curves = np.array([[k, k, 25, quality, 0.1] for k in range(16)], float)
        return {"curves": curves, "points": np.zeros([16, 4, 2]), "real": np.ones([4, 2]), "floor": np.array(0.05)}


@pytest.mark.parametrize("small", [True, False])
def test_the_figure_is_of_the_trainings_it_says(tmp_path, small):
    still = Still(tmp_path, small, lambda line: None, None)
    numbers = toy_samples.measure(still)
    assert len(still.asked) == (3 if small else 24)
    for name, given in still.asked.items():
        config = resolve.resolve(given)
        assert f"{config.data.dataset}-{config.model.method}" == name
        assert config.optimization.steps % 16 == 0
        if small:
            assert given["preset"] == "toy_25gaussians_small"
            o = config.optimization
            assert o.learning_rate_decay == "linear"
            said = {
                "wgan-gp": (o.optimizer, o.learning_rate, o.gp_weight) == ("adam", 1e-3, 0.1),
                "wgan": (o.optimizer, o.learning_rate, o.clip_value) == ("rmsprop", 5e-4, 0.1),
                "dcgan": (o.optimizer, o.learning_rate, o.n_critic) == ("adam", 2e-4, 1),
            }
            assert said[config.model.method], "as the caption says"
        else:
            own = methods.find(config.model.method).defaults
            resolved = vars(config.optimization)
            assert {field: resolved[field] for field in own if field in resolved} == {
                field: value for field, value in own.items() if field in resolved
            }
    assert [check.holds for check in numbers.checks] == [True, True]
    assert numbers.checks[1].value == 0.81
    assert numbers.values["finals"]["25gaussians wgan"]["within_4_sigma"] == 0.4
    start = "wgan on 25gaussians, 15 steps in 15 s: 25 modes, 40.0% of samples near one, "
    assert f"{start}distance 0.100 (real points: 0.050)" in numbers.lines

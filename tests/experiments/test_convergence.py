"""The numbers of the figure on samples whose quality is known."""

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.experiments import convergence, place
from wgangp_tf.experiments.trainings import Look
from wgangp_tf.metrics.neighbours import precision_recall_density_coverage
from wgangp_tf.training import resolve


def test_the_curve_is_of_the_metrics_at_each_look():
    random = np.random.default_rng(0)
    real, bad = random.integers(0, 256, [2, 40, 2, 2, 1]).astype(np.uint8)
    curve = convergence.measured(Split(real), [Look(10, 1.5, bad), Look(20, 3.0, real)])
    for row, samples in zip(curve, (bad, real), strict=True):
        found = precision_recall_density_coverage(real.reshape(40, 4) / 255, samples.reshape(40, 4) / 255)
        assert row[2:] == pytest.approx([found[name] for name in ("precision", "recall", "density", "coverage")])
    np.testing.assert_array_equal(curve[:, :2], [[10, 1.5], [20, 3.0]])
    np.testing.assert_array_equal(curve[1, [2, 5]], 1)  # the real ones themselves


def curve(*coverages):
    return np.array([[100 * k, 2.5 * k, 0, 0, 0, value] for k, value in enumerate(coverages, start=1)])


def test_a_quality_is_reached_at_the_first_look_that_has_it():
    assert convergence.first_at(curve(0.1, 0.6, 0.5, 0.9), 0.6) == {"step": 200, "seconds": 5.0}
    assert convergence.first_at(curve(0.1, 0.6), 0.7) is None


class Still(place.Place):
    """A place whose parts are there already."""

    def part(self, name, settings, make, beside=()):
        self.asked = {**getattr(self, "asked", {}), name: settings["given"]}
        return {"curve": self.curves[name]}


@pytest.mark.parametrize("small", [True, False])
def test_four_trainings_of_one_network_are_compared(tmp_path, small):
    still = Still(tmp_path, small, lambda line: None, None)
    still.curves = {
        "clipping": curve(0.1, 0.2, 0.3, 0.4),  # never gets there
        "penalty-rmsprop": curve(0.1, 0.5, 0.5, 0.5),
        "penalty-adam": curve(0.7, 0.9, 0.9, 0.9),
        "dcgan": curve(0.2, 0.2, 0.9, 0.9),
    }
    numbers = convergence.measure(still)
    ways = {name: resolve.resolve(given) for name, given in still.asked.items()}
    assert (
        len({(w.data.dataset, w.model.network, w.model.width, w.optimization.batch_size) for w in ways.values()}) == 1
    )
    clipping, rmsprop, adam, dcgan = ways.values()
    assert clipping.optimization.learning_rate == rmsprop.optimization.learning_rate
    assert clipping.optimization.optimizer == rmsprop.optimization.optimizer == "rmsprop"
    assert (clipping.model.method, rmsprop.model.method, adam.model.method) == ("wgan", "wgan-gp", "wgan-gp")
    assert adam.optimization.optimizer == "adam" and dcgan.optimization.n_critic == 1
    assert all(way.optimization.steps % 20 == 0 for way in ways.values())

    assert numbers.values["reached"]["penalty, Adam"] == {"step": 200, "seconds": 5.0}
    assert numbers.values["reached"]["clipping"] is None
    assert numbers.lines[0] == "clipping, coverage 0.8: not reached"
    assert numbers.lines[2] == "penalty, Adam, coverage 0.8: 200 steps, 5 s"
    # at 200 of the 400 steps that clipping had without getting there
    assert [check.value for check in numbers.checks] == [0.5, 0.5, 0.5]
    assert [check.holds for check in numbers.checks] == [True, True, True]

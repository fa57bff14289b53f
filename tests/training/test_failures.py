"""The table of failures: what it promises, and that healthy runs show none.

The runs of `KEPT` and `ILL` were trained once, on two cores; their logs lie in kept/, rounded to 4 digits, and are
made again by

    python -m tests.training.test_failures [NAME …]
"""

import json
import pathlib
import sys
import tempfile

import pytest

from tests.wiring.lab import Lab
from wgangp_tf import presets
from wgangp_tf.commands import train
from wgangp_tf.quantities import QUANTITIES
from wgangp_tf.training import health
from wgangp_tf.training.failures import FAILURES, Past
from wgangp_tf.training.resolve import resolve

_PLACE = pathlib.Path(__file__).parent / "kept"
_SHAPES = {"dataset": "shapes"}  # in place of data that has to be fetched; the rest is the preset's
# flags of each; the shortened ones decay their rates within the steps they have
KEPT = {
    "celeb_a_small": {"preset": "celeb_a_small", **_SHAPES, "crop": "none", "steps": 200, "log_every": 50},
    "cifar10_dcgan_small": {"preset": "cifar10_dcgan_small", **_SHAPES, "steps": 200, "log_every": 50},
    "cifar10_resnet_small": {
        "preset": "cifar10_resnet_small",
        **_SHAPES,
        "batch_size": 16,
        "generator_batch_size": 32,
        "steps": 200,
        "log_every": 50,
    },
    "digits": {"dataset": "digits"},
    "digits_dcgan": {"dataset": "digits", "method": "dcgan", "steps": 1500},
    "digits_lsgan": {"dataset": "digits", "method": "lsgan", "steps": 1500},
    "digits_r3gan": {"dataset": "digits", "method": "r3gan", "steps": 1500},
    "digits_wgan": {"dataset": "digits", "method": "wgan", "steps": 1500},
    "lsun128_small": {"preset": "lsun128_small", "steps": 400},
    "lsun64_constant_filters_small": {"preset": "lsun64_constant_filters_small", "steps": 1000},
    "lsun64_dcgan_small": {"preset": "lsun64_dcgan_small"},
    "lsun64_gated_small": {"preset": "lsun64_gated_small", "steps": 1000},
    "lsun64_good_small": {"preset": "lsun64_good_small", "steps": 400},
    "lsun64_no_normalization_small": {"preset": "lsun64_no_normalization_small", "steps": 1000},
    "lsun64_resnet101_small": {"preset": "lsun64_resnet101_small", "steps": 400},
    "lsun64_tanh_small": {"preset": "lsun64_tanh_small", "steps": 1000},
    "mnist_small": {"preset": "mnist_small", **_SHAPES, "channels": 1, "image_size": "28x28", "steps": 400},
    "toy_25gaussians_small": {"preset": "toy_25gaussians_small", "steps": 1500},
    "toy_8gaussians_small": {"preset": "toy_8gaussians_small", "steps": 1000},
    "toy_swiss_roll_small": {"preset": "toy_swiss_roll_small", "steps": 1000},
    "zoo_celeb_a_small": {"preset": "zoo_celeb_a_small", **_SHAPES, "crop": "none", "steps": 200, "log_every": 50},
}

# those that are not healthy: their pictures are noise around the middle, whose mean leaves that of real ones
ILL = {"lsun64_mlp_generator_small": {"preset": "lsun64_mlp_generator_small"}}


def _lines(name):
    return [json.loads(line) for line in (_PLACE / f"{name}.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("name", KEPT)
def test_a_healthy_run_shows_no_failure(name):
    config, lines = resolve(KEPT[name]), _lines(name)
    assert lines[-1]["step"] == config.optimization.steps and len(lines) >= 4
    for count in range(len(lines)):
        assert health.course_of(lines[: count + 1], config).present == {}
    course = health.Course(config)
    for line in lines:
        course.take(line)
    assert course.summary() == ["health: nothing wrong was seen"]


def test_a_run_of_poor_samples_is_told_of_its_critic_and_of_nothing_else():
    name = "lsun64_mlp_generator_small"
    course = health.course_of(_lines(name), resolve(ILL[name]))
    assert set(course.present) == {"the critic is too weak"} == {verdict.name for verdict, _ in course.over}


def test_every_preset_of_minutes_has_a_kept_log():
    assert {name for name in presets.PRESETS if name.endswith("_small")} <= {*KEPT, *ILL}
    assert {f"{name}.jsonl" for name in KEPT | ILL} == {path.name for path in _PLACE.iterdir()}


@pytest.mark.parametrize("name", KEPT)
def test_a_kept_log_has_every_number_that_failures_are_read_from(name):
    wanted = {failure.quantity for failure in FAILURES.values()} - {"modes_covered"}
    assert all(wanted <= set(line) for line in _lines(name))


@pytest.mark.parametrize("failure", FAILURES.values(), ids=lambda failure: failure.name)
def test_a_row_names_flags_and_numbers_that_there_are(failure):
    assert failure.quantity in QUANTITIES and failure.reason
    assert set(failure.flags) <= {flag.name for flag in train.FLAGS}
    named = {word.strip(",.;").partition("=")[0] for word in failure.advice.split() if word.startswith("--")}
    assert named == {f"--{name}" for name in failure.flags}
    assert set(failure.explained_by) <= set(FAILURES) - {failure.name}


def test_what_explains_a_failure_is_looked_at_before_it():
    order = list(FAILURES)
    for failure in FAILURES.values():
        for cause in failure.explained_by:
            assert order.index(cause) < order.index(failure.name)


def _value(name, *lines, **flags):
    """What a failure holds against its limit at the last of some lines."""
    past, config = Past(), resolve({"dataset": "digits", **flags})
    for line in lines:
        past.meet(line)
    return FAILURES[name].value(lines[-1], past, config)


def test_updates_are_the_mean_of_four_lines_and_of_the_network_that_moves_further():
    lines = [{"critic_update": update, "generator_update": 0.01} for update in (0.9, 0.1, 0.2, 0.3, 0.4)]
    assert _value("the updates are too large", *lines) == pytest.approx(0.25)
    assert _value("the updates are too large", *lines, {"generator_update": 0.97}) == pytest.approx(0.25)
    assert _value("the updates are too large", {"step": 1}) is None


def test_a_held_out_estimate_tells_only_beside_a_positive_one():
    line = {"wasserstein_estimate": 2.0, "validation_wasserstein_estimate": 0.5}
    assert _value("the critic overfits", line) == 0.25
    assert _value("the critic overfits", line | {"wasserstein_estimate": -2.0}) is None
    assert _value("the critic overfits", {"wasserstein_estimate": 2.0}) is None


def test_an_estimate_is_held_against_the_means_where_it_is_a_distance():
    line = {"wasserstein_estimate": 1.0, "distance_of_means": 4.0, "gradient_norm": 1.0}
    assert _value("the critic is too weak", line) == 0.25
    assert _value("the critic is too weak", line, method="dcgan") > 1e6  # its sign alone tells
    assert _value("the critic is too weak", line | {"wasserstein_estimate": -1.0}, method="dcgan") < -1e6


def test_diversity_and_modes_are_held_against_their_best():
    lines = [{"diversity": value} for value in (0.4, 2.0, 0.8, 0.25)]
    assert _value("the generator loses its diversity", *lines) == 0.25  # more than the data's is no better
    assert _value("the generator loses its diversity", *lines[:1], lines[-1]) == pytest.approx(0.625)
    modes = [{"modes_covered": value} for value in (10, 25, 5)]
    assert _value("the generator loses modes", *modes) == 0.2 and _value("the generator loses modes", {}) is None


def test_growth_is_from_the_least_norm_so_far():
    lines = [{"gradient_norm": norm} for norm in (3.0, 2.0, 50.0, 12.0)]
    assert _value("the training diverges", *lines) == 6.0


def test_saturation_is_of_the_values_that_are_free_in_real_samples():
    assert _value("the generator is saturated", {"saturated": 0.7, "saturated_real": 0.6}) == pytest.approx(0.25)
    assert _value("the generator is saturated", {"saturated": 1.0, "saturated_real": 1.0}) is None


def test_waiting_is_over_the_time_between_the_lines():
    lines = [{"seconds": second, "waiting_seconds": waited} for second, waited in ((10, 9), (12, 1), (20, 3))]
    assert _value("the input is too slow", *lines) == pytest.approx(0.4)  # what came before the first is not of it
    assert _value("the input is too slow", lines[0]) is None


def _keep(name, lines):
    """Writes a log, each number to 4 digits."""
    text = "".join(json.dumps({key: _short(value) for key, value in line.items()}) + "\n" for line in lines)
    (_PLACE / f"{name}.jsonl").write_text(text)


def _short(value):
    return value if isinstance(value, int) else float(f"{value:.4g}")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or KEPT | ILL:
        with tempfile.TemporaryDirectory() as place:
            _keep(wanted, Lab(pathlib.Path(place)).run(**{"log_every": 100} | (KEPT | ILL)[wanted]).lines)

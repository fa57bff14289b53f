"""Each known failure, provoked by a real training that flags made bad; none in the same training without them."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from wgangp_tf.training import health
from wgangp_tf.training.failures import FAILURES
from wgangp_tf.training.run_directory import RunDirectory

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_SMALL = {
    "network": "mlp",
    "width": 32,
    "latent_dim": 8,
    "batch_size": 32,
    "n_critic": 2,
    "learning_rate_decay": "none",
    "log_every": 10,
    "sample_every": 100_000,
    "checkpoint_every": 100_000,
}
_DIGITS = _SMALL | {"dataset": "digits", "learning_rate": 2e-3, "steps": 120}
# failure: what makes it
PROVOKED = {
    "the updates are too large": _DIGITS | {"learning_rate": 0.05},
    "the critic's gradient leaps about": _DIGITS | {"critic_learning_rate": 1.0, "log_every": 100, "steps": 400},
    "the penalty is not met": _DIGITS | {"gp_weight": 0.0},
    "the critic is too flat": _DIGITS | {"initializer": "normal", "critic_learning_rate": 1e-12},
    "the training diverges": _DIGITS | {"gp_weight": 0.0, "learning_rate": 2e-2, "steps": 150},
    "the critic is too weak": _DIGITS | {"critic_learning_rate": 1e-6, "learning_rate": 1e-2, "steps": 150},
    "all generated samples are the same": _DIGITS
    | {
        "initializer": "normal",
        "generator_normalization": "none",
        "learning_rate": 1e-9,
        "critic_learning_rate": 2e-3,
    },
    "the generator loses its diversity": _DIGITS | {"critic_learning_rate": 1e-6, "learning_rate": 3e-3, "steps": 150},
    "the generator loses modes": _DIGITS
    | {"dataset": "25gaussians", "critic_learning_rate": 1e-8, "learning_rate": 2e-4, "steps": 250},
    "the generator is saturated": _DIGITS | {"learning_rate": 1.0},
}


def _course(run):
    config = RunDirectory(run.path).read_config()
    course = health.Course(config)
    for line in run.lines:
        course.take(line)
    return course


def _seen(course):
    return {*course.present, *(verdict.name for verdict, _ in course.over)}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROVOKED)
def test_a_training_made_bad_shows_it(lab, name):
    run = lab.run(**PROVOKED[name])
    course = _course(run)
    assert name in _seen(course)
    (verdict,) = [v for v in [*course.present.values(), *(v for v, _ in course.over)] if v.name == name]
    failure = FAILURES[name]
    assert failure.shown_by(verdict.value) and verdict.limit == failure.limit
    assert verdict.text.startswith(f"{name}: ") and all(f"--{flag}" in verdict.text for flag in verdict.flags)


@pytest.mark.slow
def test_the_same_training_without_the_flags_shows_none(lab):
    run = lab.run(**_DIGITS)
    assert _seen(_course(run)) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "flags", [{"precision": "mixed_float16"}, {"precision": "mixed_bfloat16"}, {"accumulate": 2}], ids=str
)
def test_health_is_read_alike_whatever_the_precision_and_the_parts_of_a_batch(lab, flags):
    run, plain = lab.run(**_DIGITS, **flags), lab.run(**_DIGITS)
    assert _seen(_course(run)) == set()
    for name in ("generator_weight_norm", "critic_weight_norm"):
        np.testing.assert_allclose(run.logged(name), plain.logged(name), rtol=0.05)
    for name in ("generator_update", "critic_update"):
        np.testing.assert_allclose(np.mean(run.logged(name)), np.mean(plain.logged(name)), rtol=0.3)


def _write_noise(place, count, side):
    """Pictures that have nothing in common."""
    place.mkdir()
    random = np.random.default_rng(0)
    for number in range(count):
        Image.fromarray(random.integers(0, 256, [side, side], np.uint8)).save(place / f"{number:03}.png")
    return {"dataset": "folder", "data_dir": str(place), "channels": 1, "image_size": "8"}


@pytest.mark.slow
def test_a_critic_that_knows_its_samples_by_heart_is_told(lab, tmp_path):
    flags = _SMALL | _write_noise(tmp_path / "noise", 72, 8)
    course = _course(lab.run(**flags | {"width": 128, "learning_rate": 2e-3, "n_critic": 5, "steps": 120}))
    assert "the critic overfits" in _seen(course)


@pytest.mark.slow
def test_a_training_that_waits_for_its_data_is_told(tmp_path):
    flags = _SMALL | _write_noise(tmp_path / "large", 40, 1024)
    flags |= {"width": 4, "n_critic": 1, "batch_size": 16, "cache": "none", "log_every": 20, "steps": 160}
    flags |= {"run_dir": tmp_path / "run", "export_dir": tmp_path / "export"}
    words = [sys.executable, str(_ROOT / "main.py"), *(f"--{name}={value}" for name, value in flags.items())]
    # the program itself: what waits is measured by the clock, and its last lines are read as a user reads them
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "health: the input is too slow: " in done.stderr and "Try --cache=disk" in done.stderr
    assert "health: since step" in done.stderr  # at the end too


@pytest.mark.slow  # of a run that is made there anyway, as the next one
def test_verdicts_are_a_function_of_the_lines(lab):
    run = lab.run(**PROVOKED["all generated samples are the same"])
    config = RunDirectory(run.path).read_config()
    course = health.Course(config)
    for count, line in enumerate(run.lines, start=1):
        course.take(line)
        again = health.course_of(run.lines[:count], config)
        assert (again.present, again.over) == (course.present, course.over)
    assert course.present and course.sentences()[-1].endswith(list(course.present.values())[-1].text)


@pytest.mark.slow
def test_what_explains_a_failure_is_said_alone(lab):
    course = _course(lab.run(**PROVOKED["the updates are too large"]))
    assert not _seen(course) & {"the critic is too weak", "the critic overfits"}

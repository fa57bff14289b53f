"""The table of failures: what it promises, and that healthy runs show none.

The runs of `KEPT` were trained once, on two cores; their logs lie in kept/, rounded to 4 digits, and are made again by

    python -m tests.training.test_failures [NAME …]
"""

import json
import pathlib
import sys
import tempfile

import pytest

from tests.wiring.lab import Lab
from wgangp_tf.commands import train
from wgangp_tf.quantities import QUANTITIES
from wgangp_tf.training import health
from wgangp_tf.training.failures import FAILURES
from wgangp_tf.training.resolve import resolve

_PLACE = pathlib.Path(__file__).parent / "kept"
# flags of each; the shortened ones decay their rates within the steps they have
KEPT = {
    "digits": {"dataset": "digits"},
    "digits_dcgan": {"dataset": "digits", "method": "dcgan", "steps": 1500},
    "digits_lsgan": {"dataset": "digits", "method": "lsgan", "steps": 1500},
    "digits_r3gan": {"dataset": "digits", "method": "r3gan", "steps": 1500},
    "digits_wgan": {"dataset": "digits", "method": "wgan", "steps": 1500},
    "lsun64_dcgan_small": {"preset": "lsun64_dcgan_small"},
    "lsun64_good_small": {"preset": "lsun64_good_small", "steps": 400},
    "toy_25gaussians_small": {"preset": "toy_25gaussians_small", "steps": 1500},
    "toy_swiss_roll_small": {"preset": "toy_swiss_roll_small", "steps": 1000},
}


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


def _keep(name, lines):
    """Writes a log, each number to 4 digits."""
    text = "".join(json.dumps({key: _short(value) for key, value in line.items()}) + "\n" for line in lines)
    (_PLACE / f"{name}.jsonl").write_text(text)


def _short(value):
    return value if isinstance(value, int) else float(f"{value:.4g}")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or KEPT:
        with tempfile.TemporaryDirectory() as place:
            _keep(wanted, Lab(pathlib.Path(place)).run(**KEPT[wanted], log_every=100).lines)

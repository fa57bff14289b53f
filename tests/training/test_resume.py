"""A run that is killed and continued is, bit for bit, the run that was not."""

import os
import pathlib
import subprocess
import sys

import pytest

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_FLAGS = {
    "steps": 8,
    "log_every": 2,
    "sample_every": 4,
    "checkpoint_every": 3,
    "width": 8,
    "latent_dim": 4,
    "batch_size": 16,
    "n_critic": 2,
    "seed": 5,
}
# steps 3, 6 and 8 are saved, 2, 4, 6 and 8 logged
_KILLS = (
    "after_log:3 data_without_index:1 before_rename:2 after_checkpoint:2 in_export:1 after_export:1 in_replace:1 "
    "full_disk:1"
)


def _killed_and_continued(place, kills, *flags):
    """What the program says whose runs are killed, continued and compared."""
    flags = [*flags, "--deterministic", *(f"--{name}={value}" for name, value in _FLAGS.items())]
    result = subprocess.run(
        [sys.executable, str(_ROOT / "tests" / "kill_and_continue.py"), kills, *flags],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(_ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert [line for line in result.stdout.splitlines() if line.startswith("differs")] == []
    assert f"compared {len(kills.split())}" in result.stdout
    return result


@pytest.mark.slow
def test_a_continued_run_over_replicas_equals_the_uninterrupted_one(tmp_path):
    result = _killed_and_continued(tmp_path, "before_rename:2", "--strategy=mirrored")
    assert "2 replicas" in result.stderr and result.stderr.count("continuing at step 3 of 8") == 1


@pytest.mark.slow
def test_a_continued_run_that_is_evaluated_equals_the_uninterrupted_one(tmp_path):
    _killed_and_continued(tmp_path, "after_log:3 before_rename:3 after_checkpoint:2", "--evaluate_every=4")


@pytest.mark.slow
def test_a_continued_run_by_class_that_changes_its_pictures_equals_the_uninterrupted_one(tmp_path):
    flags = ("--augment=flip,translate,color", "--conditional", "--flip")
    _killed_and_continued(tmp_path, "after_log:3 before_rename:2", *flags)


@pytest.mark.slow
def test_continued_runs_equal_the_uninterrupted_one(tmp_path):
    result = _killed_and_continued(tmp_path, _KILLS)

    # nothing is left of what was half written
    assert [path for path in tmp_path.rglob(".*") if path.name != ".lock"] == []

    # a full disk is one line that names the checkpoint that is left
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert "File too large" in line and "the checkpoint of step 3 is kept" in line

    # killed after the log of step 6, before the second checkpoint had its name, out of space after the first one
    assert result.stderr.count("continuing at step 3 of 8") == 3
    # killed after the second one
    assert result.stderr.count("continuing at step 6 of 8") == 1

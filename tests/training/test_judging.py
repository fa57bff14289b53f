"""Runs that are evaluated while they train."""

import json
import os

import pytest

from wgangp_tf.training import evaluation, judging

FLAGS = ("--steps=6", "--evaluate_every=3", "--keep_checkpoints=1", "--run_dir=run", "--export_dir=export")


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(judging, "SAMPLES", 64)
    monkeypatch.setattr(evaluation, "REAL_SAMPLES", 100)


def _lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_evaluation_is_a_line_of_its_own_and_stands_in_the_log_of_its_step(train, tmp_path):
    assert train(*FLAGS)[0] == 0
    found = _lines(tmp_path / "run" / "evaluations.jsonl")
    logged = {line["step"]: line for line in _lines(tmp_path / "run" / "metrics.jsonl")}
    assert [line["step"] for line in found] == [3, 6]
    assert sorted(logged) == [2, 3, 4, 6]  # there is a log where there is an evaluation
    for line in found:
        values = evaluation.values(line)
        assert {"frechet_distance", "precision", "coverage"} <= set(values)
        assert values.items() <= logged[line["step"]].items()
        assert (line["samples"], line["real_samples"], line["by"]) == (64, 100, "training")
        assert "tensorflow" in line["versions"]
    assert "precision" not in logged[2] and "precision" not in logged[4]


def test_the_best_checkpoint_is_kept_and_can_be_exported(train, command, tmp_path, monkeypatch):
    original = evaluation.Evaluation.repeated

    def worse_and_worse(self, generate, seed, repeats):
        means, deviations = original(self, generate, seed, repeats)
        worse_and_worse.count += 1
        return means | {"frechet_distance": float(worse_and_worse.count)}, deviations

    worse_and_worse.count = 0
    monkeypatch.setattr(evaluation.Evaluation, "repeated", worse_and_worse)
    assert train(*FLAGS, "--checkpoint_every=5")[0] == 0
    assert sorted(os.listdir(tmp_path / "run" / "checkpoints")) == ["step-00000003", "step-00000006"]
    status, _, err = command("export", "--run_dir=run", "--step=best", "--export_dir=best")
    assert status == 0 and "the best step is 3: frechet_distance 1" in err
    card = json.loads((tmp_path / "best" / "assets.extra" / "card.json").read_text())
    assert card["step"] == 3


def test_a_run_that_was_not_evaluated_has_no_best_step(train, command, tmp_path):
    assert train("--steps=2", "--run_dir=run", "--export_dir=export")[0] == 0
    assert not (tmp_path / "run" / "evaluations.jsonl").exists()
    status, _, err = command("export", "--run_dir=run", "--step=best", "--export_dir=best")
    assert status == 2 and err.startswith("error: --step=best expects a run that was trained with --evaluate_every")
    assert err.count("\n") == 1 and not (tmp_path / "best").exists()


def test_speed_is_that_of_training_alone(train, tmp_path, monkeypatch):
    def slow(self, model, step, found):
        return {"evaluation_seconds": 1e6} if step == 3 else {}

    monkeypatch.setattr(judging.Judge, "see", slow)
    monkeypatch.setattr(judging.BestSaves, "see", lambda *_: None)
    assert train(*FLAGS)[0] == 0
    speeds = {line["step"]: line["images_per_second"] for line in _lines(tmp_path / "run" / "metrics.jsonl")}
    assert speeds[3] > 1e6  # what is left of the time is none

"""Runs that are evaluated while they train."""

import json
import os
import shutil
import types

import numpy as np
import pytest
from PIL import Image

from tests.metrics.test_inception import frozen
from wgangp_tf import config as configs
from wgangp_tf.data.source import Source, Split
from wgangp_tf.gan.model import GAN
from wgangp_tf.samples.spec import Spec
from wgangp_tf.settings import Storage
from wgangp_tf.training import evaluation, judging

FLAGS = ("--steps=6", "--evaluate_every=3", "--keep_checkpoints=1", "--run_dir=run", "--export_dir=export")


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(judging, "SAMPLES", 80)
    monkeypatch.setattr(evaluation, "REAL_SAMPLES", 100)


def _lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


class _Run:
    """A run of points that is judged without one: its evaluations find what they are told."""

    def __init__(self, path, monkeypatch, found):
        self.seeds, self.said, self.checkpoints = [], [], types.SimpleNamespace(best=None)
        self._path = path

        def repeated(_, generate, seed, repeats, labels=None):
            self.seeds.append(seed)
            return {"wasserstein": found.pop(0)}, {}

        monkeypatch.setattr(evaluation.Evaluation, "repeated", repeated)
        monkeypatch.setattr(judging.features, "without_inception", lambda *_: "no inception")

    def judge(self):
        points = Split(np.random.default_rng(0).normal(size=(120, 2)).astype(np.float32))
        spec = Spec("points", (2,))
        directory = types.SimpleNamespace(
            path=self._path, evaluations_file=self._path / "e.jsonl", environment=lambda: {"versions": {}}
        )
        run = types.SimpleNamespace(
            directory=directory, config=configs.from_values({"seed": 5}), storage=Storage(cache_dir=str(self._path))
        )
        return judging.Judge(
            every=3,
            last=7,
            source=Source(name="dots", spec=spec, train=points, validation=points, licence="none", fingerprint=""),
            run=run,
            checkpoints=self.checkpoints,
            say=self.said.append,
        )


def test_the_last_step_is_judged_and_the_best_is_known_to_a_run_that_goes_on(tmp_path, monkeypatch):
    run = _Run(tmp_path, monkeypatch, found=[2.0, 1.0, 3.0])
    judge = run.judge()
    assert run.said == ["no inception"] and run.checkpoints.best is None
    model = types.SimpleNamespace(class_shares=None)
    seen = {step: (judge.see(model, step, {}), run.checkpoints.best) for step in range(1, 8)}
    assert [step for step, (values, _) in seen.items() if values] == [3, 6, 7]
    assert [seen[step][1] for step in (3, 6, 7)] == [3, 6, 6]
    assert run.seeds == [5, 5, 5]  # the run's own
    assert [line.split(" (")[0] for line in run.said[1:]] == [f"evaluation: wasserstein {value}" for value in (2, 1, 3)]
    again = _Run(tmp_path, monkeypatch, found=[])
    again.judge()
    assert again.checkpoints.best == 6


@pytest.mark.slow
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
        assert (line["samples"], line["real_samples"], line["by"]) == (80, 100, "training")
        assert "tensorflow" in line["versions"]
    assert "precision" not in logged[2] and "precision" not in logged[4]


@pytest.mark.slow
def test_weights_of_inception_are_those_that_its_evaluations_use_and_stay_with_the_run(train, tmp_path):
    (tmp_path / "weights.pb").write_bytes(frozen())
    assert train(*FLAGS, "--inception_weights=weights.pb")[0] == 0
    assert train("--run_dir=run", "--steps=9", "--export_dir=export")[0] == 0
    lines = _lines(tmp_path / "run" / "evaluations.jsonl")
    assert [line["step"] for line in lines] == [3, 6, 9]
    assert {line["features"]["frechet_distance"] for line in lines} == {"inception-2015"}


@pytest.mark.parametrize(
    "flags, message",
    [
        (["--inception_weights=none.pb"], "--inception_weights expects a file of weights, or download. Received: '"),
        (["--inception_weights=download"], "inception_weights=download needs --download"),
        (["--inception_weights=other.pb"], "inception_weights expects the frozen graph of 2015"),
        (["--inception_weights=other.pb", "--dataset=8gaussians"], "features 'inception' are of uint8 pictures"),
        (["--inception_weights=other.pb", "--evaluate_every="], "--inception_weights is for evaluations"),
    ],
)
def test_weights_of_inception_that_cannot_be_used_are_refused_before_anything_is_written(
    train, tmp_path, flags, message
):
    (tmp_path / "other.pb").write_bytes(b"of something else")
    every = [] if "--evaluate_every=" in flags else ["--evaluate_every=3"]
    status, _, err = train("--steps=6", *every, *(flag for flag in flags if flag != "--evaluate_every="))
    assert status == 2 and f"error: {message}" in err and os.listdir(tmp_path) == ["other.pb"]


@pytest.mark.slow
def test_the_best_checkpoint_is_kept_and_can_be_exported(train, command, tmp_path, monkeypatch):
    original = evaluation.Evaluation.repeated

    def worse_and_worse(self, *how):
        means, deviations = original(self, *how)
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


@pytest.mark.slow
def test_a_run_that_was_not_evaluated_has_no_best_step(train, command, tmp_path):
    assert train("--steps=2", "--run_dir=run", "--export_dir=export")[0] == 0
    assert not (tmp_path / "run" / "evaluations.jsonl").exists()
    status, _, err = command("export", "--run_dir=run", "--step=best", "--export_dir=best")
    assert status == 2 and err.startswith("error: --step=best expects a run that was trained with --evaluate_every")
    assert err.count("\n") == 1 and not (tmp_path / "best").exists()


@pytest.mark.slow
def test_speed_is_that_of_training_alone(train, tmp_path, monkeypatch):
    def slow(self, model, step, found):
        return {"evaluation_seconds": 1e6} if step == 3 else {}

    monkeypatch.setattr(judging.Judge, "see", slow)
    monkeypatch.setattr(judging.BestSaves, "see", lambda *_: None)
    assert train(*FLAGS)[0] == 0
    speeds = {line["step"]: line["images_per_second"] for line in _lines(tmp_path / "run" / "metrics.jsonl")}
    assert speeds[3] > 1e6  # what is left of the time is none


@pytest.mark.slow
def test_a_run_that_goes_on_names_what_it_cannot_read_and_leaves_it(train, tmp_path):
    assert train(*FLAGS)[0] == 0
    path = tmp_path / "run" / "evaluations.jsonl"
    first, last = path.read_text().splitlines()
    path.write_text(f"{first}\nmine\n{last}\n")
    shutil.rmtree(tmp_path / "run" / "checkpoints" / "step-00000006")
    status, _, err = train(*FLAGS)
    assert status == 0 and err.count("line 2 of 'run/evaluations.jsonl' is no evaluation that can be read") == 1
    assert path.read_text().splitlines()[:2] == [first, "mine"]
    assert [line["step"] for line in evaluation.read(path)] == [3, 6]


@pytest.mark.slow
def test_points_have_the_values_of_the_evaluation_in_its_log(train, tmp_path):
    assert train("--dataset=8gaussians", *FLAGS)[0] == 0
    found = {line["step"]: line for line in _lines(tmp_path / "run" / "evaluations.jsonl")}
    logged = {line["step"]: line for line in _lines(tmp_path / "run" / "metrics.jsonl")}
    for step, line in found.items():
        assert {"modes_covered", "within_4_sigma", "wasserstein"} <= set(evaluation.values(line))
        assert evaluation.values(line).items() <= logged[step].items()
    assert "modes_covered" in logged[2]  # by the quick ones


@pytest.mark.slow
def test_what_cannot_be_measured_does_not_end_a_training(train, tmp_path):
    (tmp_path / "photos" / "a").mkdir(parents=True)
    for number in range(30):  # all of one class: no classifier can be fitted
        pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / "a" / f"{number}.png")
    words = ("--dataset=folder", "--data_dir=photos", "--image_size=8", "--labels=folder", "--network=mlp")
    status, _, err = train(*words, *FLAGS, "--batch_size=8", f"--cache_dir={tmp_path / 'cache'}")
    assert status == 0, err
    for line in _lines(tmp_path / "run" / "evaluations.jsonl"):
        assert "precision" in line and "class_ratio_min" not in line


@pytest.mark.slow
def test_samples_that_are_not_finite_are_a_training_that_diverged(train, tmp_path, monkeypatch):
    original = GAN.generated_chunks

    def broken(self, n, seed=0, labels=None):
        for chunk in original(self, n, seed, labels):
            yield chunk * np.float32(np.nan if self.steps_done == 3 else 1)

    monkeypatch.setattr(GAN, "generated_chunks", broken)
    status, _, err = train(*FLAGS)
    assert status == 3 and "generated samples are not finite at step 3" in err
    assert not (tmp_path / "run" / "evaluations.jsonl").exists()

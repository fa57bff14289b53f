"""`train`: what a run says of itself, and that it ends where it should. Continuing, stopping and refusing are in
tests/training."""

import json
import sys

import pytest

from wgangp_tf.training import memory


def test_a_run_says_what_it_trained_on_and_where_it_went(digits):
    data = digits.read("environment.json")["data"]
    assert {"name": "digits", "training_samples": 1500, "held_out_samples": 297}.items() <= data.items()
    assert data["licence"].startswith("CC BY 4.0") and data["fingerprint"]
    assert {"format": 2, "export_dir": str(digits.saved_model), "step": 4}.items() <= digits.read("export.json").items()
    card = json.loads((digits.saved_model / "assets.extra" / "card.json").read_text())
    assert card["config"] == digits.read("config.json") and card["numbers"] == digits.lines[-1]
    assert card["step"] == 4 and card["data"] == data
    assert card["run_id"] == digits.read("environment.json")["run_id"]


def test_events_come_at_their_cadence_and_at_the_last_step(command, tmp_path):
    words = "--dataset=25gaussians --width=4 --batch_size=4 --n_critic=1 --steps=5 --run_dir=r --export_dir=e"
    cadence = "--log_every=2 --sample_every=3 --checkpoint_every=4"
    status, out, err = command("train", *words.split(), *cadence.split())
    assert status == 0 and out == "SavedModel e\n" and "run directory r" in err
    run = tmp_path / "r"
    assert [json.loads(line)["step"] for line in (run / "metrics.jsonl").read_text().splitlines()] == [2, 4, 5]
    assert _names(run / "samples", "step-*") == [f"step-{step:08}.png" for step in (0, 3, 5)]
    assert _names(run / "checkpoints", "step-*") == [f"step-{step:08}" for step in (4, 5)]


def test_a_batch_that_may_not_fit_is_told_as_the_training_starts(command, monkeypatch):
    words = ["--dataset=25gaussians", "--width=4", "--batch_size=4", "--n_critic=1", "--steps=1"]
    for place, left in (("a", 50e6), ("b", None), ("c", 500e9)):
        monkeypatch.setattr(memory, "available", lambda left=left: left)
        status, _, err = command("train", *words, f"--run_dir={place}", f"--export_dir={place}_e")
        assert status == 0  # it is no refusal
        assert ("and 50 MB are left here: it may not fit" in err) == (place == "a")


def _names(folder, pattern):
    return sorted(path.name for path in folder.glob(pattern))


@pytest.mark.slow
def test_a_terminal_sees_one_bar_over_the_whole_run(command, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    words = "--dataset=25gaussians --width=4 --batch_size=4 --n_critic=1 --run_dir=r --export_dir=e --log_every=1"
    assert command("train", *words.split(), "--steps=2")[0] == 0
    status, _, err = command("train", *words.split(), "--steps=4")
    assert status == 0 and "continuing at step 2 of 4" in err
    last = err.split("\r")[-1]
    assert "100%" in last and "4/4" in last and "wasserstein " in last
    assert "step 4/4" not in err  # the line that others see

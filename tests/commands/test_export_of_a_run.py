"""`export`: any checkpoint of a run becomes a SavedModel."""

import json
import pathlib

import numpy as np

from tests.wiring.lab import Run


def test_the_newest_checkpoint_gives_what_training_exported(command, digits):
    status, out, _ = command("export", f"--run_dir={digits.path}", "--export_dir=newest")
    assert status == 0 and out == "SavedModel newest\n"
    again = Run(digits.path, "newest").served("generate", num_images=5, seed=1)
    np.testing.assert_array_equal(again, digits.served("generate", num_images=5, seed=1))
    assert _card("newest")["step"] == 4


def test_an_earlier_checkpoint_gives_another_generator(command, digits):
    assert command("export", f"--run_dir={digits.path}", "--step=2", "--export_dir=earlier")[0] == 0
    samples = Run(digits.path, "earlier").served("generate", num_images=5, seed=1)
    assert (samples != digits.served("generate", num_images=5, seed=1)).any()
    card = _card("earlier")
    assert card["step"] == 2 and card["numbers"] == digits.lines[1]
    assert card["config"] == digits.read("config.json")


def test_without_a_place_it_is_named_after_the_run(command, digits, tmp_path):
    assert command("export", f"--run_dir={digits.path}")[0] == 0
    assert (tmp_path / "saved_models" / digits.path.name / "saved_model.pb").is_file()


def test_what_cannot_be_exported_is_refused(command, digits, tmp_path):
    for words, message in (
        (["--step=3"], "error: no checkpoint of step 3 in "),
        (["--network=mine:build"], "error: --network expects the run's 'mlp'. Received: 'mine:build'"),
    ):
        status, _, err = command("export", f"--run_dir={digits.path}", "--export_dir=never", *words)
        assert status == 2 and err.startswith(message) and err.count("\n") == 1
    assert not (tmp_path / "never").exists()


def _card(saved_model):
    return json.loads(pathlib.Path(saved_model, "assets.extra", "card.json").read_text())

"""Where a run's export is found, whatever was moved since."""

import json

import pytest

from wgangp_tf.training.run_directory import exported_to


def _saved_model(path, run_id):
    (path / "assets.extra").mkdir(parents=True)
    (path / "saved_model.pb").touch()
    (path / "assets.extra" / "card.json").write_text(json.dumps({"run_id": run_id}))
    return path


def _run(path, run_id, exported):
    path.mkdir(parents=True)
    (path / "environment.json").write_text(json.dumps({"run_id": run_id}))
    (path / "export.json").write_text(json.dumps(exported))
    return path


def _exported(tmp_path):
    """What a run in runs/r that was exported to models/m writes."""
    absolute = str(tmp_path / "models" / "m")
    return {"format": 2, "export_dir": "models/m", "absolute": absolute, "relative": "../../models/m", "step": 3}


def test_an_export_is_found_from_any_folder(tmp_path, monkeypatch):
    where = _saved_model(tmp_path / "models" / "m", "a")
    run = _run(tmp_path / "runs" / "r", "a", _exported(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert exported_to(run) == where
    assert exported_to("../runs/r").resolve() == where


def test_an_export_is_found_after_both_were_moved(tmp_path):
    _saved_model(tmp_path / "old" / "models" / "m", "a")
    _run(tmp_path / "old" / "runs" / "r", "a", _exported(tmp_path / "old"))
    (tmp_path / "old").rename(tmp_path / "new")
    assert exported_to(tmp_path / "new" / "runs" / "r") == tmp_path / "new" / "models" / "m"


def test_an_export_is_found_after_the_run_was_moved(tmp_path):
    where = _saved_model(tmp_path / "models" / "m", "a")
    _run(tmp_path / "runs" / "r", "a", _exported(tmp_path)).rename(tmp_path / "r")
    assert exported_to(tmp_path / "r") == where


def test_the_way_as_it_was_given_is_tried_last(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _saved_model(tmp_path / "models" / "m", "a")
    gone = {"absolute": "/nowhere/m", "relative": "nowhere"}
    run = _run(tmp_path / "runs" / "r", "a", _exported(tmp_path) | gone)
    assert str(exported_to(run)) == "models/m"


def test_the_export_of_another_run_is_not_taken_for_the_runs_own(tmp_path):
    own = _saved_model(tmp_path / "models" / "m", "a")
    _saved_model(tmp_path / "archive" / "models" / "m", "b")
    moved = _run(tmp_path / "archive" / "runs" / "r", "a", _exported(tmp_path))
    assert exported_to(moved) == own
    (own / "assets.extra" / "card.json").write_text(json.dumps({"run_id": "c"}))
    assert exported_to(moved) is None


def test_a_file_of_the_first_format_has_the_way_as_it_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = _run(tmp_path / "runs" / "r", "a", {"export_dir": "models/m", "step": 3})
    assert exported_to(run) is None
    _saved_model(tmp_path / "models" / "m", "a")
    assert str(exported_to(run)) == "models/m"


def test_an_export_whose_run_nobody_knows_is_the_runs(tmp_path):
    where = _saved_model(tmp_path / "models" / "m", "a")
    run = _run(tmp_path / "runs" / "r", "a", _exported(tmp_path))
    (run / "environment.json").unlink()
    assert exported_to(run) == where


@pytest.mark.parametrize("content", ["", "{", "[]", "3", "{}", '{"step": 3}', '{"export_dir": null, "step": 3}'])
def test_a_run_without_an_export_has_none(tmp_path, content):
    assert exported_to(tmp_path) is None
    (tmp_path / "export.json").write_text(content)
    assert exported_to(tmp_path) is None

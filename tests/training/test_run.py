"""Naming a run is enough to continue it: from any folder, also after it was moved, with the run's own values."""

import json
import os
import pathlib
import re
import shutil
import sys

import pytest
from PIL import Image

from tests.figures import runs
from wgangp_tf.errors import UserError
from wgangp_tf.training import run_directory
from wgangp_tf.training.run import open_run
from wgangp_tf.training.run_directory import RunDirectory


def _photos():
    pathlib.Path("photos").mkdir()
    for k in range(40):
        Image.new("RGB", (20, 20), (6 * k,) * 3).save(f"photos/{k:02}.png")


def _json(path):
    return json.loads(pathlib.Path(path).read_text())


# what pictures without classes have no use for, and a run that begins with new weights
_MAY_BE_OPEN = {
    *("array", "channels_last", "critic_condition", "generator_batch_size", "init_from", "scale", "scale_axes"),
}
_FOLDER = ("--dataset=folder", "--data_dir=photos", "--image_size=8", "--network=mlp", "--cache_dir=cache", "--seed=3")


def test_naming_a_run_continues_it_wherever_it_is(train, command, tmp_path, monkeypatch):
    _photos()
    monkeypatch.setattr(sys, "argv", ["wgangp-tf", "first"])
    # the time is over after the first call, at a step that is saved
    status, _, err = train(
        *_FOLDER, "--steps=40", "--log_every=20", "--run_dir=work/r", "--export_dir=work/m", "--max_minutes=0.001"
    )
    assert status == 0 and "which is saved" in err
    resume = err.splitlines()[-1]
    assert re.fullmatch(r"resume with: \S*wgangp-tf --run_dir=work/r", resume), "all else the run knows itself"
    (step,) = run_directory.checkpoint_steps("work/r/checkpoints")
    assert 1 <= step < 40 and not pathlib.Path("work/m").exists()
    assert f"step-{step:08d}.png" in os.listdir("work/r/samples"), "a last picture"

    config = _json("work/r/config.json")
    assert config["format"] == config["randomness"] == 2
    assert config["data"]["image_size"] == [8, 8] and config["data"]["channels"] == 3
    assert config["samples"]["shape"] == [8, 8, 3] and config["samples"]["encoding"] == "uint8"
    open_fields = [name for part in config.values() if isinstance(part, dict) for name in part if part[name] is None]
    assert set(open_fields) <= _MAY_BE_OPEN, "everything that shapes the weights has its value"

    # what is given beside it must agree
    for flag in ("--seed=4", "--image_size=16", "--dataset=digits", "--preset=shapes"):
        status, _, err = command("--run_dir=work/r", flag)
        assert status == 2 and "holds a run of another config: " in err, flag
    status, _, err = command("--run_dir=work/r", "--name=new")
    assert status == 2 and "--name" in err

    # moved with its data, and named from another folder: its own config, cadence, data and export
    shutil.move("photos", "elsewhere")
    status, _, err = command("--run_dir=work/r", "--max_minutes=0.001")
    assert status == 2 and "elsewhere" not in err and "photos" in err, "its data is not there any more"
    shutil.move("elsewhere", "photos")
    (tmp_path / "other").mkdir()
    for name in ("work", "photos", "cache"):
        shutil.move(name, tmp_path / "other" / name)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(sys, "argv", ["wgangp-tf", "second"])
    status, _, err = command("--run_dir=../other/work/r", "--seed=3", "--image_size=8", "--steps=40")
    assert status == 0, err
    assert f"continuing at step {step} of 40" in err
    assert (tmp_path / "other" / "work" / "m" / "saved_model.pb").is_file()
    environment = _json("../other/work/r/environment.json")
    first, second = environment["sessions"]
    assert environment["command_line"] == first["command_line"] == "wgangp-tf first"
    assert second["command_line"] == "wgangp-tf second"
    assert environment["settings"]["log_every"] == 20, "the run's own cadence"
    # the picture at which it was stopped is not one of an uninterrupted run
    assert (f"step-{step:08d}.png" in os.listdir("../other/work/r/samples")) == (step % 4 == 0)
    status, _, err = command("--run_dir=../other/work/r")
    assert status == 0 and "is finished: step 40" in err


@pytest.mark.slow
def test_the_config_of_a_run_begins_a_new_one_on_its_data(train, command, tmp_path, monkeypatch):
    _photos()
    assert train(*_FOLDER, "--steps=2", "--run_dir=work/r", "--export_dir=work/m")[0] == 0
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    status, _, err = command("--config=../work/r/config.json", "--max_minutes=0.001", "--cache=memory")
    assert status == 0, err
    assert "a new run, of the config of ../work/r; --run_dir=../work/r goes on with that one\n" in err
    assert "run directory runs/0001-folder-wgan-gp" in err
    # of another data set its places mean nothing
    assert open_run({"config": "../work/r/config.json", "dataset": "shapes"}).storage.data_dir is None


@pytest.mark.parametrize("name", ["runs", "saved_models"])
def test_a_file_where_runs_or_exports_go_is_said_before_anything(command, tmp_path, name):
    pathlib.Path(name).symlink_to("nowhere") if name == "runs" else pathlib.Path(name).touch()
    flag = {"runs": "--run_dir", "saved_models": "--export_dir"}[name]
    for words in ((), ("--dry_run",)):
        status, out, err = command("--steps=2", *words)
        assert (status, out) == (2, "") and err.count("\n") == 1
        assert err.startswith(f"error: {flag} expects a directory that can be written. Received: {name!r} (")
    assert os.listdir() == [name]
    if name == "runs":  # made into a file after that
        with pytest.raises(UserError, match=r"cannot make the run directory 'runs' \(File exists\); see --run_dir"):
            run_directory.new("digits")


@pytest.mark.slow
def test_a_damaged_run_directory_is_said(train, command):
    assert train("--steps=2", "--run_dir=r", "--export_dir=m")[0] == 0
    shutil.rmtree("m")
    damages = {
        "environment.json": "'environment.json' cannot be read",
        "samples": "'samples' is expected to be a folder",
        "metrics.jsonl": "'metrics.jsonl' is expected to be a file",
        "config.json": "the config of a run expects JSON. Received: 'r/config.json'",
    }
    for name, told in damages.items():
        shutil.copytree("r", "whole")
        path = pathlib.Path("r", name)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        path.mkdir() if name == "metrics.jsonl" else path.write_text("x")
        status, _, err = command("--run_dir=r")
        assert status == 2 and told in err.splitlines()[-1], err
        shutil.rmtree("r")
        pathlib.Path("whole").rename("r")


@pytest.mark.slow
def test_resume_alone_continues_the_newest_unfinished_run(train, command):
    assert train("--steps=2", "--name=done")[0] == 0
    assert train("--steps=900", "--log_every=100", "--name=mine", "--max_minutes=0.001")[0] == 0
    assert sorted(os.listdir("runs")) == ["0001-done", "0002-mine"]
    status, _, err = command("--resume", "--max_minutes=0.001")
    assert status == 0 and "run directory runs/0002-mine" in err and "continuing at step " in err
    status, _, err = command("--resume", "--n_critic=7")
    assert status == 2 and "found no unfinished run of this config" in err
    run = open_run({"resume": True, "n_critic": 2})
    assert run.directory.path == pathlib.Path("runs/0002-mine") and run.config.model.width == 8


@pytest.mark.slow
def test_a_run_of_an_earlier_format_is_exported_but_not_continued(train, command):
    assert train("--steps=2", "--run_dir=r", "--export_dir=m")[0] == 0
    config, environment = _json("r/config.json"), _json("r/environment.json")
    for name in ("format", "randomness", "samples"):
        del config[name]
    config["data"]["image_size"] = config["model"]["critic_normalization"] = None
    environment["data"] |= {"kind": "images", "sample_shape": [8, 8, 1]}
    pathlib.Path("r/config.json").write_text(json.dumps(config))
    pathlib.Path("r/environment.json").write_text(json.dumps(environment))
    status, _, err = command("--run_dir=r", "--steps=4")
    assert status == 2 and err.count("\n") == 1
    assert "was made by an earlier wgangp_tf" in err and "--config=r/config.json" in err
    assert command("export", "--run_dir=r", "--export_dir=again")[0] == 0
    assert _json("again/assets.extra/card.json")["samples"]["shape"] == [8, 8, 1]
    # a later format is not read at all
    pathlib.Path("r/config.json").write_text(json.dumps(config | {"format": 99}))
    status, _, err = command("--config=r/config.json", "--dry_run")
    assert status == 2 and "has format 99, of a later wgangp_tf" in err


def test_fewer_steps_than_a_run_has_are_refused_with_the_reason(tmp_path):
    runs.make(tmp_path / "r", steps=6, learning_rate_decay="none")
    given = {"run_dir": str(tmp_path / "r")}
    assert open_run(given | {"steps": 8}).config.optimization.steps == 8
    with pytest.raises(UserError, match=r"steps 6 \(now 4\); steps may only grow when a run is continued$"):
        open_run(given | {"steps": 4})
    with pytest.raises(UserError, match=r"steps 6 \(now 8\), seed 0 \(now 3\)$"):  # growing is not what is wrong
        open_run(given | {"steps": 8, "seed": 3})


def test_a_run_that_began_with_another_is_named_by_any_path_to_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runs.make(tmp_path / "r", steps=6, learning_rate_decay="none", init_from="old")
    for path in ("old", "./old/", str(tmp_path / "old")):
        assert open_run({"run_dir": "r", "init_from": path}).config.optimization.init_from == "old"
    with pytest.raises(UserError, match=r"init_from 'old' \(now 'other'\)$"):
        open_run({"run_dir": "r", "init_from": "other"})


def test_a_new_run_takes_all_of_a_runs_config_but_what_it_began_with(tmp_path):
    runs.make(tmp_path / "r", steps=6, learning_rate_decay="none", init_from="old")
    run = RunDirectory(tmp_path / "r")
    run.environment_file.write_text('{"format": 2}')
    begun = open_run({"config": str(run.config_file)}).config.optimization
    assert (begun.steps, begun.init_from) == (6, None)
    asked = open_run({"config": str(run.config_file), "init_from": "old"}).config.optimization
    assert asked.init_from == "old"
    own = tmp_path / "mine.json"  # nobody's but the user's
    own.write_text(json.dumps({"optimization": {"init_from": "old"}}))
    assert open_run({"config": str(own)}).config.optimization.init_from == "old"

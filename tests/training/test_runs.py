"""`train` as a user meets it: what is written, what continues, what is refused, what stops it."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.marks import each
from wgangp_tf.training import checkpoints, loop, observers, run_directory, signs, stretches

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_KEYS = {
    "step",
    "images",
    "seconds",
    "critic_loss",
    "generator_loss",
    "wasserstein_estimate",
    "gradient_penalty",
    "gradient_norm",
    "gradient_norm_min",
    "gradient_norm_max",
    "learning_rate",
    "images_per_second",
    "validation_wasserstein_estimate",
    "validation_critic_loss",
    "validation_gradient_penalty",
    "validation_gradient_norm",
    *signs.NAMES,
}


def _events(run="runs/0001-digits-wgan-gp"):
    return [json.loads(line) for line in pathlib.Path(run, "metrics.jsonl").read_text().splitlines()]


def _summaries(run):
    found = {}
    for path in sorted(pathlib.Path(run, "tensorboard").glob("events*")):
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            for value in event.summary.value:
                found.setdefault(value.tag, []).append(event.step)
    return found


def test_a_run_leaves_what_it_promises(train, command):
    status, out, err = train("--steps=4")
    assert status == 0
    run = pathlib.Path("runs/0001-digits-wgan-gp")
    assert "SavedModel saved_models/0001-digits-wgan-gp" in out
    assert "step 4/4" in err and "time left" in err

    config = json.loads((run / "config.json").read_text())
    assert config["optimization"]["steps"] == 4 and config["model"]["width"] == 8
    assert "run_dir" not in json.dumps(config) and "log_every" not in json.dumps(config)
    environment = json.loads((run / "environment.json").read_text())
    assert {"versions", "devices", "git_commit", "command_line"} <= set(environment)
    assert [event["step"] for event in _events()] == [2, 4]
    assert all(set(event) == _KEYS for event in _events())
    assert _events()[-1]["images"] == 4 * 2 * 16
    assert sorted(path.name for path in (run / "samples").iterdir()) == [
        "real.png",
        "step-00000000.png",
        "step-00000004.png",
    ]
    summaries = _summaries(run)
    assert summaries["wasserstein_estimate"] == [2, 4]
    assert summaries["samples"] == [0, 4]
    assert summaries["weights/critic/dense_1/kernel"] == [2, 4]
    assert summaries["validation_gradient_norms"] == [2, 4]
    assert summaries["config"] == [0] and summaries["real"] == [0] and summaries["custom_scalars__config__"] == [0]

    # the same command with the run directory: finished, and says so
    status, _, err = train("--steps=4", f"--run_dir={run}")
    assert status == 0 and "is finished: step 4, exported to saved_models/0001-digits-wgan-gp" in err
    # its config file is a config file
    status, out, _ = command(f"--config={run}/config.json", "--dry_run")
    assert status == 0 and '"width": 8' in out
    # another config is refused, naming what differs
    status, _, err = train("--steps=4", f"--run_dir={run}", "--n_critic=3", "--seed=1")
    assert status == 2 and "seed 0 (now 1)" in err and "n_critic 2 (now 3)" in err
    # more steps, another cadence: goes on, and says what changed
    status, _, err = train("--steps=6", f"--run_dir={run}", "--log_every=1")
    assert status == 0
    assert "continuing at step 4 of 6" in err and "log_every is 1 from here on, it was 2" in err
    assert [event["step"] for event in _events()] == [2, 4, 5, 6]
    # fewer are refused
    status, _, err = train("--steps=5", f"--run_dir={run}")
    assert status == 2 and "steps 6 (now 5)" in err
    # a lost export is made again, and one at another place is made there
    shutil.rmtree("saved_models")
    status, out, _ = train("--steps=6", f"--run_dir={run}")
    assert status == 0 and "SavedModel" in out
    status, out, _ = train("--steps=6", f"--run_dir={run}", "--export_dir=elsewhere")
    assert status == 0 and "SavedModel elsewhere" in out
    # from any checkpoint
    status, out, _ = command("export", f"--run_dir={run}", "--step=2", "--export_dir=early")
    assert status == 0 and json.loads(pathlib.Path("early/assets.extra/card.json").read_text())["step"] == 2
    status, _, err = command("export", f"--run_dir={run}", "--step=3", "--export_dir=never")
    assert status == 2 and "no checkpoint of step 3" in err and not pathlib.Path("never").exists()
    # and sampled from
    status, _, _ = command("generate", "--saved_model=early", "--num_images=5", "--out=five.npy")
    assert status == 0 and np.load("five.npy").shape == (5, 8, 8, 1)
    status, _, _ = command("generate", "--saved_model=early", "--num_images=5", "--out=five")
    assert status == 0 and len(os.listdir("five")) == 5
    status, _, _ = command("generate", "--saved_model=early", "--out=grid.png")
    assert status == 0 and pathlib.Path("grid.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.slow
def test_a_run_on_a_mixture_logs_its_modes(train):
    status, _, err = train("--dataset=8gaussians", "--steps=4", "--run_dir=r", "--export_dir=e", "--log_every=4")
    assert status == 0
    (event,) = _events("r")
    assert set(event) == _KEYS | {"modes_covered", "modes_kl", "within_4_sigma"}
    assert {"modes_covered", "modes_kl", "within_4_sigma"} <= set(_summaries("r"))
    assert f"modes_covered {event['modes_covered']:.3g}" in err and "within_4_sigma" in err
    written = b"".join(path.read_bytes() for path in pathlib.Path("r/tensorboard").glob("events*"))
    assert b"^modes_covered$" in written, "it has a chart"


@pytest.mark.slow
def test_a_slow_run_logs_draws_and_saves_by_time_too(train, monkeypatch):
    for name in ("_LOG_PATIENCE", "_PICTURE_PATIENCE", "_SAVE_PATIENCE"):
        monkeypatch.setattr(loop, name, 0.0)
    monkeypatch.setattr(stretches, "_MOST", 1)  # a step a call
    cadence = ("--log_every=100", "--sample_every=100", "--checkpoint_every=100")
    assert train("--steps=6", *cadence, "--run_dir=r", "--export_dir=e")[0] == 0
    assert _events("r")[0]["step"] == 1
    pictures = [int(path.stem.removeprefix("step-")) for path in pathlib.Path("r/samples").glob("step-*.png")]
    assert set(pictures) & set(range(1, 6)) and run_directory.checkpoint_steps("r/checkpoints")[0] < 6
    # unless it must repeat itself exactly
    assert train("--steps=6", *cadence, "--run_dir=s", "--export_dir=f", "--deterministic")[0] == 0
    assert [event["step"] for event in _events("s")] == [6]


@pytest.mark.slow
def test_points_without_known_modes_have_none(train):
    assert train("--dataset=swiss_roll", "--steps=2", "--run_dir=r", "--export_dir=e")[0] == 0
    assert set(_events("r")[-1]) == _KEYS


def _photos(count):
    """A folder of `count` grey pictures and a broken one; returns the flags that train on it."""
    pathlib.Path("photos").mkdir()
    for k in range(count):
        Image.new("RGB", (20, 20), (6 * k,) * 3).save(f"photos/{k:02}.png")
    pathlib.Path("photos/broken.jpg").write_bytes(pathlib.Path("photos/00.png").read_bytes()[:50])
    return ["--dataset=folder", "--data_dir=photos", "--image_size=8", "--network=mlp", "--cache_dir=cache"]


@pytest.mark.slow
def test_a_run_on_a_folder_names_what_it_left_out(train, tmp_path):
    status, _, err = train(*_photos(20), "--steps=2", "--run_dir=r", "--export_dir=e")
    assert status == 0
    lines = err.splitlines()
    note = lines.index("left out 1 of 21 pictures (1 broken or truncated); data_report.json names them")
    report = json.loads(pathlib.Path("r/data_report.json").read_text())
    assert report["files"] == [{"file": "broken.jpg", "reason": "broken or truncated"}]
    assert note > lines.index("run directory r")  # where the report is by then


@pytest.mark.slow
def test_a_picture_that_goes_while_it_is_trained_on_is_one_line_and_loses_no_step(train, monkeypatch):
    flags = (*_photos(40), "--steps=100", "--checkpoint_every=200", "--run_dir=r", "--cache=none")
    traced = observers.Log.traced  # after the first step
    away = pathlib.Path("away")
    away.mkdir()

    def begun_then_gone(self, step):
        traced(self, step)
        for path in pathlib.Path("photos").glob("*.png"):
            path.rename(away / path.name)

    with monkeypatch.context() as gone:
        gone.setattr(observers.Log, "traced", begun_then_gone)
        status, _, err = train(*flags)
    assert status == 2
    (line,) = [line for line in err.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: training stopped: 'photos' changed while it was read: ")
    step = int(re.search(r"\.png'; run again when it is at rest; the checkpoint of step (\d+) is kept$", line)[1])
    assert 0 < step < 100  # those whose batches were read ahead
    for path in away.glob("*.png"):
        path.rename(pathlib.Path("photos", path.name))
    status, _, err = train(*flags)
    assert status == 0
    assert f"continuing at step {step} of 100" in err


def test_fewer_pictures_than_a_batch_begin_no_run(train):
    status, _, err = train(*_photos(10), "--steps=2", "--run_dir=r")
    assert status == 2 and not pathlib.Path("r").exists()
    assert err.splitlines()[-1] == (
        "error: batch_size must be at most the 9 training samples of data set 'folder'. Received: batch_size=16; "
        "1 of 11 pictures were left out, the first 'broken.jpg' (broken or truncated); try a smaller --batch_size"
    )


@pytest.mark.slow
def test_steps_do_not_grow_where_the_rate_decays_over_them(train):
    flags = ("--learning_rate_decay=linear", "--run_dir=r", "--export_dir=e")
    assert train("--steps=2", *flags)[0] == 0
    status, _, err = train("--steps=4", *flags)
    assert status == 2 and "steps cannot change where the learning rate decays over them" in err


@pytest.mark.slow
def test_files_put_beside_an_export_are_not_deleted(train):
    assert train("--steps=1", "--run_dir=a", "--export_dir=mine")[0] == 0
    pathlib.Path("mine/notes.txt").write_text("mine")
    status, _, err = train("--steps=2", "--run_dir=a", "--export_dir=mine", "--overwrite")
    assert status == 2 and "which holds something else ('notes.txt')" in err
    assert pathlib.Path("mine/notes.txt").read_text() == "mine"


@pytest.mark.slow
def test_a_new_run_takes_no_number_whose_export_is_there(train):
    assert train("--steps=1")[0] == 0
    shutil.rmtree("runs")
    assert train("--steps=1")[0] == 0
    assert os.listdir("runs") == ["0002-digits-wgan-gp"]


@pytest.mark.slow
def test_other_samples_are_refused(train):
    assert train("--steps=1", "--run_dir=a", "--export_dir=e")[0] == 0
    environment = json.loads(pathlib.Path("a/environment.json").read_text())
    environment["data"]["fingerprint"] = "other"
    pathlib.Path("a/environment.json").write_text(json.dumps(environment))
    status, _, err = train("--steps=2", "--run_dir=a", "--export_dir=e")
    assert status == 2 and "are not those the run began with (fingerprint other)" in err


@pytest.mark.slow
def test_a_foreign_saved_model_is_not_overwritten(train):
    assert train("--steps=1", "--run_dir=a", "--export_dir=taken")[0] == 0
    before = pathlib.Path("taken/assets.extra/card.json").read_text()
    status, _, err = train("--steps=1", "--run_dir=b", "--export_dir=taken")
    assert status == 2 and "holds a SavedModel of another run; --overwrite replaces it" in err
    assert pathlib.Path("taken/assets.extra/card.json").read_text() == before and not pathlib.Path("b").exists()
    assert train("--steps=1", "--run_dir=b", "--export_dir=taken", "--overwrite")[0] == 0
    assert pathlib.Path("taken/assets.extra/card.json").read_text() != before


def test_a_directory_that_holds_something_else_is_refused(train):
    os.mkdir("photos")
    pathlib.Path("photos/a.jpg").touch()
    status, _, err = train("--steps=1", "--run_dir=photos")
    assert status == 2 and "which holds something else ('a.jpg')" in err
    assert os.listdir("photos") == ["a.jpg"]


@pytest.mark.parametrize("number", each([signal.SIGINT, signal.SIGTERM], quick=[signal.SIGTERM]))
def test_a_signal_saves_and_says_how_to_go_on(train, monkeypatch, number):
    log = observers.Log.see

    def interrupted(self, model, step, found):
        line = log(self, model, step, found)
        if step == 2:
            signal.raise_signal(number)
            signal.raise_signal(number)  # an impatient user
        return line

    monkeypatch.setattr(observers.Log, "see", interrupted)
    got, _, err = train("--steps=6", "--checkpoint_every=5")
    assert got == 128 + number
    name = signal.Signals(number).name
    assert err.count(f"stopping ({name}): this step is finished and saved first\n") == 1
    assert "stopped at step 2 of 6, which is saved" in err
    assert run_directory.checkpoint_steps("runs/0001-digits-wgan-gp/checkpoints") == [2]
    resume = err.splitlines()[-1]
    assert resume.startswith("resume with: ") and resume.endswith("--run_dir=runs/0001-digits-wgan-gp")
    monkeypatch.undo()


@pytest.mark.slow
def test_resume_without_a_directory_continues_the_newest_unfinished_run(train, monkeypatch):
    def killed(self, model, step, found):
        signal.raise_signal(signal.SIGTERM)

    assert train("--steps=2", "--seed=1")[0] == 0
    with monkeypatch.context() as patch:
        patch.setattr(observers.Pictures, "see", killed)
        assert train("--steps=4", "--export_dir=kept")[0] == 143
    status, out, err = train("--steps=4", "--resume")
    assert "SavedModel kept" in out  # where it was to go when it began
    assert status == 0 and "run directory runs/0002-digits-wgan-gp" in err and "continuing at step 1 of 4" in err
    status, _, err = train("--steps=4", "--resume")
    assert status == 2 and "found no unfinished run of this config" in err


@pytest.mark.slow
def test_a_living_run_directory_is_refused_and_its_holder_named(train, tmp_path):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from wgangp_tf.training.run_directory import RunDirectory\n"
            "RunDirectory('held').claim(); print('held', flush=True); input()",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    status, _, err = train("--steps=1", "--run_dir=held")
    assert status == 2 and f"run directory 'held' is in use by process {holder.pid} on " in err
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    # a lock does not outlive its holder
    assert train("--steps=1", "--run_dir=held")[0] == 0


@pytest.mark.slow
@pytest.mark.parametrize("network", ["generator", "critic"])
def test_a_value_that_is_not_finite_stops_the_run(train, monkeypatch, network):
    save = observers.Saves.see

    def poison(self, model, step, found):
        save(self, model, step, found)
        if step == 2:
            variable = getattr(model, network).trainable_variables[0]
            variable.assign(variable * np.nan)

    monkeypatch.setattr(observers.Saves, "see", poison)
    status, _, err = train("--steps=8")
    line = err.splitlines()[-1]
    assert status == 3
    assert line.startswith("error: training diverged: ") and "at step 3" in line
    assert "the checkpoint of step 2 is kept. Try a lower --learning_rate" in line
    assert {"generator": "samples of the generator are", "critic": "critic_loss of the critic is"}[network] in line
    assert run_directory.checkpoint_steps("runs/0001-digits-wgan-gp/checkpoints") == [2]
    assert all(np.isfinite(list(event.values())).all() for event in _events())


@pytest.mark.slow
def test_a_weight_that_is_not_finite_is_never_saved(train, monkeypatch):
    log = observers.Log.see

    def poison(self, model, step, found):
        line = log(self, model, step, found)
        if step == 4:
            weight = model.averages.weights[0]
            weight.assign(weight * np.inf)
        return line

    monkeypatch.setattr(observers.Log, "see", poison)
    status, _, err = train("--steps=8", "--sample_every=100")
    assert status == 3
    assert "of the generator's averages is not finite at step 4" in err
    assert run_directory.checkpoint_steps("runs/0001-digits-wgan-gp/checkpoints") == [2]


@pytest.mark.slow
def test_a_held_out_value_that_is_not_finite_stops_the_run(train, monkeypatch):
    log = observers.Log.see

    def poison(self, model, step, found):
        weight = model.critic.trainable_variables[0]
        weight.assign(weight * np.nan)
        return log(self, model, step, found)

    monkeypatch.setattr(observers.Log, "see", poison)
    status, _, err = train("--steps=4")
    assert status == 3
    assert "dense_1/kernel of the critic is not finite at step 2" in err.splitlines()[-1]


@pytest.mark.slow
def test_a_full_disk_ends_in_one_line_and_keeps_the_last_checkpoint(train, monkeypatch):
    write = tf.train.Checkpoint.write

    def full(self, path, *args):
        if "step-00000004" in path:
            raise tf.errors.ResourceExhaustedError(None, None, f"{path}; No space left on device")
        return write(self, path, *args)

    monkeypatch.setattr(tf.train.Checkpoint, "write", full)
    status, _, err = train("--steps=8")
    line = err.splitlines()[-1]
    assert status == 2
    assert line.startswith("error: no space is left for 'runs/0001-digits-wgan-gp' (No space left on device); ")
    assert "the checkpoint of step 2 is kept" in line
    directory = pathlib.Path("runs/0001-digits-wgan-gp/checkpoints")
    assert sorted(os.listdir(directory)) == ["step-00000002"]
    assert checkpoints.damage(directory / "step-00000002") is None


@pytest.mark.slow
def test_a_directory_removed_while_running_ends_in_one_line(train, monkeypatch):
    log = observers.Log.see

    def removed(self, model, step, found):
        line = log(self, model, step, found)
        shutil.rmtree("runs/0001-digits-wgan-gp")
        return line

    monkeypatch.setattr(observers.Log, "see", removed)
    status, _, err = train("--steps=8")
    assert status == 2
    assert err.splitlines()[-1] == (
        "error: run directory 'runs/0001-digits-wgan-gp' was removed while the run was writing"
    )


_TWO_PROCESSORS = """
import sys
import tensorflow as tf
from wgangp_tf import cli

processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
sys.exit(cli.main(["main.py", *sys.argv[1:]]))
"""


@pytest.mark.slow
def test_two_replicas_train_and_export(train, tmp_path):
    # in a process of its own: a failure that another test provokes in a replica stops all later collectives
    result = subprocess.run(
        [sys.executable, "-c", _TWO_PROCESSORS, "--steps=2", "--strategy=mirrored", "--width=8", "--batch_size=16"],
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0 and "SavedModel" in result.stdout, result.stderr
    status, _, err = train("--steps=2", "--strategy=mirrored", "--batch_size=15")
    assert status == 2 and "batch_size must be a multiple of the 2 replicas. Received: batch_size=15" in err


_OWN_NETWORKS = """
import keras

def build(sample_shape, *, latent_dim, width):
    generator = keras.Sequential(
        [keras.Input((latent_dim,)), keras.layers.Dense(64, "tanh"), keras.layers.Reshape(sample_shape)]
    )
    critic = keras.Sequential([keras.Input(sample_shape), keras.layers.Flatten(), keras.layers.Dense(1)])
    return generator, critic

def normalized(sample_shape, *, latent_dim, width):
    generator, _ = build(sample_shape, latent_dim=latent_dim, width=width)
    layers = [keras.layers.Flatten(), keras.layers.BatchNormalization(name="mixes"), keras.layers.Dense(1)]
    return generator, keras.Sequential([keras.Input(sample_shape), *layers])

def fails(sample_shape, *, latent_dim, width):
    raise KeyError("mine")
"""


@pytest.mark.slow
def test_networks_of_ones_own(train, command, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "my_networks.py").write_text(_OWN_NETWORKS)
    assert train("--steps=2", "--network=my_networks:build", "--run_dir=r", "--export_dir=e")[0] == 0
    status, _, err = command("export", "--run_dir=r", "--export_dir=f")
    assert status == 2 and "which only the command line may: add --network=my_networks:build" in err
    assert command("export", "--run_dir=r", "--export_dir=f", "--network=my_networks:build")[0] == 0
    for flag in ("--initializer=he", "--generator_normalization=none", "--critic_normalization=none"):
        status, _, err = train("--steps=2", "--network=my_networks:build", flag)
        name, value = flag[2:].split("=")
        assert status == 2 and f"network 'my_networks:build' has no {name}. Received: {name}={value}" in err
    status, _, err = train("--steps=2", "--network=my_networks:normalized")
    assert status == 2 and "batch normalization in layer 'mixes'" in err
    status, _, err = train("--steps=2", "--network=my_networks:fails")
    assert status == 2 and "my_networks:fails raised KeyError: 'mine'" in err
    status, _, err = train("--steps=2", "--network=my_networks:nothing")
    assert status == 2 and "has no attribute 'nothing'" in err


@pytest.mark.slow
def test_another_number_of_replicas_is_said_or_refused(train):
    flags = ("--run_dir=run", "--export_dir=export", "--network=mlp")
    assert train(*flags, "--steps=2", "--strategy=one")[0] == 0
    status, _, errors = train(*flags, "--steps=4", "--strategy=mirrored")
    assert status == 2
    assert "begun over 1 replicas, and its batch normalization" in errors
    flags = ("--run_dir=other", "--export_dir=other-export", "--network=mlp", "--sync_batch_norm")
    assert train(*flags, "--steps=2", "--strategy=one")[0] == 0
    status, _, errors = train(*flags, "--steps=4", "--strategy=mirrored")
    assert status == 0, errors
    assert "over 2 replicas from here on, it was 1: the same training but for rounding" in errors

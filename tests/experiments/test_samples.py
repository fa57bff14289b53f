"""The figure of a run, of a SavedModel and of a training of its own."""

import dataclasses
import json
import pathlib
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.wiring.lab import DENSE
from wgangp_tf.data import registry as data_sets
from wgangp_tf.errors import Diverged, UserError
from wgangp_tf.experiments import samples, subject, trainings
from wgangp_tf.experiments.place import Place
from wgangp_tf.figures import number_files
from wgangp_tf.samples.spec import Spec
from wgangp_tf.stopping import Stop
from wgangp_tf.training import resolve
from wgangp_tf.training.run import storage_of
from wgangp_tf.training.run_directory import RunDirectory


def test_the_way_between_latents_is_on_the_great_circle():
    some, other = np.array([2.0, 0.0, 0.0]), np.array([0.0, 0.0, 2.0])
    angles = np.array([0, 30, 60, 90]) * np.pi / 180
    wanted = 2 * np.stack([np.cos(angles), 0 * angles, np.sin(angles)], axis=1)
    found = samples.between(some, other, 4)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert found.dtype == np.float32


def test_both_ends_of_the_way_are_the_latents_given():
    some, other = np.random.default_rng(0).normal(size=(2, 100)).astype(np.float32)
    found = samples.between(some, other, 9)
    np.testing.assert_allclose(found[[0, -1]], [some, other], rtol=1e-5, atol=1e-6)
    # they are hardly ever at a right angle or of one length: the lengths go evenly from one to the other all the same
    lengths = np.linalg.norm(found, axis=1)
    ends = sorted(np.linalg.norm([some, other], axis=1))
    assert 0.97 * ends[0] < lengths.min() and lengths.max() < 1.03 * ends[1]


@pytest.mark.parametrize(("factor", "middle"), [(1, [3, 4]), (3, [6, 8]), (-1, [0, 0])])
def test_latents_on_one_line_are_joined_by_it(factor, middle):
    some = np.array([3.0, 4.0])  # whose length is exact: the angle is 0 or π, not almost
    np.testing.assert_allclose(samples.between(some, factor * some, 3), [some, middle, factor * some], atol=1e-6)


def write(path, level, side=6, mode="L"):
    Image.new(mode, (side, side), level if mode == "L" else (level,) * 3).save(path)


def test_the_pictures_of_a_training_come_in_the_order_of_their_steps(tmp_path):
    for step, name in ((5, "step-00000005"), (123456789, "step-123456789"), (40, "step-00000040")):
        write(tmp_path / f"{name}.png", step % 200)
    for stray in ("real.png", "step-5-copy.png", "step-x.png"):
        write(tmp_path / stray, 9)
    found, steps = samples.frames(tmp_path)
    assert steps == [5, 40, 123456789] and found.dtype == np.uint8
    np.testing.assert_array_equal(found[:, 0, 0, 0], [5, 40, 123456789 % 200])
    assert found.shape == (3, 6, 6, 1)
    empty, none = samples.frames(tmp_path / "nowhere")
    assert len(empty) == 0 and none == []


def test_of_many_pictures_a_few_are_taken_evenly_with_both_ends(tmp_path):
    for step in range(0, 110, 10):
        write(tmp_path / f"step-{step:08d}.png", step)
    found, steps = samples.frames(tmp_path, count=3)
    assert steps == [0, 50, 100]
    np.testing.assert_array_equal(found[:, 0, 0, 0], steps)


def test_large_pictures_are_made_smaller_and_those_of_another_size_left_out(tmp_path):
    write(tmp_path / "step-00000001.png", 7, side=30, mode="RGB")
    for step in (2, 3):
        write(tmp_path / f"step-0000000{step}.png", 100 + step, side=50, mode="RGB")
    found, steps = samples.frames(tmp_path, side=20)
    assert steps == [2, 3] and found.shape == (2, 17, 17, 3)  # a third of 50
    np.testing.assert_array_equal(found[:, 8, 8], [[102] * 3, [103] * 3])


@pytest.mark.parametrize("content", [b"no picture", None], ids=["other", "cut"])
def test_a_picture_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "step-00000001.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, [64, 64]).astype(np.uint8)).save(path)
    path.write_bytes(content or path.read_bytes()[:2000])
    with pytest.raises(UserError, match=r"picture '.*step-00000001.png' cannot be read \(.*; remove it to leave it"):
        samples.frames(tmp_path)


def kept(directory):
    """What the figure in a directory is drawn from: (values, arrays)."""
    with np.load(f"{directory}/numbers.npz") as arrays:
        return json.loads(pathlib.Path(directory, "numbers.json").read_text()), dict(arrays)


def assert_one_way_each_row(arrays):
    """The strip is of the latents that the samples are of, two a row, both ends included."""
    strip, latents = arrays["strip_latents"], arrays["latents"]
    assert strip.shape == (5, 14, latents.shape[1])
    np.testing.assert_allclose(strip[:, [0, -1]], latents[:10].reshape(5, 2, -1), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        arrays["strip"][:, [0, -1]].astype(float),
        arrays["samples"][:10].reshape(5, 2, *arrays["samples"].shape[1:]).astype(float),
        atol=1 if arrays["strip"].dtype == np.uint8 else 1e-5,
    )


def test_of_a_run_it_shows_what_the_run_makes_and_made(command, digits):
    status, out, _ = command("reproduce", "--figure=samples", f"--run_dir={digits.path}", "--out=f")
    values, arrays = kept("f")
    assert status == 0 and out.splitlines() == [
        f"samples of run {digits.path.name} (digits, wgan-gp), step 4",
        "animation: 5 pictures of the training, from step 0 to 4",
        *(f"f/samples.{kind}" for kind in ("png", "svg", "gif")),
    ]
    served = digits.served("generate", num_images=64, seed=0).astype(int)
    assert np.abs(arrays["samples"] - served).max() <= 1
    assert_one_way_each_row(arrays)
    made = digits.served("serving_default", latents=arrays["strip_latents"].reshape(70, -1)).astype(int)
    assert np.abs(arrays["strip"].reshape(70, 8, 8, 1) - made).max() <= 1
    assert len(np.unique(arrays["strip"][0].reshape(14, -1), axis=0)) > 2, "nothing changes on the way"

    assert values["frame_steps"] == [0, 1, 2, 3, 4]
    for frame, step in zip(arrays["frames"], range(5), strict=True):
        np.testing.assert_array_equal(frame[..., 0], digits.picture(f"step-{step:08d}"))
    np.testing.assert_array_equal(arrays["real"][..., 0], digits.picture("real"))
    with Image.open("f/samples.gif") as animation:
        assert animation.n_frames == 5 and animation.info["loop"] == 0

    before = {kind: pathlib.Path(f"f/samples.{kind}").read_bytes() for kind in ("png", "svg", "gif")}
    for kind in before:
        pathlib.Path(f"f/samples.{kind}").unlink()
    assert command("reproduce", "--figure=samples", "--redraw", "--out=f")[0] == 0
    assert before == {kind: pathlib.Path(f"f/samples.{kind}").read_bytes() for kind in before}


def test_of_a_saved_model_it_is_the_same_without_the_training(command, digits):
    number_files.write("f", "samples", {}, {})
    pathlib.Path("f/samples.gif").write_bytes(b"of other numbers")
    status, out, _ = command("reproduce", "--figure=samples", f"--saved_model={digits.saved_model}", "--out=f")
    values, arrays = kept("f")
    assert status == 0 and out.splitlines()[:2] == [
        f"samples of SavedModel {digits.saved_model.name}",
        "no animation: a SavedModel has no pictures of its training; --run_dir=<its run> has",
    ]
    assert np.abs(arrays["samples"].astype(int) - digits.served("generate", num_images=64, seed=0)).max() <= 1
    assert_one_way_each_row(arrays)
    assert values["frame_steps"] == [] and "frames" not in arrays and "animation" not in values["caption"]
    assert sorted(path.name for path in pathlib.Path("f").glob("samples*")) == ["samples.png", "samples.svg"]


def test_of_points_each_way_is_a_line_in_the_plane(command, points):
    assert command("reproduce", "--figure=samples", f"--run_dir={points.path}", "--out=f")[0] == 0
    values, arrays = kept("f")
    assert arrays["samples"].shape == (1024, 2) and arrays["strip"].shape == (5, 14, 2)
    np.testing.assert_allclose(
        arrays["samples"], points.served("generate", num_images=1024, seed=0), rtol=1e-4, atol=1e-5
    )
    assert_one_way_each_row(arrays)
    assert values["frame_steps"] == [0, 1, 2] and arrays["frames"].shape == (3, 256, 256, 3)


def test_samples_are_made_a_few_at_a_time(monkeypatch, tmp_path):
    sizes = []

    def make(latents):
        sizes.append(len(latents))
        return np.repeat(latents[:, :1, None, None], 2, axis=1).repeat(2, axis=2)

    monkeypatch.setattr("wgangp_tf.gan.sampling.rows_at_once", lambda shape: 32)
    monkeypatch.setattr(
        samples, "_subject", lambda place: subject.Subject("one", Spec("images", (2, 2, 1)), 3, make, None)
    )
    found = samples.measure(Place(tmp_path, True, print, Stop())).arrays
    assert sizes == [32, 32, 6, 32, 32]
    np.testing.assert_array_equal(found["samples"][:, 0, 0, 0], found["latents"][:, 0])
    np.testing.assert_array_equal(found["strip"][..., 0, 0, 0], found["strip_latents"][..., 0])


@pytest.fixture
def copied(digits, tmp_path):
    """A run of the user's own, to be damaged."""
    shutil.copytree(digits.path, tmp_path / "r")
    return tmp_path / "r"


def test_a_run_without_pictures_has_no_animation_and_that_is_said(command, copied):
    shutil.rmtree(copied / "samples")
    status, out, _ = command("reproduce", "--figure=samples", "--run_dir=r", "--out=f")
    lines = out.splitlines()
    assert status == 0 and lines[:2] == [
        "samples of run r (digits, wgan-gp), step 4",
        "no animation: fewer than two pictures of the training in 'r/samples'; see --sample_every",
    ]
    assert lines[2:] == ["f/samples.png", "f/samples.svg"] and "real" not in kept("f")[1]


def test_what_no_figure_can_be_made_of_is_refused(command, copied, tmp_path):
    def refused(*words):
        status, out, err = command("reproduce", "--figure=samples", *words, "--out=f")
        said = [line for line in err.splitlines() if not line.startswith("checkpoint ")]
        assert status == 2 and out == "" and len(said) == 1 and not (tmp_path / "f").exists()
        return said[0]

    assert refused("--run_dir=none") == "error: --run_dir expects the directory of a run. Received: 'none'"
    assert refused("--saved_model=r") == "error: --saved_model expects the directory of a SavedModel. Received: 'r'"
    (copied / "samples" / "step-00000003.png").write_bytes(b"")
    assert "error: picture 'r/samples/step-00000003.png' cannot be read" in refused("--run_dir=r")

    own = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(own | {"model": own["model"] | {"network": "mine:build"}}))
    assert refused("--run_dir=r") == (
        "error: figure 'samples' runs no code that a run names. Received: run 'r' with network='mine:build'; give its "
        "export as --saved_model"
    )
    (copied / "config.json").write_text(json.dumps(own))
    for weights in copied.glob("checkpoints/*/weights.index"):
        weights.write_bytes(b"")
    assert "no checkpoint in 'r/checkpoints' is whole" in refused("--run_dir=r")
    assert list(copied.glob("checkpoints/step-*")), "it set aside what is not its own"
    shutil.rmtree(copied / "checkpoints")
    assert refused("--run_dir=r") == "error: run 'r' has no checkpoint yet"


def test_samples_that_cannot_be_drawn_are_refused(monkeypatch, tmp_path):
    for spec, shape in (
        (Spec("arrays", (5, 4, 3, 2, 1)), "5x4x3x2x1"),
        (Spec("images", (8, 8, 4), encoding="uint8"), "8x8x4"),
    ):
        monkeypatch.setattr(samples, "_subject", lambda place, spec=spec: subject.Subject("one", spec, 3, None, None))
        with pytest.raises(UserError, match=f"or arrays of up to four axes. Received: samples of shape {shape}$"):
            samples.measure(Place(tmp_path, True, print, Stop()))


@pytest.fixture(scope="session")
def by_class(lab):
    return lab.run(**DENSE | {"conditional": True, "learning_rate": 0.1, "optimizer": "adam", "steps": 2})


def test_with_classes_there_is_a_column_for_each_and_a_way_holds_its_own(command, by_class):
    assert command("reproduce", "--figure=samples", f"--run_dir={by_class.path}", "--out=f")[0] == 0
    values, arrays = kept("f")
    assert values["columns"] == list("0123456789") and values["strip_classes"] == list("02468")
    labels = np.tile(np.arange(10, dtype=np.int32), 8)
    np.testing.assert_array_equal(arrays["labels"], labels)
    served = by_class.served("generate", num_images=80, seed=0, labels=labels).astype(int)
    assert arrays["samples"].shape == served.shape and np.abs(arrays["samples"] - served).max() <= 1
    held = np.repeat(np.arange(0, 10, 2, dtype=np.int32), 14)
    latents = arrays["strip_latents"].reshape(70, -1)
    np.testing.assert_allclose(arrays["strip_latents"][:, 0], arrays["latents"][:10:2], rtol=1e-5, atol=1e-6)
    made = by_class.served("serving_default", latents=latents, labels=held).astype(int)
    assert np.abs(arrays["strip"].reshape(70, 8, 8, 1) - made).max() <= 1
    others = by_class.served("serving_default", latents=latents, labels=(held + 1) % 10)
    assert np.abs(others.astype(int) - made).max() > 1, "the measure: a class does change what is made"
    assert "a column for each class that was asked for" in values["caption"] and "class held fixed" in values["caption"]

    assert command("reproduce", "--figure=samples", f"--saved_model={by_class.saved_model}", "--out=g")[0] == 0
    of_export = kept("g")
    assert of_export[0]["columns"] == values["columns"] and of_export[0]["strip_classes"] == values["strip_classes"]
    for name in ("samples", "strip"):
        assert np.abs(of_export[1][name].astype(int) - arrays[name]).max() <= 1


@pytest.fixture
def table(lab, tmp_path):
    """A run on a table of one's own with classes, and the values of the table."""
    values = np.random.default_rng(0).normal([5, -1000], [1, 30], [40, 2])
    np.savez(lab.place / "own.npz", x=values, kind=np.arange(40) % 2)
    flags = {"dataset": "array", "data_file": str(lab.place / "own.npz"), "array": "x", "labels": "kind"}
    run = lab.run(**DENSE | flags | {"conditional": True, "batch_size": 4, "steps": 1})
    shutil.copytree(run.path, tmp_path / "r")
    return run, values


def test_arrays_are_shown_in_their_units_beside_real_ones(command, table):
    run, known = table
    assert command("reproduce", "--figure=samples", "--run_dir=r", "--out=f")[0] == 0
    values, arrays = kept("f")
    assert values["columns"] == [] and values["strip_classes"] == ["0", "0", "0", "1", "1"]
    # classes are as frequent as in the data, as where a SavedModel is asked for any
    served = run.served("generate", num_images=1024, seed=0, labels=np.full(1024, -1, np.int32))
    np.testing.assert_allclose(arrays["samples"], served, rtol=1e-4, atol=1e-3)
    assert set(arrays["labels"]) == {0, 1} and len(arrays["labels"]) == 1024
    real = arrays["real_samples"]
    assert len(real) == 36 and {tuple(row) for row in real} <= {tuple(row) for row in known.astype(np.float32)}
    assert "classes as frequent as in the data" in values["caption"] and "Each panel of the ways" in values["caption"]


def test_real_arrays_that_are_not_at_hand_are_left_out_and_that_is_said(table, lab, tmp_path):
    _, known = table
    directory, said = RunDirectory(tmp_path / "r"), []
    config = directory.read_config(to_continue=False)
    assert len(subject._real(directory, config, said.append)) == 36 and said == []
    # those of the run's own pictures, which its seed draws
    other = dataclasses.replace(config, seed=5)
    train = data_sets.load(other.data, storage_of(directory)).train
    rows = np.random.default_rng(5).permutation(len(train))[:36]
    np.testing.assert_array_equal(subject._real(directory, other, said.append), train.samples[rows])
    np.savez(lab.place / "own.npz", x=known + 1, kind=np.arange(40) % 2)
    assert subject._real(directory, config, said.append) is None
    (lab.place / "own.npz").unlink()
    assert subject._real(directory, config, said.append) is None
    changed, gone = said
    assert changed.startswith("without real samples: those of data set 'array' are not those that the run was trained")
    assert gone.startswith("without real samples, which cannot be read: ") and "own.npz" in gone


@pytest.mark.parametrize("small", [True, False])
def test_left_out_it_is_of_a_training_of_its_own(tmp_path, monkeypatch, small):
    asked, said = {}, []

    def trained(place, name, given):
        asked.update(given)
        return None, None, None

    monkeypatch.setattr(trainings, "trained", trained)
    with pytest.raises(Diverged, match="the training of figure 'samples' diverged"):
        samples.measure(Place(tmp_path, small, said.append, Stop()))
    config = resolve.resolve(asked)
    assert (config.data.dataset, config.model.method) == ("digits", "wgan-gp")
    assert asked["steps"] // asked["sample_every"] == 40 and asked["steps"] % 40 == 0
    assert said == ["a training of its own; for one of yours: reproduce --figure=samples --run_dir=<its run directory>"]


def test_a_training_of_its_own_is_shown_with_its_pictures(tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "_STEPS", 2)
    trained = trainings.trained
    tiny = {"network": "mlp", "width": 4, "latent_dim": 3, "batch_size": 8, "n_critic": 1}
    monkeypatch.setattr(trainings, "trained", lambda place, name, given: trained(place, name, given | tiny))
    here = Place(tmp_path, True, lambda line: None, Stop())
    with here.stop:
        numbers = samples.measure(here)
    assert numbers.lines == (
        "samples of a training of its own (digits, wgan-gp), step 2",
        "animation: 3 pictures of the training, from step 0 to 2",
    )
    assert_one_way_each_row(numbers.arrays)

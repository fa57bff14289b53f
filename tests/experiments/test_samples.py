"""The figure of any run: one tiny training, looked at as the figure's own, as a run and beside a SavedModel."""

import pathlib
import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from wgangp_tf.errors import Diverged, UserError
from wgangp_tf.experiments import place, samples, trainings
from wgangp_tf.serving.load import Generator
from wgangp_tf.stopping import Stop
from wgangp_tf.training import observers

_TINY = {
    "dataset": "digits",
    "network": "mlp",
    "width": 4,
    "latent_dim": 3,
    "batch_size": 8,
    "n_critic": 1,
    "ema_decay": 0.5,
    "log_every": 100,
}
_SAVED_MODEL = pathlib.Path(__file__).resolve().parents[2] / "saved_models" / "digits"


def _place(folder, **of):
    return place.Place(folder, True, lambda line: None, Stop(), of)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """(place, numbers, model) of the figure's own training; not to be changed."""
    somewhere, kept, trained = _place(tmp_path_factory.mktemp("own")), [], trainings.trained

    def keep(*given):
        kept.append(trained(*given))
        return kept[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainings, "trained", keep)
        patch.setattr(samples, "_OWN", _TINY)
        patch.setattr(samples, "_STEPS", {True: 8})
        patch.setattr(samples, "_FRAMES", 4)
        numbers = samples.measure(somewhere)
    ((model, _, _),) = kept
    return somewhere, numbers, model


@pytest.fixture(scope="module")
def run_dir(own):
    return own[0].training("digits")


def test_the_strip_goes_from_given_latents_to_given_latents(own):
    arrays = own[1].arrays
    latents, strip = arrays["latents"], arrays["strip_latents"]
    assert latents.shape == (64, 3) and strip.shape == (5, 14, 3) and arrays["strip"].shape == (5, 14, 8, 8, 1)
    np.testing.assert_allclose(strip[:, 0], latents[0:10:2], atol=1e-6)
    np.testing.assert_allclose(strip[:, -1], latents[1:10:2], atol=1e-6)
    for end, row in ((0, 0), (-1, 1)):
        off = arrays["strip"][:, end].astype(int) - arrays["samples"][row:10:2]
        assert np.abs(off).max() <= 1  # grey level: a product over another number of rows
    assert len({picture.tobytes() for picture in arrays["strip"][0]}) > 2


def test_frames_are_the_pictures_of_the_training(own, run_dir):
    numbers = own[1]
    paths = sorted((run_dir / "samples").glob("step-*.png"))
    assert numbers.values["frame_steps"] == [int(path.stem[5:]) for path in paths] and len(paths) >= 4
    assert numbers.values["frame_steps"][-1] == 8
    for frame, path in zip(numbers.arrays["frames"], paths, strict=True):
        np.testing.assert_array_equal(frame[..., 0], np.asarray(Image.open(path)))
    np.testing.assert_array_equal(numbers.arrays["real"][..., 0], np.asarray(Image.open(run_dir / "samples/real.png")))
    first = numbers.values["frame_steps"][0]
    assert f"The animation samples.gif shows one set of latents from step {first} to 8." in numbers.caption


def test_a_run_shows_what_its_training_showed(own, run_dir, tmp_path):
    numbers = samples.measure(_place(tmp_path / "of", run_dir=str(run_dir)))
    for name, array in own[1].arrays.items():
        np.testing.assert_array_equal(numbers.arrays[name], array, err_msg=name)
    assert numbers.values["name"] == "run digits (digits, wgan-gp), step 8"
    assert own[1].values["name"] == "a training of its own (digits, wgan-gp), step 8"
    assert not tmp_path.joinpath("of").exists(), "measuring writes nothing but trainings"


def test_samples_are_those_that_generate_gives(own, tmp_path):
    numbers = samples.measure(_place(tmp_path, saved_model=str(_SAVED_MODEL)))
    wanted = Generator(_SAVED_MODEL).generate(64, samples._SEED)
    assert numbers.arrays["samples"].dtype == np.uint8
    assert np.abs(numbers.arrays["samples"].astype(int) - wanted).max() <= 1  # grey level
    assert numbers.values["name"] == "SavedModel digits" and numbers.values["frame_steps"] == []
    assert "frames" not in numbers.arrays and "animation" not in numbers.caption
    np.testing.assert_array_equal(own[1].arrays["samples"], observers.generated(own[2], 64, samples._SEED))


def test_the_way_is_along_a_great_circle_in_equal_angles():
    some, other = np.array([2.0, 0, 0]), np.array([0, 2.0, 0])
    angles = np.radians([0, 22.5, 45, 67.5, 90])
    wanted = 2 * np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    found = samples.between(some, other, 5)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert found.dtype == np.float32
    some, other = np.random.default_rng(0).normal(size=(2, 30))
    middle = samples.between(some, other, 3)[1]
    assert np.dot(middle, some) / np.dot(some, some) > 0.5  # outside the chord
    assert np.linalg.norm(middle) > np.linalg.norm((some + other) / 2)


@pytest.mark.parametrize("factor", [3.0, -1.0])
def test_where_there_is_no_great_circle_the_way_is_straight(factor):
    some = np.array([1.0, 2.0])
    wanted = [some, (1 + factor) / 2 * some, factor * some]
    np.testing.assert_allclose(samples.between(some, factor * some, 3), wanted, atol=1e-6)


@pytest.fixture
def pictures(tmp_path):
    """Twelve pictures of 8×6 pixels, each of the grey level of its step."""
    for step in range(12):
        Image.fromarray(np.full([6, 8], step, np.uint8)).save(tmp_path / f"step-{step:08d}.png")
    return tmp_path


def test_frames_are_few_enough_and_evenly_spread(pictures):
    found, steps = samples.frames(pictures, count=3)
    assert steps == [0, 6, 11] and found.shape == (3, 6, 8, 1)
    assert found[:, 0, 0, 0].tolist() == steps
    assert len(samples.frames(pictures)[1]) == 12
    assert samples.frames(pictures / "none")[1] == []


def test_large_pictures_are_made_smaller_by_a_whole_factor(pictures):
    assert samples.frames(pictures, side=8)[0].shape[1:] == (6, 8, 1)
    found, steps = samples.frames(pictures, side=7)
    assert found.shape == (12, 3, 4, 1) and found[:, 0, 0, 0].tolist() == steps


def test_pictures_of_another_size_than_the_last_are_left_out(pictures):
    Image.fromarray(np.zeros([5, 5, 3], np.uint8)).save(pictures / "step-00000003.png")
    assert samples.frames(pictures)[1] == [step for step in range(12) if step != 3]


def test_a_training_of_its_own_that_diverged_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(trainings, "trained", lambda *given, **more: (None, None, None))
    with pytest.raises(Diverged, match="the training of figure 'samples' diverged"):
        samples.measure(_place(tmp_path))


def _savedmodel(folder, shape, latents=("latents",)):
    """A SavedModel that answers with zeros."""
    module = tf.Module()
    specs = [tf.TensorSpec([None, 3], tf.float32, name) for name in latents]

    @tf.function(input_signature=specs)
    def serve(*values):
        return {"samples": tf.zeros([tf.shape(values[0])[0], *shape])}

    @tf.function(input_signature=[tf.TensorSpec([], tf.int32, "num_images"), tf.TensorSpec([], tf.int32, "seed")])
    def generate(num_images, seed):
        return {"samples": tf.zeros([num_images, *shape]) + tf.cast(0 * seed, tf.float32)}

    signatures = {"generate": generate} | ({"serving_default": serve} if latents else {})
    tf.saved_model.save(module, str(folder), signatures=signatures)


def _unfinished(run_dir, folder):
    shutil.copytree(run_dir, folder)
    shutil.rmtree(folder / "checkpoints")


def _damaged(run_dir, folder):
    shutil.copytree(run_dir, folder)
    (folder / "samples" / "real.png").write_bytes(b"\x89PNG and no more")


def test_what_cannot_be_looked_at_is_one_line(command, run_dir, tmp_path):
    _unfinished(run_dir, tmp_path / "begun")
    _damaged(run_dir, tmp_path / "damaged")
    _savedmodel(tmp_path / "arrays", [5])
    _savedmodel(tmp_path / "silent", [2], latents=())
    _savedmodel(tmp_path / "labelled", [2], latents=("labels", "latents"))
    before = sorted(path.name for path in tmp_path.iterdir())
    of_latents = "expected to have a signature 'serving_default' of latents alone, (None, latent_dim). Received:"
    for words, line in (
        (["--run_dir=none"], "--run_dir expects the directory of a run. Received: 'none'"),
        (["--run_dir=begun"], "run 'begun' has no checkpoint yet"),
        (["--run_dir=damaged"], "'damaged/samples/real.png' expected to be a picture of a training"),
        (["--saved_model=none"], "--saved_model expects the directory of a SavedModel. Received: 'none'"),
        (["--saved_model=arrays"], "figure 'samples' expects pictures or points of the plane. Received: samples of"),
        (["--saved_model=silent"], f"SavedModel 'silent' {of_latents} none"),
        (["--saved_model=labelled"], f"SavedModel 'labelled' {of_latents} labels (None, 3), latents (None, 3)"),
    ):
        status, out, err = command("reproduce", "--figure=samples", "--out=d", *words)
        assert status == 2 and err.startswith(f"error: {line}") and err.count("\n") == 1 and not out, (words, err)
    assert sorted(path.name for path in tmp_path.iterdir()) == before, "nothing is written"


def test_the_pictures_of_a_run_are_drawn_again_from_files_alone(command, run_dir, tmp_path):
    shutil.copytree(run_dir, tmp_path / "run")
    status, out, _ = command("reproduce", "--figure=samples", "--run_dir=run", "--out=d")
    drawn = [tmp_path / "d" / f"samples.{kind}" for kind in ("png", "svg", "gif")]
    assert status == 0 and out.split() == [f"d/{path.name}" for path in drawn]
    before = [path.read_bytes() for path in drawn]
    for path in drawn:
        path.unlink()
    shutil.rmtree(tmp_path / "run")
    status, again, _ = command("reproduce", "--figure=samples", "--redraw", "--out=d")
    assert status == 0 and again == out
    assert [path.read_bytes() for path in drawn] == before


def test_a_damaged_picture_is_named(pictures):
    (pictures / "step-00000002.png").write_text("no picture")
    with pytest.raises(UserError, match="step-00000002.png' expected to be a picture of a training; it cannot be read"):
        samples.frames(pictures)

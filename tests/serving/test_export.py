import errno
import json
import os
import pathlib
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from tests.gan import tiny
from tests.serving.conftest import LATENT_DIM, SHAPES, make
from wgangp_tf import GAN
from wgangp_tf.errors import UserError
from wgangp_tf.samples import drawing
from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import Spec, of_pictures, of_shape
from wgangp_tf.serving import export, target
from wgangp_tf.serving.export import export_generator

COUNTS = (0, 1, 10, 64, 65, 130)
OUTPUT = {"grey": "images", "colour": "images", "points": "points", "arrays": "samples"}
LATENTS = np.random.default_rng(0).normal(size=(7, LATENT_DIM)).astype(np.float32)


def is_image(name):
    return OUTPUT[name] == "images"


# ---- in a process that has TensorFlow alone


@pytest.fixture(scope="module")
def elsewhere(exported, tmp_path_factory):
    """(results, signatures) of a process that cannot import our package."""
    out = tmp_path_factory.mktemp("elsewhere")
    np.save(out / "latents.npy", LATENTS)
    script = pathlib.Path(__file__).with_name("elsewhere.py")
    command = [sys.executable, "-I", str(script), str(exported), str(out)]
    done = subprocess.run(command, cwd=out, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": ""})
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(np.load(out / "results.npz")), json.loads((out / "signatures.json").read_text())


@pytest.mark.parametrize("name", SHAPES)
def test_signatures_are_those_of_the_contract(elsewhere, name):
    signatures = elsewhere[1][name]
    out, shape = OUTPUT[name], list(SHAPES[name])
    dtype = "uint8" if is_image(name) else "float32"
    latents = {"latents": ["float32", [None, LATENT_DIM]]}
    number_and_seed = {"num_images": ["int32", []], "seed": ["int32", []]}
    expected = {
        "serving_default": {"inputs": latents, "outputs": {out: [dtype, [None, *shape]]}},
        "raw": {"inputs": latents, "outputs": {out: ["float32", [None, *shape]]}},
        "generate": {"inputs": number_and_seed, "outputs": {out: [dtype, [None, *shape]]}},
    }
    if is_image(name):
        expected["generate_png"] = {"inputs": number_and_seed, "outputs": {"png": ["string", [None]]}}
    assert {key: value for key, value in signatures.items() if key != "negative"} == expected


@pytest.mark.parametrize("name", SHAPES)
def test_the_same_latents_give_the_models_samples(elsewhere, models, name):
    own = models[name](LATENTS).numpy()
    assert np.abs(own - models[name].generator(LATENTS, training=False)).max() > 1e-3, "averages, not weights"
    np.testing.assert_allclose(elsewhere[0][f"{name}/raw"], own, rtol=1e-5, atol=1e-6)
    served = elsewhere[0][f"{name}/serving_default"]
    expected = Codec(of_shape(SHAPES[name])).encode(elsewhere[0][f"{name}/raw"])
    np.testing.assert_array_equal(served, expected)


@pytest.mark.parametrize("name", SHAPES)
def test_sample_k_is_the_same_whatever_the_number_and_the_same_as_the_models(elsewhere, models, name):
    all_samples = elsewhere[0][f"{name}/generate/130"]
    assert len(np.unique(all_samples, axis=0)) == 130
    for count in COUNTS:
        samples = elsewhere[0][f"{name}/generate/{count}"]
        assert samples.shape == (count, *SHAPES[name])
        np.testing.assert_array_equal(samples, all_samples[:count])
    own = models[name].generate(130, seed=5)
    own = Codec(of_shape(SHAPES[name])).encode(own).numpy()
    assert all_samples.dtype == own.dtype
    if is_image(name):
        assert np.abs(all_samples.astype(int) - own).max() <= 1
        assert np.mean(all_samples == own) > 0.999
    else:
        np.testing.assert_allclose(all_samples, own, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in SHAPES if is_image(name)])
def test_png_files_hold_the_images(elsewhere, name):
    for count in COUNTS[1:]:
        np.testing.assert_array_equal(
            elsewhere[0][f"{name}/generate_png/{count}"], elsewhere[0][f"{name}/generate/{count}"]
        )
    assert len(elsewhere[0][f"{name}/generate_png/0"]) == 0


@pytest.mark.parametrize("name", SHAPES)
def test_a_negative_number_is_refused(elsewhere, name):
    assert "num_images must be at least 0" in elsewhere[1][name]["negative"]


# ---- the directory


@pytest.mark.parametrize("name", SHAPES)
def test_card_and_picture_are_there(exported, models, name):
    extra = exported / name / "assets.extra"
    spec = of_shape(SHAPES[name])
    assert json.loads((extra / "card.json").read_text()) == {
        "format": 2,
        "samples": spec.to_values(),
        "chunk": 64,
        "run_id": name,
        "config": {"seed": 1},
    }
    picture = np.asarray(Image.open(extra / "samples.png"))
    own = models[name].generate(spec.drawn, seed=0)
    expected = drawing.picture(spec, Codec(spec).encode(own))
    assert np.abs(picture.reshape(expected.shape).astype(int) - expected).max() <= 4  # nearest pixels are 4-fold


def test_nothing_but_the_savedmodels_is_left(exported):
    assert sorted(os.listdir(exported)) == sorted(SHAPES)
    assert sorted(os.listdir(exported / "grey")) == [
        "assets",
        "assets.extra",
        "fingerprint.pb",
        "saved_model.pb",
        "variables",
    ]


def test_without_averages_the_generators_own_weights_are_exported(tmp_path):
    model = make((2,), ema_decay=0.0)
    export_generator(model, tmp_path / "a" / "b")
    loaded = tf.saved_model.load(str(tmp_path / "a" / "b"))
    raw = loaded.signatures["raw"](latents=tf.constant(LATENTS))["points"]
    np.testing.assert_allclose(raw, model.generator(LATENTS, training=False), rtol=1e-5, atol=1e-6)
    assert not (tmp_path / "a" / "b" / "assets.extra" / "card.json").exists()


class Counts(layers.Layer):
    """Counts how often it is called: in a graph, how often it is traced."""

    calls = 0

    def call(self, inputs):
        self.calls += 1
        return inputs


def test_a_generator_is_traced_once_for_any_number_of_latents_and_once_for_a_chunk(tmp_path):
    counts = Counts()
    generator = keras.Sequential([keras.Input((LATENT_DIM,)), layers.Dense(4), counts, layers.Reshape((2, 2, 1))])
    model = GAN(generator, tiny.critic((2, 2, 1)), latent_dim=LATENT_DIM)
    counts.calls = 0
    export_generator(model, tmp_path / "m")
    assert counts.calls == 3  # and once for its picture


def test_export_leaves_the_model_as_it_is(tmp_path):
    model = make((2,))
    before = tiny.values(model.variables)
    export_generator(model, tmp_path / "m")
    assert tiny.same(before, tiny.values(model.variables))


def test_a_kind_may_be_said(tmp_path):
    export_generator(make((2,)), tmp_path / "m", spec=Spec("arrays", (2,)))
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    assert list(loaded.signatures["generate"].structured_outputs) == ["samples"]
    assert sorted(loaded.signatures) == ["generate", "raw", "serving_default"]


def test_pixels_of_dequantised_data(tmp_path):
    # a sample of 0 is level 127.5 → 128 rounded, and floor(128) = 128; one of 0.999/128 is level 128 + 0.999 → 128
    generator = keras.Sequential([keras.Input((LATENT_DIM,)), layers.Dense(1, "tanh"), layers.Reshape((1, 1, 1))])
    generator.layers[0].set_weights([np.zeros([LATENT_DIM, 1]), np.array([0.999 / 128])])
    model = GAN(generator, tiny.critic((1, 1, 1)), latent_dim=LATENT_DIM)
    levels = {}
    for dequantized in (False, True):
        export_generator(model, tmp_path / str(dequantized), spec=of_pictures((1, 1, 1), dequantized=dequantized))
        loaded = tf.saved_model.load(str(tmp_path / str(dequantized)))
        levels[dequantized] = int(
            loaded.signatures["serving_default"](latents=tf.constant(LATENTS[:1]))["images"][0, 0, 0, 0]
        )
    assert levels == {False: round(127.5 + 0.999 / 128 * 127.5), True: 128}


def test_half_precision_training_is_exported_in_single(tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = make((2,))
    finally:
        keras.config.set_dtype_policy("float32")
    assert model.generator.layers[1].compute_dtype == "bfloat16"
    export_generator(model, tmp_path / "m")
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    raw = loaded.signatures["raw"](latents=tf.constant(LATENTS))["points"].numpy()
    single = make((2,))
    single.take_setting("averages", None)
    single.generator.set_weights(tiny.values(model.averages.weights))
    np.testing.assert_allclose(raw, single(LATENTS), rtol=1e-5, atol=1e-6)
    assert np.abs(raw - tf.cast(model(LATENTS), tf.float32)).max() > 1e-5
    assert model.generator.layers[1].compute_dtype == "bfloat16", "the model trains on as before"


class Subclassed(keras.Model):
    """A generator of one's own that cannot be rebuilt from a configuration."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.normalization = layers.BatchNormalization()

    def call(self, latents):
        return self.normalization(self.inner(latents))


def nested():
    latents = keras.Input((LATENT_DIM,))
    return keras.Model(latents, layers.Dense(2)(tiny.generator((4,), LATENT_DIM)(latents)))


def subclassed():
    network = Subclassed(tiny.generator((2,), LATENT_DIM))
    network(np.zeros([2, LATENT_DIM], np.float32))
    return network


def with_lambda():
    latents = keras.Input((LATENT_DIM,))
    return keras.Model(latents, layers.Lambda(lambda x: 2 * x)(layers.Dense(2)(latents)))


@pytest.mark.parametrize("network", [nested, subclassed, with_lambda])
def test_any_network_that_trains_can_be_exported(network, tmp_path):
    model = GAN(network(), tiny.critic(), latent_dim=LATENT_DIM, ema_decay=0.5)
    export_generator(model, tmp_path / "m")
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    raw = loaded.signatures["raw"](latents=tf.constant(LATENTS))["points"]
    np.testing.assert_allclose(raw, model(LATENTS), rtol=1e-5, atol=1e-6)


def test_a_model_over_replicas_is_exported(mirrored, tmp_path):
    with mirrored.scope():
        model = make((2,))
        export_generator(model, tmp_path / "m")
    loaded = tf.saved_model.load(str(tmp_path / "m"))
    raw = loaded.signatures["raw"](latents=tf.constant(LATENTS))["points"]
    np.testing.assert_allclose(raw, model(LATENTS), rtol=1e-5, atol=1e-6)


# ---- what is replaced, and what is left when something fails


@pytest.fixture
def quick(models, monkeypatch):
    """A model whose export writes a stand-in for the SavedModel."""

    def write(generator, latent_dim, codec, directory):
        directory.mkdir()
        (directory / "saved_model.pb").write_text("new")

    monkeypatch.setattr(export, "_write", write)
    return models["points"]


def old_export(directory, run_id="old"):
    (directory / "assets.extra").mkdir(parents=True)
    (directory / "saved_model.pb").write_text("old")
    (directory / "assets.extra" / "card.json").write_text(json.dumps({"run_id": run_id}))


def content(directory):
    return (directory / "saved_model.pb").read_text()


@pytest.mark.parametrize("card", [None, {}, {"run_id": "new"}])
def test_a_savedmodel_of_another_run_is_replaced_only_when_told(quick, tmp_path, card):
    directory = tmp_path / "m"
    old_export(directory)
    with pytest.raises(UserError, match="holds a SavedModel of another run; (--overwrite|overwrite=True) replaces it"):
        export_generator(quick, directory, card=card)
    assert content(directory) == "old"
    export_generator(quick, directory, card=card, overwrite=True)
    assert content(directory) == "new"
    assert os.listdir(tmp_path) == ["m"]


def test_two_savedmodels_without_a_run_are_not_of_the_same_run(quick, tmp_path):
    directory = tmp_path / "m"
    old_export(directory, run_id=None)
    for _ in range(2):
        with pytest.raises(UserError, match="holds a SavedModel of another run"):
            export_generator(quick, directory, card={})
        (directory / "assets.extra" / "card.json").unlink(missing_ok=True)
    assert content(directory) == "old"


def test_a_savedmodel_of_the_same_run_is_replaced(quick, tmp_path):
    directory = tmp_path / "m"
    old_export(directory, "same")
    export_generator(quick, directory, card={"run_id": "same"})
    assert content(directory) == "new"
    assert os.listdir(tmp_path) == ["m"]


def test_an_empty_directory_is_filled_the_current_one_too(quick, tmp_path, monkeypatch):
    directory = tmp_path / "m"
    directory.mkdir()
    monkeypatch.chdir(directory)
    export_generator(quick, ".")
    assert content(directory) == "new"


@pytest.mark.parametrize("overwrite", [False, True])
def test_anything_else_is_never_replaced(quick, tmp_path, overwrite):
    directory = tmp_path / "m"
    directory.mkdir()
    (directory / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="a new directory or a SavedModel to replace. Received: .*holds something else"):
        export_generator(quick, directory, overwrite=overwrite)
    with pytest.raises(UserError, match="directory expects a directory. Received: .*thesis.txt', a file"):
        export_generator(quick, directory / "thesis.txt", overwrite=overwrite)
    assert os.listdir(directory) == ["thesis.txt"]


def disk_is_full(*_, **__):
    raise OSError(28, "No space left on device")


def tensorflow_fails(*_, **__):
    # as it does, word for word
    insides = "{{function_node __wrapped__SaveV2_dtypes_9_device_/job:localhost/replica:0/task:0/device:CPU:0}} /tmp/.m"
    said = f"{insides}.part/variables/variables_temp/part-00000.tempstate198; No space left on device [Op:SaveV2]"
    raise tf.errors.ResourceExhaustedError(None, None, said)


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(
    "owner, name, failure",
    [
        (export, "_write", disk_is_full),
        (export, "_write", tensorflow_fails),
        (drawing, "png", disk_is_full),
        (export.files, "sync_tree", disk_is_full),
    ],
)
def test_a_failure_leaves_what_was_there_and_nothing_else(quick, tmp_path, monkeypatch, before, owner, name, failure):
    directory = tmp_path / "m"
    if before:
        old_export(directory)
    monkeypatch.setattr(owner, name, failure)
    with pytest.raises(UserError) as caught:
        export_generator(quick, directory, overwrite=True)
    assert str(caught.value) == (
        f"directory expects a directory that can be written. Received: {str(directory)!r} (No space left on device)"
    )
    assert os.listdir(tmp_path) == (["m"] if before else [])
    if before:
        assert content(directory) == "old"


def test_a_failure_while_the_new_one_takes_its_place_puts_the_old_one_back(quick, tmp_path, monkeypatch):
    directory = tmp_path / "m"
    old_export(directory)
    rename = os.rename

    def fails_once_for_the_new(source, destination):
        if str(source).endswith(".part"):
            raise OSError(5, "Input/output error")
        rename(source, destination)

    monkeypatch.setattr(os, "rename", fails_once_for_the_new)
    with pytest.raises(UserError, match="Input/output error"):
        export_generator(quick, directory, overwrite=True)
    assert os.listdir(tmp_path) == ["m"]
    assert content(directory) == "old"


@pytest.fixture
def at_once(quick, tmp_path, monkeypatch):
    """Two exports to one directory, the second begun while the first one writes.

    at_once(first run, second run, locks) -> what each raised, and what was said.
    """
    write = export._write
    writing, second_waits = threading.Event(), threading.Event()
    raised, said = {}, []

    def run(first, second, locks=True):
        def write_slowly(*arguments):
            write(*arguments)
            name = threading.current_thread().name
            (arguments[-1] / "saved_model.pb").write_text(name)
            if name == "first":
                writing.set()
                assert second_waits.wait(60)

        def exporting(run_id):
            name = threading.current_thread().name
            try:
                export_generator(quick, tmp_path / "m", card={"run_id": run_id})
                raised[name] = None
            except Exception as error:
                raised[name] = error
            second_waits.set()

        monkeypatch.setattr(export, "_write", write_slowly)
        monkeypatch.setattr(export, "say", lambda line: (said.append(line), second_waits.set()))
        if not locks:
            monkeypatch.setattr(export.files.fcntl, "flock", no_locks)
        threads = [
            threading.Thread(target=exporting, args=(run_id,), name=name)
            for name, run_id in (("first", first), ("second", second))
        ]
        threads[0].start()
        assert writing.wait(60)
        threads[1].start()
        for thread in threads:
            thread.join()
        assert os.listdir(tmp_path) == ["m"]
        assert set(os.listdir(tmp_path / "m")) == {"saved_model.pb", "assets.extra"}
        return raised["first"], raised["second"], said

    return run


def no_locks(*_):
    raise OSError(errno.ENOSYS, "Function not implemented")


def test_of_two_exports_at_once_the_second_waits(at_once, tmp_path):
    first, second, said = at_once("same", "same")
    assert (first, second) == (None, None)
    assert said == [f"another process is exporting to {str(tmp_path / 'm')!r}; waiting for it"]
    assert content(tmp_path / "m") == "second"


def test_of_two_runs_that_export_at_once_the_second_is_refused(at_once, tmp_path):
    first, second, _ = at_once("one", "another")
    assert first is None
    assert isinstance(second, UserError) and "holds a SavedModel of another run" in str(second)
    assert content(tmp_path / "m") == "first"


def test_without_locks_the_one_that_ends_last_stays(at_once, tmp_path):
    first, second, said = at_once("same", "same", locks=False)
    assert (first, second, said) == (None, None, [])
    assert content(tmp_path / "m") == "first"


def test_what_killed_exports_left_goes_and_what_is_others_stays(quick, tmp_path):
    for left in (".m.part", ".m.0123abcd.part", ".m.2.0123abcd.part", ".n.part"):
        old_export(tmp_path / left)
    (tmp_path / ".m.lock").touch()
    old_export(tmp_path / ".m.old", "same")  # killed between its two renames
    export_generator(quick, tmp_path / "m", card={"run_id": "same"})
    assert content(tmp_path / "m") == "new"
    assert sorted(os.listdir(tmp_path)) == [".m.2.0123abcd.part", ".n.part", "m"]


def test_a_savedmodel_that_a_killed_export_had_moved_aside_is_back_and_guarded(quick, tmp_path):
    old_export(tmp_path / ".m.old")
    with pytest.raises(UserError, match="holds a SavedModel of another run"):
        export_generator(quick, tmp_path / "m", card={"run_id": "new"})
    assert os.listdir(tmp_path) == ["m"] and content(tmp_path / "m") == "old"


def test_where_an_export_may_go_is_known_without_tensorflow():
    code = "import sys; from wgangp_tf.serving import target; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
    assert str(target.CARD) == os.path.join("assets.extra", "card.json")


@pytest.mark.parametrize(
    "keywords, said",
    [
        ({"model": tiny.generator()}, "model must be a GAN of wgangp_tf. Received: Functional"),
        ({"model": None}, "model must be a GAN of wgangp_tf. Received: NoneType"),
        ({"directory": 3}, "directory must be a path. Received: directory=3"),
        ({"directory": ""}, "directory must be a path. Received: directory=''"),
        ({"spec": of_shape((3,))}, r"spec must be a samples.spec.Spec of shape \(2,\). Received: spec=Spec"),
        ({"spec": "images"}, "Received: spec='images'"),
        ({"overwrite": "yes"}, "overwrite must be True or False. Received: overwrite='yes'"),
        ({"card": {"a": np.zeros(2)}}, "card must be a dict that JSON can hold. Received: one that it cannot"),
        ({"card": [1]}, "card must be a dict that JSON can hold"),
    ],
)
def test_arguments_are_named_with_what_came_and_nothing_is_written(keywords, said, tmp_path):
    model = GAN(tiny.generator(), tiny.critic(), latent_dim=3)
    with pytest.raises(UserError, match=said):
        export_generator(**{"model": model, "directory": tmp_path / "saved"} | keywords)
    assert not list(tmp_path.iterdir())

"""What every data set must do, and what is said about names that are none."""

import dataclasses
import importlib
import subprocess
import sys
import time
import types

import numpy as np
import pytest

from tests.data.test_store import ROOT
from wgangp_tf import config, presets
from wgangp_tf.config import Data
from wgangp_tf.data import registry
from wgangp_tf.data import tensorflow_datasets as tfds_sets
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import KINDS, Spec
from wgangp_tf.settings import Storage

NEED_NOTHING = [
    name for name, row in registry.DATASETS.items() if row.module not in ("folder", "tensorflow_datasets", "array")
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return str(tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize("name", NEED_NOTHING)
def test_every_data_set(name, cache):
    row = registry.find(name)
    source = registry.load(Data(dataset=name), Storage(cache_dir=cache))
    assert (source.name, source.spec.kind, source.spec.shape) == (name, row.kind, row.sample_shape)
    assert len(source.train) == row.size and len(source.validation) > 0
    assert source.train.labels is None and source.licence != "unknown" and source.fingerprint
    dtype = np.uint8 if row.kind == "images" else np.float32
    rows = [split.samples[np.arange(len(split))] for split in (source.train, source.validation)]
    for split, samples in zip((source.train, source.validation), rows, strict=True):
        assert samples.dtype == split.samples.dtype == dtype
        assert samples.shape == split.samples.shape == (len(split), *row.sample_shape)
        some = np.array([0, len(split) - 1, 0])
        np.testing.assert_array_equal(split.samples[some], samples[some])
    assert rows[0].std() > 0
    assert not {sample.tobytes() for sample in rows[0]} & {sample.tobytes() for sample in rows[1]}
    again = registry.load(Data(dataset=name), Storage(cache_dir=cache))
    assert again.fingerprint == source.fingerprint
    np.testing.assert_array_equal(again.train.samples[np.arange(row.size)], rows[0])


@pytest.mark.parametrize("name", registry.DATASETS)
def test_every_row(name):
    row = registry.DATASETS[name]
    made = config.from_values({"dataset": name} | dict(row.defaults))  # known fields, in range
    assert made.data.dataset == name
    assert row.kind in KINDS and row.summary and "\n" not in row.summary
    if row.sample_shape and made.data.image_size:
        assert row.sample_shape[:2] == made.data.image_size


@pytest.mark.parametrize(
    "options, shape",
    [
        ({"dataset": "8gaussians"}, (2,)),
        ({"dataset": "folder"}, (64, 64, 3)),
        ({"dataset": "folder", "image_size": (6, 8), "channels": 1}, (6, 8, 1)),
        ({"dataset": "kmnist"}, (28, 28, 1)),
        ({"dataset": "oxford_flowers102"}, (64, 64, 3)),
        ({"dataset": "lsun/bedroom", "image_size": (32, 32)}, (32, 32, 3)),
    ],
)
def test_shapes_are_known_without_loading(options, shape):
    assert registry.spec(Data(**options), Storage()).shape == shape


def test_a_row_may_say_what_its_samples_are_and_whether_they_can_be_had(monkeypatch):
    def check(data, storage):
        raise UserError(f"nothing in {storage.data_dir}")

    row = registry.Row(
        "digits",
        "a row of this test",
        places=("data_dir",),
        spec=lambda data, storage: Spec("arrays", (len(storage.data_dir),)),
        complete=lambda data: dataclasses.replace(data, channels=3),
        check=check,
    )
    monkeypatch.setitem(registry.DATASETS, "mine", row)
    data, storage = Data(dataset="mine"), Storage(data_dir="here")
    found = registry.spec(data, storage)
    assert found.shape == (4,) and registry.complete(data, found).channels == 3
    for ask in (registry.check, registry.load):
        with pytest.raises(UserError, match="^nothing in here$"):
            ask(data, storage)


def test_digits_and_digits_by_class_are_trained_alike():
    by_class = dict(presets.find("digits_conditional"))
    assert registry.find("digits").defaults == {name: by_class[name] for name in presets.DIGITS}
    assert set(by_class) - set(presets.DIGITS) == {"dataset", "conditional"}


@pytest.mark.parametrize("name", ["digits", "8gaussians", "25gaussians", "shapes"])
def test_labels_belong_to_classes(name, cache):
    source = registry.load(Data(dataset=name, labels="auto"), Storage(cache_dir=cache))
    for split in (source.train, source.validation):
        assert split.labels.shape == (len(split),) and split.labels.dtype == np.int32
        assert set(split.labels.tolist()) == set(range(len(source.spec.classes)))


@pytest.mark.parametrize("name", NEED_NOTHING)
def test_classes_are_known_without_loading_and_are_those_of_the_samples(name, cache):
    data, storage = Data(dataset=name, labels="auto"), Storage(cache_dir=cache)
    if name in ("signals", "swiss_roll"):  # the others have labels
        for ask in (registry.class_names, registry.load):
            with pytest.raises(UserError, match=f"^dataset '{name}' has no labels. Received: labels=auto$"):
                ask(data, storage)
        return
    found = registry.class_names(data, storage)
    assert found == registry.load(data, storage).spec.classes and len(found) > 1


@pytest.mark.parametrize("name", registry.DATASETS)
def test_every_module_has_what_the_table_says(name):
    module = importlib.import_module(f"wgangp_tf.data.{registry.DATASETS[name].module}")
    assert callable(module.load) and callable(module.class_names)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"labels": "atuo"}, "Unknown labels 'atuo'. Did you mean 'auto'? Known: auto, folder, none."),
        ({"scale": "standard"}, "dataset 'digits' is no array of your own. Received: scale=standard"),
        ({"scale_axes": "all"}, "dataset 'digits' is no array of your own. Received: scale_axes=all"),
        ({"array": "x"}, "dataset 'digits' is no array of your own. Received: array=x"),
        ({"channels_last": True}, "dataset 'digits' is no array of your own. Received: channels_last=True"),
        ({"dataset": "array", "flip": True}, "dataset 'array' holds arrays, not pictures. Received: flip=True"),
        (
            {"dataset": "array"},
            "dataset 'array' expects --data_file=<a .npy, .npz, .csv or .parquet file>. Received: no data_file",
        ),
    ],
)
def test_options_of_other_data_sets_are_refused(options, said):
    with pytest.raises(UserError) as error:
        registry.spec(Data(**options), Storage())
    assert str(error.value) == said


@pytest.mark.parametrize("place, meant", registry.PLACES.items())
def test_places_of_other_data_sets_are_refused(place, meant):
    with pytest.raises(UserError) as error:
        registry.check(Data(), Storage(**{place: "x"}))
    assert str(error.value) == (
        f"dataset 'digits' has no use for {place}. Received: {place}=x. Did you mean dataset={meant}?"
    )


def test_every_name_of_tfds_is_accepted():
    names = tfds_sets.known_names()
    assert len(names) > 300
    for name in names:
        assert registry.find(name).module in ("tensorflow_datasets", "digits")


@pytest.mark.parametrize("name", ["celeb_a", "lsun/bedroom", "mnist:3.0.1", "cifar10_corrupted/fog_1:1.0.0"])
def test_names_of_tfds(name):
    assert registry.find(name).module == "tensorflow_datasets"


@pytest.mark.parametrize(
    "name, meant",
    [
        ("digit", "digits"),
        ("celeba", "celeb_a"),
        ("8gausians", "8gaussians"),
        ("oxford_flower102", "oxford_flowers102"),
    ],
)
def test_a_misspelt_name(name, meant):
    with pytest.raises(UserError) as error:
        registry.load(Data(dataset=name), Storage())
    assert str(error.value) == (
        f"Unknown dataset {name!r}. Did you mean {meant!r}? Known: {', '.join(registry.DATASETS)}, "
        "and any image data set of tensorflow-datasets."
    )


def test_a_name_like_no_other():
    with pytest.raises(UserError, match="^Unknown dataset 'qqqq'. Known: digits, "):
        registry.find("qqqq")


def test_what_is_wrong_is_told_fast():
    program = """
import sys
from wgangp_tf.errors import UserError
from wgangp_tf.data import registry
for name in ("digit", "oxford_flower102"):
    try:
        registry.find(name)
    except UserError:
        print(name, "tensorflow" in sys.modules)
"""
    began = time.monotonic()
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert result.stdout == "digit False\noxford_flower102 False\n", result.stderr
    assert time.monotonic() - began < 10


def test_without_tensorflow_datasets_our_own_names_remain(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow_datasets", None)
    monkeypatch.setattr(tfds_sets.importlib.util, "find_spec", lambda name: None)
    tfds_sets.known_names.cache_clear()
    try:
        assert registry.find("digits").size == 1500
        with pytest.raises(UserError, match="Unknown dataset 'lsun/bedroom'"):
            registry.find("lsun/bedroom")
    finally:
        tfds_sets.known_names.cache_clear()


def test_rows_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        registry.DATASETS["digits"].size = 1


@pytest.mark.parametrize("library", ["glibc", "another"])
def test_what_reading_took_goes_back_where_the_c_library_can(monkeypatch, library):
    given_back = []
    functions = {"malloc_trim": given_back.append} if library == "glibc" else {}
    monkeypatch.setattr(registry.ctypes, "CDLL", lambda name: types.SimpleNamespace(**functions))
    registry.load(Data(), Storage())
    assert given_back == [0] * len(functions)


def test_a_split_says_which_samples_it_holds_and_which_features_are_made_for_them(storage):
    source = registry.load(Data(dataset="digits"), storage())
    assert source.train.identity == "digits-1797-0 train" and source.validation.identity == "digits-1797-0 validation"
    assert source.train.features == source.validation.features == "digits"
    assert registry.load(Data(dataset="8gaussians"), storage()).train.features is None

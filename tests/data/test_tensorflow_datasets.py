"""Data sets of tensorflow-datasets: made small by tfds' own builders, never from a network."""

import io
import os
import shutil
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tests.data import celeba
from tests.data.test_store import ROOT
from wgangp_tf.config import Data
from wgangp_tf.data import fetch, registry
from wgangp_tf.errors import UserError

CELEB_A = Data(dataset="celeb_a", image_size=(64, 64), crop="178")


class MadeSet(tfds.core.GeneratorBasedBuilder):
    """A data set of this test: example k of a split is 3k grey, label k % 3; `config` says what else."""

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name=name)
        for name in ("plain", "validated", "only_train", "only_test", "one", "wide", "two_images", "floats", "broken")
    ]

    def _info(self):
        name = self.builder_config.name
        shape = {"wide": (None, None, 3)}.get(name, (12, 10, 1))
        features = {"image": tfds.features.Image(shape=shape), "label": tfds.features.ClassLabel(names=["x", "y", "z"])}
        if name == "two_images":
            features["left"] = features.pop("image")
            features["right"] = features["left"]
        if name == "floats":
            features["image"] = tfds.features.Image(shape=(12, 10, 1), dtype=np.float32)
        return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        name = self.builder_config.name
        sizes = {"train": 20, "test": 6}
        if name == "validated":
            sizes["validation"] = 4
        if name in ("only_train", "only_test", "wide", "broken"):
            sizes = {"test" if name == "only_test" else "train": 20}
        if name == "one":
            sizes = {"train": 1}
        return {split: self._generate_examples(count) for split, count in sizes.items()}

    def _generate_examples(self, count):
        name = self.builder_config.name
        for k in range(count):
            image = np.full((30, 50, 3) if name == "wide" else (12, 10, 1), 3 * k, np.uint8)
            if name == "broken" and k == 7:
                image = io.BytesIO(b"\x89PNG\r\n\x1a\n broken")
            yield k, {"image": image, "label": k % 3}


class FakeMnist(tfds.testing.DummyMnist, skip_registration=True):
    """tfds' own fake: 20 pictures a split, all of them 1 everywhere."""

    name = "mnist"


@pytest.fixture(scope="module")
def prepared_sets(tmp_path_factory):
    place = tmp_path_factory.mktemp("tfds")
    tfds.disable_progress_bar()
    for config in ("plain", "validated", "only_train", "only_test", "one", "wide", "broken"):
        tfds.builder(f"made_set/{config}", data_dir=place).download_and_prepare()
    return place


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def greys(split):
    return split.samples[np.arange(len(split))][:, 0, 0, 0].tolist()


@pytest.mark.parametrize(
    "config, train, validation",
    [("plain", 20, 6), ("validated", 20, 4), ("only_train", 18, 2), ("only_test", 18, 2)],
)
def test_splits(prepared_sets, storage, config, train, validation):
    source = registry.load(Data(dataset=f"made_set/{config}"), storage(prepared_sets))
    assert (len(source.train), len(source.validation)) == (train, validation)
    assert source.spec.shape == (12, 10, 1) and source.spec.kind == "images"
    if train == 20:
        assert sorted(greys(source.train)) == [3 * k for k in range(20)]
        assert sorted(greys(source.validation)) == [3 * k for k in range(validation)]
    else:  # cut from one split
        assert sorted(greys(source.train) + greys(source.validation)) == [3 * k for k in range(20)]


def test_larger_than_the_pictures_is_said_and_allowed(prepared_sets, storage):
    source = registry.load(Data(dataset="made_set/plain", image_size=(13, 10)), storage(prepared_sets))
    assert source.notes == ("26 of 26 pictures are smaller than 13x10 and were enlarged",)
    assert registry.load(Data(dataset="made_set/plain"), storage(prepared_sets)).notes == ()


def test_labels(prepared_sets, storage):
    source = registry.load(Data(dataset="made_set/plain", labels="auto"), storage(prepared_sets))
    assert source.spec.classes == ("x", "y", "z")
    for split in (source.train, source.validation):
        np.testing.assert_array_equal(split.labels, np.array(greys(split)) // 3 % 3)
    assert registry.load(Data(dataset="made_set/plain"), storage(prepared_sets)).train.labels is None


def test_pictures_of_any_size(prepared_sets, storage):
    assert registry.load(Data(dataset="made_set/wide"), storage(prepared_sets)).spec.shape == (64, 64, 3)
    grey = Data(dataset="made_set/wide", image_size=(6, 10), channels=1)
    source = registry.load(grey, storage(prepared_sets))
    assert source.spec.shape == (6, 10, 1)
    assert sorted(greys(source.train) + greys(source.validation)) == [3 * k for k in range(20)]


@pytest.mark.parametrize("file_format", ["riegeli", "array_record", "tfrecord"])
def test_prepared_in_any_file_format(storage, tmp_path, prepared_sets, file_format):
    if file_format == "riegeli":  # tfds has no reader for it here: one line, no traceback
        place = tmp_path / "riegeli"
        shutil.copytree(prepared_sets / "made_set" / "plain", place / "made_set" / "plain")
        info = place / "made_set" / "plain" / "1.0.0" / "dataset_info.json"
        info.write_text(info.read_text().replace('"fileFormat": "tfrecord"', '"fileFormat": "riegeli"'))
        with pytest.raises(UserError, match="cannot be read"):
            registry.load(Data(dataset="made_set/plain"), storage(place))
        return
    builder = tfds.builder("made_set/plain", data_dir=tmp_path, file_format=file_format)
    builder.download_and_prepare()
    source = registry.load(Data(dataset="made_set/plain"), storage(tmp_path))
    assert sorted(greys(source.train)) == [3 * k for k in range(20)]


def test_tfds_own_fake_mnist(storage, tmp_path):
    FakeMnist(data_dir=tmp_path).download_and_prepare()
    source = registry.load(Data(dataset="mnist", labels="auto"), storage(tmp_path))
    assert (len(source.train), len(source.validation), source.spec.shape) == (20, 20, (28, 28, 1))
    assert len(source.spec.classes) == 10 and (source.train.samples[:] == 1).all()


def test_the_store_is_read_without_tensorflow(prepared_sets, storage):
    options = storage(prepared_sets)
    program = (
        "import sys; from wgangp_tf.config import Data; from wgangp_tf.settings import Storage; "
        "from wgangp_tf.data import registry; "
        f"s = registry.load(Data(dataset='mnist', image_size=(8, 8)), Storage(**{options.__dict__!r})); "
        "print(len(s.train), 'tensorflow' in sys.modules)"
    )
    FakeMnist(data_dir=prepared_sets).download_and_prepare()
    registry.load(Data(dataset="mnist", image_size=(8, 8)), options)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert result.stdout == "20 False\n", result.stderr


def test_a_broken_picture_is_an_error(prepared_sets, storage):
    with pytest.raises(UserError, match=r"picture \d+ of dataset 'made_set/broken/1.0.0' cannot be used \(not a JPEG"):
        registry.load(Data(dataset="made_set/broken"), storage(prepared_sets))


def test_one_picture(prepared_sets, storage):
    with pytest.raises(UserError, match="expects at least 2 pictures, one of them to be held out. Received: 1"):
        registry.load(Data(dataset="made_set/one"), storage(prepared_sets))


@pytest.mark.parametrize(
    "options, said",
    [
        ({"dataset": "imdb_reviews"}, "expects a data set with images. Received features: text .Text., label .ClassL"),
        ({"dataset": "made_set/two_images"}, "with one image feature. Received features: label .* right .Image."),
        ({"dataset": "made_set/floats"}, "expects 8-bit or 16-bit pictures. Received: .*float32"),
        ({"dataset": "made_set/plane"}, "no config 'plane'. Did you mean 'made_set/plain'. Known: plain, valid"),
        ({"dataset": "mnist:9.9.9"}, "cannot use dataset 'mnist:9.9.9': .*only: 3.0.1"),
        ({"dataset": "celeb_a", "labels": "auto"}, "one class label. Received: 'celeb_a' with image, landmarks"),
        ({"dataset": "mnist", "labels": "folder"}, "'mnist' has no folders to take labels from"),
    ],
)
def test_sets_that_cannot_be_used(storage, tmp_path, no_network, options, said):
    with pytest.raises(UserError, match=said) as error:
        registry.load(Data(**options), storage(tmp_path / "nothing"))
    assert "\n" not in str(error.value)
    assert os.listdir(tmp_path) == []


def test_decoding_at_each_use_is_refused(storage, tmp_path):
    with pytest.raises(UserError, match="cache=none decodes pictures at each use, .* use cache=disk or cache=memory"):
        registry.load(Data(dataset="mnist"), storage(tmp_path, cache="none"))


@pytest.mark.parametrize(
    "name, said",
    [
        ("mnist", "add --download to fetch and prepare it once$"),
        ("celeb_a", "or --manual_dir=<folder with identity_CelebA.txt, img_align_celeba.zip, .*needs no network$"),
        ("imagenet2012", "once with --manual_dir=<folder with the original files"),
        ("lsun/bedroom", "'lsun' is not prepared in .* by tensorflow_io, which .* see docs/data.md$"),
    ],
)
def test_not_prepared_is_said_at_once(storage, tmp_path, no_network, capfd, name, said):
    began = time.monotonic()
    with pytest.raises(UserError, match=said):
        registry.load(Data(dataset=name), storage(tmp_path / "nothing"))
    assert time.monotonic() - began < 5
    assert capfd.readouterr() == ("", "")
    assert os.listdir(tmp_path) == []


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    return celeba.write_originals(tmp_path_factory.mktemp("originals"))


@pytest.fixture(scope="module")
def celeb_a(originals, tmp_path_factory):
    """A data directory prepared through our own way, from files at hand."""
    from wgangp_tf.settings import Storage

    place = tmp_path_factory.mktemp("celeb_a")
    with celeba.accepted(originals):
        registry.load(CELEB_A, Storage(str(place), str(originals), cache="memory"))
    return place


def test_celeb_a_by_hand(celeb_a, storage, no_network):
    source = registry.load(CELEB_A, storage(celeb_a))
    assert (len(source.train), len(source.validation)) == (celeba.TRAIN, celeba.VALIDATION)
    assert source.spec.shape == (64, 64, 3)
    pixels = source.train.samples[:].astype(int)
    # the centred square alone: nothing of the red above and below but what JPEG smears over its edge
    assert (np.ptp(pixels[:, 4:-4], axis=(1, 2, 3)) <= 2).all()
    np.testing.assert_allclose(sorted(pixels[:, 32, 32, 0]), 3 * np.arange(celeba.TRAIN), atol=1)


def test_celeb_a_squashed_is_red_at_the_edges(celeb_a, storage):
    source = registry.load(Data(dataset="celeb_a", image_size=(64, 64), crop="none"), storage(celeb_a))
    np.testing.assert_allclose(source.train.samples[0][0, 32], (255, 0, 0), atol=6)


def test_celeb_a_by_default(celeb_a, storage):
    source = registry.load(Data(dataset="celeb_a"), storage(celeb_a))
    assert source.spec.shape == registry.find("celeb_a").sample_shape


def test_a_read_only_data_directory(celeb_a, storage):
    def state():
        return sorted((str(path), path.stat().st_mtime_ns) for path in (celeb_a, *celeb_a.rglob("*")))

    before = state()
    registry.load(CELEB_A, storage(celeb_a, cache="disk"))
    assert state() == before


def test_foreign_originals_are_refused_by_their_checksum(originals, storage, tmp_path, no_network):
    with pytest.raises(UserError) as error:
        registry.load(CELEB_A, storage(tmp_path / "data", manual_dir=str(originals)))
    said = str(error.value)
    assert "has a wrong checksum: not the original file. Expected sha256 " in said and "\n" not in said
    assert str(originals) in said and len(said.split("Received: ")[1]) == 64


def test_missing_originals_are_named(originals, storage, tmp_path, no_network):
    some = tmp_path / "some"
    shutil.copytree(originals, some)
    with celeba.accepted(originals):
        (some / "list_attr_celeba.txt").unlink()
        (some / "img_align_celeba.zip").unlink()
        with pytest.raises(UserError, match="Missing: img_align_celeba.zip, list_attr_celeba.txt; or add --download"):
            registry.load(CELEB_A, storage(tmp_path / "data", manual_dir=str(some)))


def test_a_web_page_in_the_place_of_a_file(originals, storage, tmp_path, no_network):
    some = tmp_path / "some"
    shutil.copytree(originals, some)
    (some / "img_align_celeba.zip").write_bytes(b"\n<!DOCTYPE html><html><body>Quota exceeded</body></html>")
    with pytest.raises(UserError, match="img_align_celeba.zip' is a web page, not the original file"):
        registry.load(CELEB_A, storage(tmp_path / "data", manual_dir=str(some)))


def test_no_such_manual_dir(storage, tmp_path):
    with pytest.raises(UserError, match="manual_dir expects a folder with the original files. Received: '/nowhere'"):
        registry.load(CELEB_A, storage(tmp_path / "data", manual_dir="/nowhere"))


@pytest.mark.parametrize(
    "error, said",
    [
        (
            ConnectionError("Max retries exceeded\nwith url"),
            "cannot be downloaded: no connection .Max retries exceeded.$",
        ),
        (tfds.download.DownloadError("HTTP code 404"), "cannot be downloaded: HTTP code 404"),
        (OSError(28, "No space left on device"), "cannot be prepared in '.*': No space left on device"),
        (AssertionError("Manual directory is empty.\nRead this"), "cannot be prepared: Manual directory is empty.$"),
    ],
)
def test_what_fails_inside_tfds_is_one_line(storage, tmp_path, monkeypatch, error, said):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    with pytest.raises(UserError, match=said):
        registry.load(Data(dataset="mnist"), storage(tmp_path, download=True))


def test_a_download_without_a_network_is_said_at_once(storage, tmp_path, monkeypatch):
    url = "http://127.0.0.1:9/train.gz"  # where nothing listens
    monkeypatch.setattr(tfds.builder_cls("mnist"), "_split_generators", lambda self, manager: manager.download(url))
    # before tfds has a go, which tries again for three minutes
    with pytest.raises(UserError, match="'mnist' cannot be downloaded: no connection to '127.0.0.1:9' .Connection"):
        registry.load(Data(dataset="mnist"), storage(tmp_path, download=True))


def test_a_downloaded_web_page(storage, tmp_path, monkeypatch):
    page = tmp_path / "file.zip"
    page.write_bytes(b"<html>too many downloads</html>")

    def fail(*arguments, **options):
        raise RuntimeError(f"Artifact http://x, downloaded to {page}, has wrong checksum:\n* Expected: …")

    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", fail)
    with pytest.raises(UserError, match="file.zip' is a web page, not the original file"):
        registry.load(Data(dataset="mnist"), storage(tmp_path, download=True))


def test_tfds_is_quiet_and_stdout_is_ours(capfd):
    import logging

    with fetch.quiet():
        print("from tfds")
        logging.getLogger("absl").warning("a warning")
    assert capfd.readouterr() == ("", "from tfds\n")


@pytest.mark.slow
def test_training_on_celeb_a_killed_and_continued_is_the_run_that_was_not(celeb_a, tmp_path):
    flags = {
        "dataset": "celeb_a",
        "data_dir": celeb_a,
        "cache_dir": tmp_path / "cache",
        "image_size": 16,
        "network": "mlp",  # the quickest to build; what is read is the same
        "width": 8,
        "latent_dim": 4,
        "batch_size": 8,
        "n_critic": 2,
        "steps": 5,
        "log_every": 2,
        "sample_every": 5,
        "checkpoint_every": 2,
    }
    result = subprocess.run(
        [sys.executable, os.path.join(ROOT, "tests", "kill_and_continue.py"), "after_log:2"]
        + ["--deterministic", "--flip", *(f"--{name}={value}" for name, value in flags.items())],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": ROOT, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert [line for line in result.stdout.splitlines() if line.startswith("differs")] == []
    assert "compared 1" in result.stdout
    assert result.stderr.count("continuing at step 2 of 5") == 1
    assert result.stderr.count("preparing the samples of dataset celeb_a/2.1.0 once") == 1

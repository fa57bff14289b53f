"""Folders as they are, for those that are compared."""

import numpy as np
import pytest
from PIL import Image

from wgangp_tf.data import native
from wgangp_tf.errors import UserError
from wgangp_tf.settings import Storage

RANDOM = np.random.default_rng(0)


def _save(path, shape, **keywords):
    path.parent.mkdir(exist_ok=True)
    pixels = RANDOM.integers(0, 256, shape).astype(np.uint8)
    Image.fromarray(pixels).save(path, **keywords)
    return pixels


def test_size_and_channels_are_those_of_the_pictures(tmp_path):
    _save(tmp_path / "a.png", (6, 4))
    assert native.of_folder(tmp_path) == native.Native((6, 4), 1)
    _save(tmp_path / "b.png", (6, 4, 3))
    assert native.of_folder(tmp_path) == native.Native((6, 4), 3)


def test_a_picture_on_its_side_counts_as_it_is_seen(tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    _save(tmp_path / "a.jpg", (6, 4, 3), exif=turned)
    assert native.of_folder(tmp_path).size == (4, 6)


def test_different_sizes_are_named(tmp_path):
    _save(tmp_path / "a.png", (6, 4))
    _save(tmp_path / "b.png", (4, 6))
    with pytest.raises(UserError, match=r"one size .* Received: 6x4 \('a.png'\) and 4x6 \('b.png'\)"):
        native.of_folder(tmp_path)


def test_what_is_no_picture_is_left_to_the_reader(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match="data_dir expects a folder with pictures that can be read"):
        native.of_folder(tmp_path)
    _save(tmp_path / "b.png", (6, 4))
    assert native.of_folder(tmp_path).size == (6, 4)


def test_every_picture_is_there_once_and_unchanged(tmp_path):
    pixels = [_save(tmp_path / "p" / f"{k}.png", (5, 4, 3)) for k in range(12)]
    split, _ = native.everything(
        tmp_path / "p", native.of_folder(tmp_path / "p"), Storage(cache_dir=str(tmp_path / "cache"))
    )
    assert len(split) == 12 and split.identity
    assert sorted(sample.tobytes() for sample in split.samples[:]) == sorted(picture.tobytes() for picture in pixels)

"""Pictures and places for the tests of the data floor."""

import io

import numpy as np
import pytest
from PIL import Image

from wgangp_tf.settings import Storage


def encoded(image, kind="PNG", **options):
    """A PIL image as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def solid(color, size=(10, 12)):
    """A picture of one colour; size is (width, height)."""
    return Image.new("RGB", size, color)


@pytest.fixture
def photo():
    """A smooth colour picture with some noise, 178 wide and 218 high."""
    y, x = np.mgrid[:218, :178] / 30.0
    waves = np.stack([np.sin(x + k) * np.cos(0.7 * y - k) for k in range(3)], axis=-1)
    noise = np.random.default_rng(0).normal(0, 8, waves.shape)
    return Image.fromarray(np.clip(waves * 100 + 128 + noise, 0, 255).astype(np.uint8))


@pytest.fixture
def pictures(tmp_path):
    """Makes a folder with `count` pictures of known grey: picture k is 6k grey, in the folder of class k % 3."""

    def make(count, place="pictures"):
        for k in range(count):
            path = tmp_path / place / f"class{k % 3}" / f"{k:03}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encoded(solid((6 * k,) * 3)))
        return tmp_path / place

    return make


@pytest.fixture
def storage(tmp_path):
    """Makes a Storage with a cache of its own."""

    def make(data_dir=None, **options):
        options = {"cache_dir": str(tmp_path / "cache")} | options
        return Storage(data_dir=None if data_dir is None else str(data_dir), **options)

    return make

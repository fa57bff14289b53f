"""Folders of JPEGs of CelebA's shape, for the benchmarks of the input side."""

import os

import numpy as np

SIZE = 64  # height and width that the benchmarks prepare them at
CROP = "178"  # as for CelebA


def write(folder, count):
    """`count` JPEGs of 178x218 and about 8 kB: smooth colours with edges and a little grain; returns their paths."""
    from PIL import Image, ImageFilter

    generator = np.random.default_rng(0)
    folder.mkdir()
    paths = [folder / f"{k:06}.jpg" for k in range(count)]
    for path in paths:
        coarse = Image.fromarray(generator.integers(0, 256, (12, 10, 3), np.uint8))
        picture = coarse.resize((178, 218), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(2))
        grain = generator.normal(0, 3, (218, 178, 1))
        pixels = np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(path, quality=87)
    return paths


def link(paths, folder, count):
    """A folder of `count` names, each a hard link to one of the paths in turn: as many files, little disk."""
    folder.mkdir()
    for k in range(count):
        os.link(paths[k % len(paths)], folder / f"{k:06}.jpg")


def source(folder, cache, cache_dir):
    """The `Source` of a folder, as `--dataset=folder --image_size=64 --crop=178` has it."""
    from wgangp_tf.config import Data
    from wgangp_tf.data import registry
    from wgangp_tf.settings import Storage

    data = Data(dataset="folder", image_size=(SIZE, SIZE), crop=CROP)
    return registry.load(data, Storage(data_dir=str(folder), cache=cache, cache_dir=str(cache_dir)))

"""A small set of colour pictures of this project's own making: lit discs, squares, triangles, rings and crosses.

These are no photographs and stand for none. They exist so that the way of colour pictures through folders and the
store can be seen to learn something on any computer, in minutes, without a download and without anybody's rights.
Each picture is computed from its number alone: shape, place, size, turn, one of six paints, a pale background that
darkens from corner to corner, and light from the upper left.

    python -m wgangp_tf.data.shapes --out=shapes
"""

import argparse
import os
import pathlib
import shutil
import sys
import uuid

import numpy as np

from wgangp_tf.console import progress
from wgangp_tf.data import folder, store
from wgangp_tf.errors import UserError

COUNT = 4000
SIZE = 32
VERSION = 2  # of the pictures; part of where they are kept
# red, orange, green, turquoise, blue, violet
_PAINTS = np.array(
    [[0.85, 0.2, 0.2], [0.95, 0.6, 0.1], [0.2, 0.6, 0.25], [0.1, 0.55, 0.7], [0.2, 0.3, 0.75], [0.55, 0.25, 0.65]]
)
_LICENCE = "made by this project, no rights reserved"


def load(data, storage):
    """See `registry.load`. The pictures are drawn once, as a tree of PNG files in the cache, and read from there.

    They are 32x32; another `image_size` resizes them.
    """
    place = store.cache_directory(storage) / f"shapes-{COUNT}-{VERSION}"
    if not place.is_dir():
        with store.explained(place.parent):
            place.parent.mkdir(parents=True, exist_ok=True)
            write_tree(place, COUNT)
    return folder.load_tree(data, storage, place, name="shapes", size=(SIZE, SIZE), licence=_LICENCE)


def class_names(data, storage):
    """See `registry.class_names`."""
    del data, storage
    return tuple(SHAPES)


def write_tree(place, count):
    """Draws pictures 0 … count − 1 into folders by class; all of them or, where it is interrupted, none."""
    place = pathlib.Path(place)
    part = place.with_name(f"{place.name}.part-{uuid.uuid4().hex[:8]}")
    try:
        for name in SHAPES:
            (part / name).mkdir(parents=True)
        with progress(f"drawing shapes into {os.fspath(place)!r}", count) as tick:
            for number in range(count):
                _write(part, number)
                tick()
        try:
            part.rename(place)
        except OSError:
            if not place.is_dir():  # else another process was first, with the same pictures
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


def draw(number):
    """One picture.

    Args:
      number: int; its class is `number` modulo the number of shapes.

    Returns:
      uint8 [32, 32, 3].
    """
    generator = np.random.default_rng([VERSION, number])
    shape = list(SHAPES.values())[number % len(SHAPES)]
    radius = generator.uniform(0.5, 0.75)
    centre = generator.uniform(radius - 0.95, 0.95 - radius, 2)
    turn = generator.uniform(0, 2 * np.pi)
    fill, near, far = _colors(generator)

    axis = ((np.arange(SIZE) + 0.5) * (2 / SIZE) - 1).astype(np.float32)
    x, y = ((axis - place) / radius for place in centre)
    x, y = x[None, :], y[:, None]
    u, v = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x
    pixels_inside = -shape(u, v) * (radius * SIZE / 2)
    covered = np.clip(pixels_inside + 0.5, 0, 1)[..., None]  # of each pixel: edges are smooth
    light = np.clip(1.0 - 0.22 * (x + y), 0.55, 1.35)[..., None]
    across = ((axis[:, None] + axis[None, :]) / 4 + 0.5)[..., None]
    picture = covered * fill * light + (1 - covered) * (near * (1 - across) + far * across)
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def _colors(generator):
    """Colours of the shape and of two corners of the background: float [3] each; a strong one on two pale ones."""
    fill = _PAINTS[generator.integers(len(_PAINTS))] + generator.uniform(-0.06, 0.06, 3)
    near = generator.uniform(0.72, 0.98) + generator.uniform(-0.04, 0.04, 3)
    far = near - generator.uniform(0.05, 0.2)
    return fill, near, far


# Each shape as the distance to its edge, negative inside, on a plane where it fits into the circle of radius 1.
def _disc(u, v):
    return np.hypot(u, v) - 0.95


def _square(u, v):
    return np.maximum(np.abs(u), np.abs(v)) - 0.7


def _triangle(u, v):
    return np.maximum(np.abs(u) * np.sqrt(3) + v, -2 * v) / 2 - 0.5


def _ring(u, v):
    return np.abs(np.hypot(u, v) - 0.7) - 0.25


def _cross(u, v):
    return np.minimum(np.maximum(np.abs(u) - 0.3, np.abs(v) - 0.92), np.maximum(np.abs(v) - 0.3, np.abs(u) - 0.92))


SHAPES = {"cross": _cross, "disc": _disc, "ring": _ring, "square": _square, "triangle": _triangle}


def _write(place, number):
    from PIL import Image

    name = list(SHAPES)[number % len(SHAPES)]
    Image.fromarray(draw(number)).save(place / name / f"{number:05}.png", compress_level=1)


def main(arguments=None):
    """Writes the pictures where --out says."""
    parser = argparse.ArgumentParser(description="Draws a folder of small colour pictures, by class.")
    parser.add_argument("--out", required=True, help="folder to make; it must not exist yet")
    parser.add_argument("--count", type=int, default=COUNT, help="number of pictures (default: %(default)s)")
    options = parser.parse_args(arguments)
    if options.count < 1 or os.path.exists(options.out):
        parser.error(f"expected a new folder and a positive count. Received: {options.out!r}, {options.count}")
    try:
        with store.explained(options.out):
            write_tree(options.out, options.count)
    except UserError as error:
        parser.error(str(error))


if __name__ == "__main__":
    sys.exit(main())

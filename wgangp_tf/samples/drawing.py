"""Samples drawn as a person wants to see them: arrays of pixels, and PNG files."""

import io
import math
import os
import re

import numpy as np

from wgangp_tf import files
from wgangp_tf.samples import charts
from wgangp_tf.samples import columns as texts

# how a PNG file that this program wrote begins: behind the 33 bytes of signature and header
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MARK = b"tEXtSoftware\0wgangp_tf"
_TITLE = re.compile(rb"tEXtTitle\0([a-z ]+)")
_BEGINNING = 200
_LEAST_TILE = 32  # pixels: smaller pictures are enlarged by a whole factor to be seen
_GAP = 2
_LEAST_REACH = 1e-6  # of a scatter plot: points may all lie in the origin


def grid(images, columns=None, names=None):
    """Pictures side by side on white.

    Args:
      images: uint8 [n, height, width, 1 or 3].
      columns: of the grid; None for as square as can be.
      names: of the columns, one each, written above them; None for none.

    Returns:
      uint8 [height', width', 1 or 3].
    """
    images = np.asarray(images)
    scale = max(1, _LEAST_TILE // min(images.shape[1:3]))
    images = images.repeat(scale, axis=1).repeat(scale, axis=2)
    count, height, width, channels = images.shape
    columns = columns or math.ceil(math.sqrt(count))
    shown, needed = texts.widths(names) if names else ((), ())
    wide = max([width, *needed])  # of a column
    rows = math.ceil(count / columns)
    canvas = np.full([rows * (height + _GAP) + _GAP, columns * (wide + _GAP) + _GAP, channels], 255, np.uint8)
    for k, image in enumerate(images):
        top, left = _GAP + (k // columns) * (height + _GAP), _GAP + (k % columns) * (wide + _GAP) + (wide - width) // 2
        canvas[top : top + height, left : left + width] = image
    if not names:
        return canvas
    middles = _GAP + np.arange(columns) * (wide + _GAP) + wide // 2
    return np.concatenate([texts.names_above(shown, middles, canvas.shape[1], channels), canvas])


def png(image, title=None):
    """One picture, uint8 [height, width, 1 or 3], as the bytes of a PNG file that says which program made it.

    With a title it says as what, too.
    """
    from PIL import Image, PngImagePlugin

    image = np.asarray(image)
    said = PngImagePlugin.PngInfo()
    said.add_text("Software", "wgangp_tf")
    if title is not None:
        said.add_text("Title", title)
    buffer = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(buffer, "PNG", pnginfo=said)
    return buffer.getvalue()


def scatter(points, real=None, size=512):
    """Points of the plane over real ones.

    Args:
      points: float32 [n, 2], or None.
      real: float32 [m, 2], or None; not both. The picture reaches as far as these, else as far as the others.
      size: pixels of each side.

    Returns:
      uint8 [size, size, 3].
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size / 100, size / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    for cloud, color, label in ((real, "tab:orange", "real"), (points, "tab:blue", "generated")):
        if cloud is not None:
            axes.scatter(*np.asarray(cloud).T, s=4, alpha=0.5, color=color, label=label, linewidths=0)
    # real ones alone decide: pictures of one run have one scale
    reach = max(1.3 * float(np.abs(points if real is None else real).max()), _LEAST_REACH)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    axes.legend(loc="upper right", markerscale=3)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def columns_of(spec, conditional=True):
    """The `columns.Columns` of a picture of samples whose class was asked for; None where they have no classes."""
    return texts.of_classes(spec.classes) if conditional and spec.kind == "images" and spec.classes else None


def picture(spec, samples, real=None, columns=None):
    """A picture of samples: a grid of images, a scatter plot of points over real ones, a chart of arrays beside real.

    Args:
      spec: `Spec` of the samples, drawable.
      samples: array [n, *sample] in the user's units.
      real: array [m, *sample] to draw them over or beside, or None.
      columns: `columns.Columns`, the classes of the images, as many as it says; None for images in any order.

    Returns:
      uint8 [height, width, 1 or 3].
    """
    if spec.kind == "images":
        return grid(samples) if columns is None else grid(samples, len(columns.names), columns.names)
    if spec.kind == "points":
        return scatter(samples, real)
    return chart(spec, samples, real).pixels()


def chart(spec, samples, real=None):
    """The `charts.Chart` of arrays; see `picture`."""
    return _CHARTS[len(spec.shape)](spec, *(_with_channels(spec, some) for some in (samples, real)))


def picture_of_real(spec, samples, columns=None):
    """A picture of real samples alone, which looks as they do under or beside generated ones."""
    return picture(spec, samples, columns=columns) if spec.kind == "images" else picture(spec, None, samples)


def _with_channels(spec, samples):
    """Stored samples as float64 [n, *shape], or None. In float32 the span of two values may be infinite."""
    return None if samples is None else np.reshape(np.asarray(samples, np.float64), [-1, *spec.shape])


# of arrays, by their axes
_CHARTS = {1: charts.table, 2: charts.signals, 3: charts.pictures, 4: charts.volumes}


def write(path, image, title=None):
    """Writes a picture as PNG; a reader never sees half of one. See `png`."""
    files.replace(path, png(image, title))


def ours(path, title=None):
    """Whether a file is a picture that this program wrote, as nothing else than what the title says.

    One without a title, such as earlier versions wrote, may be anything.
    """
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        start = file.read(_BEGINNING)
    if not (start.startswith(_SIGNATURE) and _MARK in start):
        return False
    titled = _TITLE.search(start)
    return titled is None or title is None or titled.group(1) == title.encode()

"""Pictures ↔ tensors, and pictures of samples."""

import io
import math

import numpy as np

from wgangp_tf import files

_LEAST_TILE = 32  # pixels: smaller pictures are enlarged by a whole factor to be seen
_GAP = 2
_LEAST_REACH = 1e-6  # of a scatter plot: points may all lie in the origin


def to_float(pixels, noise_seed=None):
    """uint8 pixels as float32 in [−1, 1].

    Args:
      pixels: uint8 tensor, any shape.
      noise_seed: int32 [2], or None. With it the pixels are dequantised: 2·(x/256 − 1/2) + U[0, 1/128)
        (Gulrajani et al. 2017, the CIFAR-10 ResNet script); `to_uint8(…, dequantized=True)` is the inverse.

    Returns:
      float32 tensor of the same shape: x/127.5 − 1 without noise.
    """
    import tensorflow as tf

    from wgangp_tf import randomness

    values = tf.cast(pixels, tf.float32)
    if noise_seed is None:
        return values / 127.5 - 1.0
    # noise closer to 1 than float32 can tell beside the level would round up to the next one
    noise = tf.minimum(randomness.uniform(tf.shape(values), noise_seed), 1.0 - 2.0**-16)
    return values / 128.0 - 1.0 + noise / 128.0


def to_uint8(samples, dequantized=False):
    """float32 samples in [−1, 1] as uint8 pixels, the inverse of `to_float`; values outside are clipped."""
    import tensorflow as tf

    levels = tf.floor((samples + 1.0) * 128.0) if dequantized else tf.round((samples + 1.0) * 127.5)
    return tf.cast(tf.clip_by_value(levels, 0.0, 255.0), tf.uint8)


def grid(images, columns=None):
    """Pictures side by side on white.

    Args:
      images: uint8 [n, height, width, 1 or 3].
      columns: of the grid; None for as square as can be.

    Returns:
      uint8 [height', width', 1 or 3].
    """
    images = np.asarray(images)
    scale = max(1, _LEAST_TILE // min(images.shape[1:3]))
    images = images.repeat(scale, axis=1).repeat(scale, axis=2)
    count, height, width, channels = images.shape
    columns = columns or math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    canvas = np.full([rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, channels], 255, np.uint8)
    for k, image in enumerate(images):
        top, left = _GAP + (k // columns) * (height + _GAP), _GAP + (k % columns) * (width + _GAP)
        canvas[top : top + height, left : left + width] = image
    return canvas


def png(image):
    """One picture, uint8 [height, width, 1 or 3], as the bytes of a PNG file that says which program made it."""
    from PIL import Image, PngImagePlugin

    image = np.asarray(image)
    said = PngImagePlugin.PngInfo()
    said.add_text("Software", "wgangp_tf")
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


def draw(samples, real=None):
    """A picture of samples of either kind: a grid of uint8 images, or a scatter plot of float points over real ones."""
    samples = np.asarray(samples)
    return grid(samples) if samples.ndim == 4 else scatter(samples, real)


def draw_real(samples):
    """A picture of real samples alone."""
    samples = np.asarray(samples)
    return grid(samples) if samples.ndim == 4 else scatter(None, samples)


def write(path, image):
    """Writes a picture as PNG; a reader never sees half of one."""
    files.replace(path, png(image))

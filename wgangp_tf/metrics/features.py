"""What samples are compared by: a table of features, computed a block of samples at a time."""

import contextlib
import dataclasses
import importlib
import math
import os
import pathlib

import numpy as np

from wgangp_tf.data import store
from wgangp_tf.errors import UserError, unknown_name

DOWNLOAD = "download"  # in place of a path of weights: Keras' own
_BLOCK = 1024  # samples; wide enough for fast matrix products
_BLOCK_VALUES = 2**23  # 64 MB as float64
_PLAIN_VALUES = 1024  # of a sample, whose distances still say something and are quickly computed


@dataclasses.dataclass(frozen=True)
class Row:
    """Features by name.

    Attributes:
      module: file of this folder with `make(real, options)`, which returns a callable with the attributes of `Pixels`.
      summary: one line, source included.
      pictures: whether they are of pictures only, uint8 [n, height, width, 1 or 3].
      shape: the only shape of sample they are of, or None.
      least_side: of pictures, in pixels.
    """

    module: str
    summary: str
    pictures: bool = True
    shape: tuple[int, ...] | None = None
    least_side: int = 1


FEATURES = {
    "pixels": Row(module="features", summary="the values of a sample themselves, pictures in [0, 1]", pictures=False),
    "sketch": Row(
        module="sketch",
        summary="1,024 random sums of a sample's values, which keep distances (after Charikar et al. 2002)",
        pictures=False,
    ),
    "random_conv": Row(
        module="random_conv",
        summary="a convolutional network with random weights, of any pictures (after Naeem et al. 2020)",
        least_side=8,
    ),
    "digits": Row(module="digits", summary="a small classifier of digits, trained in seconds", shape=(8, 8, 1)),
    "shapes": Row(module="shapes", summary="a small classifier of shapes, trained once", shape=(32, 32, 3)),
    "inception": Row(
        module="inception",
        summary="Inception v3 by --inception_weights: the 2015 network of FID (Heusel et al. 2017), or Keras' own",
    ),
}


@dataclasses.dataclass(frozen=True)
class Options:
    """What features have beside the samples.

    Attributes:
      cache: directory where trained classifiers and statistics of real samples are kept; None for keeping nothing.
      inception_weights: path of a file, see `inception`; "download" for Keras' own; None for none.
      download: whether anything may be fetched from the network.
    """

    cache: pathlib.Path | None = None
    inception_weights: str | None = None
    download: bool = False


def check_weights(path, download):
    """Raises a UserError unless Inception's weights can be where they are said to be.

    Args:
      path: of a file; "download" for Keras' own; None for none.
      download: whether anything may be fetched from the network.
    """
    if path == DOWNLOAD and not download:
        raise UserError("inception_weights=download needs --download. Received: no --download")
    if path not in (None, DOWNLOAD) and not os.path.isfile(path):
        raise UserError(f"--inception_weights expects a file of weights, or download. Received: {path!r}")


def options_of(storage):
    """The `Options` of a `settings.Storage`, which keeps on disk or not at all."""
    cache = None
    if storage.cache == "disk":
        with contextlib.suppress(UserError):  # no home directory: what is kept there is made again
            cache = store.cache_directory(storage) / "metrics"
    return Options(cache, storage.inception_weights, storage.download)


def find(name):
    """The row of features.

    Raises:
      UserError: no such name.
    """
    if name not in FEATURES:
        raise unknown_name("features", name, [*FEATURES, *_RULES])
    return FEATURES[name]


def check_name(name):
    """Raises a UserError for a name that `chosen` does not know."""
    if name not in _RULES:
        find(name)


def chosen(name, real, options=None):
    """The key of `FEATURES` that a name stands for.

    Args:
      name: key of `FEATURES`, which stands for itself; "best": Inception for pictures where its weights are given,
        else those made for such samples (`real.features`), else `random_conv` for pictures, else the pixels, or
        of more than 1,024 values a sketch; or "plain": the pixels of samples of at most 1,024 values, else the best.
      real: see `registry.make`.
      options: `Options`, or None for its defaults.

    Raises:
      UserError: no such name.
    """
    if name in _RULES:
        return _RULES[name](real, options or Options())
    find(name)
    return name


def named(name, real, options=None):
    """The extractor of features by name.

    Args:
      name: see `chosen`.
      real: see `registry.make`.
      options: `Options`, or None for its defaults.

    Returns:
      Callable, uint8 or float samples [n, *sample] → (rows [n, d], class probabilities [n, classes] or None), with
      the attributes of `Pixels`. Make it once and share it: it may be trained first.

    Raises:
      UserError: no such name, or the features are not for such samples.
    """
    name = chosen(name, real, options)
    row = FEATURES[name]
    if not _fit(row, real):
        raise UserError(
            f"features {name!r} are of {_samples_of(row)}. "
            f"Received: {np.dtype(real.samples.dtype).name} samples of shape {tuple(real.sample_shape)}"
        )
    return importlib.import_module(f"wgangp_tf.metrics.{row.module}").make(real, options or Options())


def without_inception(real, options=None):
    """A sentence for a run to say once, about what it measures pictures by where Inception is not given; or None."""
    name = chosen("best", real, options)
    if name == "inception" or not _fit(FEATURES["inception"], real):
        return None
    return (
        f"quality is measured by the features {name!r}: FID, KID and Inception score would need the weights of "
        "Inception (--inception_weights=PATH)"
    )


def _best(real, options):
    wanted = ["inception"] if options.inception_weights is not None else []
    wanted += [real.features] if real.features is not None else []
    values = "pixels" if math.prod(real.sample_shape) <= _PLAIN_VALUES else "sketch"
    return next(name for name in [*wanted, "random_conv", values] if _fit(FEATURES[name], real))


def _plain(real, options):
    return "pixels" if math.prod(real.sample_shape) <= _PLAIN_VALUES else _best(real, options)


_RULES = {"best": _best, "plain": _plain}


def _fit(row, real):
    """Whether features are of such samples."""
    shape = tuple(real.sample_shape)
    if row.shape is not None and shape != row.shape:
        return False
    if not row.pictures:
        return True
    picture = np.dtype(real.samples.dtype) == np.uint8 and len(shape) == 3 and shape[-1] in (1, 3)
    return picture and min(shape[:2]) >= row.least_side


def _samples_of(row):
    """In words."""
    if row.shape is not None:
        height, width, channels = row.shape
        return f"uint8 pictures of {height}x{width} pixels and {channels} channel{'s' if channels > 1 else ''}"
    return f"uint8 pictures of at least {row.least_side}x{row.least_side} pixels, with 1 or 3 channels"


class Pixels:
    """The values of a sample themselves.

    Attributes:
      name: for people, and with each number: key of `FEATURES`, or which network it is.
      digest: changes with what computes the features, as far as their name does not say it.
      cheap: whether the samples are kept and the rows computed again, instead of keeping the rows.
      classes: how many a classifier tells apart, or None where there is none.
    """

    name = "pixels"
    digest = ""
    cheap = True
    classes = None

    def __call__(self, samples):
        return pixels(samples), None


def make(real, options):
    """See `named`."""
    del real, options  # any samples have values
    return Pixels()


def pixels(samples):
    """Samples as rows of their own values: uint8 pictures in [0, 1], floats as they are.

    Args:
      samples: uint8 or float array [n, *sample], or what `data.source.Split` holds.

    Returns:
      float64 [n, d].

    Raises:
      UserError: `samples` is something else.
    """
    values = np.asarray(samples[np.arange(len(samples))])
    if values.ndim < 2 or not (values.dtype == np.uint8 or values.dtype.kind == "f"):
        raise UserError(
            f"samples must be uint8 or float, [n, *sample]. Received: {values.dtype.name} of shape {values.shape}"
        )
    rows = values.reshape(len(values), -1).astype(np.float64)
    return rows / 255.0 if values.dtype == np.uint8 else rows


def block_length(shape):
    """How many samples of a shape are turned into float64 at once."""
    return max(1, min(_BLOCK, _BLOCK_VALUES // math.prod(shape)))


def chunks(samples):
    """Yields the samples of an array that is indexed by int64 rows, a block at a time."""
    length = block_length(samples.shape[1:])
    for start in range(0, len(samples), length):
        yield np.asarray(samples[np.arange(start, min(start + length, len(samples)))])


def array_blocks(rows):
    """A function that yields an array [n, d] block by block."""
    return lambda: chunks(rows)


class Rows:
    """Features of samples, as small as they can be kept: float64 a block at a time.

    Of cheap features the samples are kept (a byte a value for pictures), of others the rows.
    """

    def __init__(self, features, parts=()):
        """
        Args:
          features: see `named`.
          parts: arrays, what is kept of the first blocks (see `evaluator.Block.kept`).
        """
        self._features, self._parts, self._whole = features, list(parts), None

    def __len__(self):
        return sum(len(part) for part in self._parts)

    def add(self, block):
        """Takes an `evaluator.Block` in."""
        self._parts.append(block.kept(self._features))
        self._whole = None

    def blocks(self):
        """Yields float64 [n, d], in the order they came."""
        return (self._float64(part) for part in self._parts)

    def take(self, index):
        """float64 [n, d], those of some samples, int [n]."""
        if self._whole is None:
            self._whole = np.concatenate(self._parts)
            self._parts = np.split(self._whole, np.cumsum([len(part) for part in self._parts])[:-1])  # views of it
        return self._float64(self._whole[index])

    def _float64(self, part):
        return np.asarray(self._features(part)[0] if self._features.cheap else part, np.float64)

"""What samples are compared by: a table of features, computed a block of samples at a time."""

import dataclasses
import importlib
import math

import numpy as np

from wgangp_tf.errors import UserError, unknown_name

_BLOCK = 1024  # samples; wide enough for fast matrix products
_BLOCK_VALUES = 2**23  # 64 MB as float64


@dataclasses.dataclass(frozen=True)
class Row:
    """Features by name.

    Attributes:
      module: file of this folder with `make(real)`, which returns a callable with the attributes of `Pixels`.
      summary: one line, source included.
    """

    module: str
    summary: str


FEATURES = {
    "pixels": Row(module="features", summary="the values of a sample themselves, pictures in [0, 1]"),
}


def find(name):
    """The row of features.

    Raises:
      UserError: no such name.
    """
    if name not in FEATURES:
        raise unknown_name("features", name, FEATURES)
    return FEATURES[name]


def named(name, real):
    """The extractor of features by name.

    Args:
      name: key of `FEATURES`.
      real: see `registry.make`.

    Returns:
      Callable, uint8 or float samples [n, *sample] → (rows [n, d], class probabilities [n, classes] or None), with
      `name`, `cheap` and `classes`, see `Pixels`. Make it once and share it: it may be trained first.

    Raises:
      UserError: no such name, or the features are not for such samples.
    """
    return importlib.import_module(f"wgangp_tf.metrics.{find(name).module}").make(real)


class Pixels:
    """The values of a sample themselves.

    Attributes:
      name: key of `FEATURES`.
      cheap: whether the samples are kept and the rows computed again, instead of keeping the rows.
      classes: how many a classifier tells apart, or None where there is none.
    """

    name = "pixels"
    cheap = True
    classes = None

    def __call__(self, samples):
        return pixels(samples), None


def make(real):
    """See `named`."""
    del real  # any samples have values
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

    def __init__(self, features):
        self._features, self._parts = features, []

    def __len__(self):
        return sum(len(part) for part in self._parts)

    def add(self, block):
        """Takes an `evaluator.Block` in."""
        self._parts.append(block.kept(self._features))

    def blocks(self):
        """Yields float64 [n, d], in the order they came."""
        return (self._float64(part) for part in self._parts)

    def take(self, index):
        """float64 [n, d], those of some samples, int [n]."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._float64(self._parts[0][index])

    def _float64(self, part):
        return np.asarray(self._features(part)[0] if self._features.cheap else part, np.float64)

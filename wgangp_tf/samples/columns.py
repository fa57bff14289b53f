"""A picture of samples with a column for each class: which classes, how many rows, and their names above."""

import dataclasses

import numpy as np

_MOST = 16  # columns; of more classes some are shown, evenly spread
_ROWS = 8
_TEXT_HEIGHT = 14  # pixels
_SPACE = 4  # pixels between two names
_WIDEST = 80  # pixels of a column for its name alone


@dataclasses.dataclass(frozen=True)
class Columns:
    """Which class each sample of a picture is of: sample k stands in column k modulo their number.

    Attributes:
      labels: tuple of ints, of the columns.
      names: tuple of str, above them.
      count: int, of all samples; None for 8 rows of them.
    """

    labels: tuple[int, ...]
    names: tuple[str, ...]
    count: int | None = None

    def __post_init__(self):
        if self.count is None:
            object.__setattr__(self, "count", _ROWS * len(self.labels))

    @property
    def of_samples(self):
        """int32 [count], the label of each sample."""
        return np.resize(np.array(self.labels, np.int32), self.count)

    def real(self, labels, seed):
        """Rows of a data set that fill the picture, int64 [count]; a class that has too few repeats them.

        Args:
          labels: int32 [n], of the data set.
          seed: int; not the first ones: many a data set is sorted.
        """
        order = np.random.default_rng(seed).permutation(len(labels))
        of_class = {label: order[labels[order] == label] for label in self.labels}
        rows = -(-self.count // len(self.labels))
        some = [np.resize(of_class[label] if len(of_class[label]) else order, rows) for label in self.labels]
        return np.stack(some, axis=1).reshape(-1)[: self.count]


def of_classes(classes):
    """The `Columns` of all classes, or of some where there are many.

    Args:
      classes: names, at least one.
    """
    count = min(len(classes), _MOST)
    chosen = tuple(int(k) for k in np.arange(count) * len(classes) // count)
    return Columns(chosen, tuple(classes[k] for k in chosen))


def names_above(names, left, width, channels):
    """A strip with names, black on white.

    Args:
      names: of the columns.
      left: int [columns], pixels from the left edge to the middle of each column.
      width: of the strip, in pixels.
      channels: 1 or 3.

    Returns:
      uint8 [height, width, channels].
    """
    from PIL import Image, ImageDraw

    strip = Image.new("L", (width, _TEXT_HEIGHT), 255)
    draw = ImageDraw.Draw(strip)
    for name, middle in zip(names, left, strict=True):
        draw.text((middle, _TEXT_HEIGHT // 2), name, fill=0, anchor="mm", font=_font())
    return np.asarray(strip)[:, :, None].repeat(channels, axis=2)


def widths(names):
    """Pixels that each name needs, int [columns], and the names cut to fit `_WIDEST`: (list of str, list of int)."""
    shown = [_cut(name) for name in names]
    return shown, [_length(name) + _SPACE for name in shown]


def _cut(name):
    while _length(name) > _WIDEST - _SPACE:
        name = name.removesuffix("…")[:-1] + "…"
    return name


def _length(text):
    return int(np.ceil(_font().getlength(text)))


def _font():
    from PIL import ImageFont

    return ImageFont.load_default()

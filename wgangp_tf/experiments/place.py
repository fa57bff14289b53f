"""Where a figure's numbers come together: trainings that are done stay done, whatever stops the rest."""

import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from wgangp_tf.figures import number_files

_FORMAT = 1  # of what is kept of trainings


@dataclasses.dataclass(frozen=True)
class Check:
    """A claim of a figure as a number.

    Attributes:
      name: what is claimed, in words.
      value: what was measured.
      bound: in words, such as "at least 3".
      holds: whether the value keeps to it.
    """

    name: str
    value: float
    bound: str
    holds: bool


def at_least(name, value, bound):
    """A `Check` that a value is large enough."""
    return Check(name, float(value), f"at least {bound:g}", bool(value >= bound))


def at_most(name, value, bound):
    """A `Check` that a value is small enough."""
    return Check(name, float(value), f"at most {bound:g}", bool(value <= bound))


@dataclasses.dataclass(frozen=True)
class Numbers:
    """All that a figure draws.

    Attributes:
      values: what JSON holds: numbers, names, settings.
      arrays: {name: array}.
      checks: of the figure's claims.
      caption: what the picture shows and how it was made, in a few sentences.
      lines: numbers in words, for those who read no picture.
    """

    values: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]
    checks: tuple[Check, ...]
    caption: str
    lines: tuple[str, ...] = ()


class Place:
    """The directory of a figure.

    Attributes:
      path: pathlib.Path.
      small: whether it is the version for minutes on two cores.
      say: callable of one line.
      stop: `stopping.Stop` in force.
      of: {flag: value} of what the user wants the figure of, for figures that have a use for it.
      storage: {flag: value} of `settings.Storage`, for data sets that have a use for it.
      bedrooms: folder of pictures that stand for LSUN's bedrooms, or None for these.
    """

    def __init__(self, path, small, say, stop, of=None, storage=None, bedrooms=None):
        self.path, self.small, self.say, self.stop = pathlib.Path(path), small, say, stop
        self.of, self.storage, self.bedrooms = dict(of or {}), dict(storage or {}), bedrooms

    def training(self, name):
        """Directory of a training run of this figure; made by who trains."""
        return self.path / ("trainings-small" if self.small else "trainings") / name

    def part(self, name, settings, make, beside=()):
        """What a finished part of the figure found, made now or kept from before.

        Args:
          name: of the part, a file name.
          settings: what JSON holds; a part with other settings is made anew.
          make: callable, -> {name: array}.
          beside: names of figures that have the same parts, where they lie beside this one.

        Returns:
          {name: array}.
        """
        kept = pathlib.Path("parts") / f"{name}-{digest(settings)}.npz"
        for folder in (self.path, *(self.path.parent / other for other in beside)):
            found = number_files.read_arrays(folder / kept)
            if found is not None:
                return found
        arrays = {key: np.asarray(value) for key, value in make().items()}
        (self.path / "parts").mkdir(parents=True, exist_ok=True)
        number_files.write_arrays(self.path / kept, arrays)
        return arrays

    def write(self, figure, numbers, versions):
        """Writes the numbers of the figure, from which alone it is drawn."""
        values = {
            "small": self.small,
            "versions": versions,
            "checks": [dataclasses.asdict(check) for check in numbers.checks],
            "caption": numbers.caption,
            "lines": list(numbers.lines),
            **numbers.values,
        }
        number_files.write(self.path, figure, values, numbers.arrays)


def digest(settings):
    """A short name of what JSON holds: other settings, another name."""
    text = json.dumps([_FORMAT, settings], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

"""What a data file holds: one array of samples, names of its columns, labels. A table of formats.

Nothing in a file is run: what could hold code (pickles, object arrays) is refused before it is read.
"""

import dataclasses
import importlib
import os
import pathlib
import stat
from typing import Any

import numpy as np

from wgangp_tf.errors import UserError, either

# suffix → the file of this folder with `look(path, data)` and `read(path, data)`, which return `Contents`
FORMATS = {".npy": "array_npy", ".npz": "array_npy", ".csv": "array_csv", ".parquet": "array_parquet"}
_NAMED = 8  # names that still fit a line
_NUMERIC = "biuf"  # of NumPy's kinds of types
_WHY_NOT = {
    "O": "Python objects, which could run code when they are read and are not",
    "c": "complex numbers; give their real and imaginary parts as two channels, np.stack([x.real, x.imag], axis=-1)",
    "S": "text",
    "U": "text",
    "M": "dates; give them as numbers",
    "m": "durations; give them as numbers",
    "V": "rows of named fields; give it as a .csv file, or as a plain array",
}


@dataclasses.dataclass(frozen=True)
class Contents:
    """What a file holds.

    Attributes:
      values: array of any kind, [n, *sample] of a numeric type; None where the file was only looked at.
      shape: of the array, its first entry None where only reading tells.
      columns: names of the entries of a sample's last axis, or ().
      labels: array [n] of numbers or text, or None.
      notes: see `source.Source`.
    """

    values: Any
    shape: tuple[int | None, ...]
    columns: tuple[str, ...] = ()
    labels: np.ndarray | None = None
    notes: tuple[str, ...] = ()


def look(path, data):
    """The `Contents` of a file but for its values and labels; takes no seconds.

    Args:
      path: of the file.
      data: `config.Data`, which names the array and the labels in it.

    Raises:
      UserError: there is no such file, or it cannot be used.
    """
    return _format_of(path).look(path, data)


def read(path, data):
    """The `Contents` of a file. See `look`."""
    return _format_of(path).read(path, data)


def _format_of(path):
    suffix = pathlib.Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise UserError(f"--data_file expects a {either(FORMATS)} file. Received: {path!r}")
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise refused(path, "a folder", "a file")
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for
            raise refused(path, "a pipe or a device", "a file")
        with open(path, "rb"):
            size = found.st_size
    except OSError as error:
        raise UserError(
            f"--data_file expects a file that can be read. Received: {path!r} ({error.strerror})"
        ) from error
    if not size:
        raise refused(path, "an empty file")
    return importlib.import_module(f"wgangp_tf.data.{FORMATS[suffix]}")


def refused(path, what, expected="numbers"):
    """A UserError about what is in the file."""
    return UserError(f"--data_file expects {expected}. Received: {path!r}, {what}")


def check_type(path, dtype, whose="which"):
    """Raises a UserError if an array is not of a numeric type.

    Args:
      path: of the file.
      dtype: NumPy's.
      whose: the array in words.
    """
    if dtype.hasobject or dtype.kind not in _NUMERIC:
        why = _WHY_NOT["O" if dtype.hasobject else dtype.kind]
        raise refused(path, f"{whose} holds {why}")


def check_count(path, name, shape, count):
    """Raises a UserError if labels of a shape are not one a sample."""
    if shape != (count,):
        raise UserError(
            f"--labels expects one label for each of the {count:,} samples. "
            f"Received: {name!r} of shape {shape} in {path!r}"
        )


def wants_labels(data):
    """Name of the labels that are asked for, or None."""
    return None if data.labels == "none" else data.labels


def listed(names):
    """Names in a line, the first few of many."""
    names = list(names)
    more = f", and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(map(repr, names[:_NAMED])) + more

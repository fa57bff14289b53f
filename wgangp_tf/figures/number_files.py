"""The files a figure is drawn from: numbers.json with what JSON holds, numbers.npz with the arrays."""

import io
import json
import math
import pathlib
import zipfile
import zlib

import numpy as np

from wgangp_tf import files
from wgangp_tf.errors import UserError

FORMAT = 1  # of numbers.json
_VALUES, _ARRAYS = "numbers.json", "numbers.npz"
_DAMAGED = (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error)  # of a file that cannot be read


def write(directory, name, values, arrays):
    """Writes the numbers of a figure.

    Args:
      directory: made where it is missing.
      name: of the figure.
      values: {name: what JSON holds}; a number that is not finite, which JSON has no word for, is written as null.
      arrays: {name: array}.
    """
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    write_arrays(directory / _ARRAYS, arrays)
    tree = _finite({"format": FORMAT, "figure": name, **values})
    files.replace(directory / _VALUES, json.dumps(tree, indent=2, allow_nan=False) + "\n")


def _finite(value):
    """The same, with None for each number that is not finite."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read(directory, name):
    """(values, arrays) of a figure: what numbers.json and numbers.npz hold.

    Raises:
      UserError: there are none, they cannot be read, or are those of another figure or format.
    """
    values = read_values(directory, name)
    return values, _read(directory, name, lambda: _unpacked(pathlib.Path(directory) / _ARRAYS))


def read_values(directory, name):
    """What numbers.json of a figure holds; None stands for a number that is not finite.

    Raises:
      UserError: see `read`.
    """
    path = pathlib.Path(directory) / _VALUES
    values = _read(directory, name, lambda: json.loads(path.read_text(encoding="utf-8")))
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        have = values.get("format") if isinstance(values, dict) else None
        raise UserError(f"{str(path)!r} expected to have format {FORMAT}. Received: {have}; make the numbers anew")
    if values.get("figure") != name:
        raise UserError(f"{str(path)!r} expected to be of figure {name!r}. Received: {values.get('figure')!r}")
    return values


def _read(directory, name, reader):
    """What a reader returns; its errors are one line."""
    try:
        return reader()
    except FileNotFoundError as error:
        raise UserError(
            f"--redraw expects the numbers of figure {name!r} in {str(directory)!r}; leave it out to make them"
        ) from error
    except _DAMAGED as error:
        raise UserError(f"the numbers in {str(directory)!r} cannot be read ({error}); make them anew") from error


def said(value, form=".4g"):
    """A number of numbers.json in words."""
    return "not finite" if value is None else format(value, form)


def read_arrays(path):
    """The arrays of a .npz file, None where it is not there or cannot be read."""
    try:
        return _unpacked(path)
    except _DAMAGED:
        return None


def write_arrays(path, arrays):
    """Writes {name: array} as a .npz file; a reader never sees half of one."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    files.replace(path, buffer.getvalue())


def _unpacked(path):
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}

"""The files a figure is drawn from: numbers.json with what JSON holds, numbers.npz with the arrays."""

import contextlib
import hashlib
import io
import json
import math
import pathlib
import re
import zipfile
import zlib

import numpy as np

from wgangp_tf import files
from wgangp_tf.errors import UserError

FORMAT = 2  # of numbers.json
_VALUES, _ARRAYS = "numbers.json", "numbers.npz"
# of a file that cannot be read
_DAMAGED = (OSError, ValueError, EOFError, KeyError, RecursionError, zipfile.BadZipFile, zlib.error)
# of numbers that are not what is drawn
_OTHER = (KeyError, ValueError, TypeError, IndexError, AttributeError)
_OF_VALUES, _OF_ARRAYS = "sha256", "arrays_sha256"  # in numbers.json


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
    packed = _packed(arrays)
    tree = _finite({"format": FORMAT, "figure": name, **values, _OF_ARRAYS: hashlib.sha256(packed).hexdigest()})
    tree[_OF_VALUES] = _digest(json.loads(json.dumps(tree, allow_nan=False)))
    files.replace(directory / _ARRAYS, packed)
    files.replace(directory / _VALUES, json.dumps(tree, indent=2) + "\n")


def _digest(tree):
    """SHA-256 of what numbers.json holds beside it."""
    rest = {key: value for key, value in tree.items() if key != _OF_VALUES}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


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
      UserError: there are none, they cannot be read, were changed, or are those of another figure or format.
    """
    values = read_values(directory, name)
    packed = _read(directory, name, (pathlib.Path(directory) / _ARRAYS).read_bytes)
    if hashlib.sha256(packed).hexdigest() != values.get(_OF_ARRAYS):
        raise _changed(directory)
    return values, _read(directory, name, lambda: _unpacked(packed))


def read_values(directory, name):
    """What numbers.json of a figure holds; None stands for a number that is not finite.

    Raises:
      UserError: see `read`.
    """
    path = pathlib.Path(directory) / _VALUES
    values, found = _read(directory, name, lambda: _values(path))
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        have = values.get("format") if isinstance(values, dict) else None
        raise UserError(f"{str(path)!r} expected to have format {FORMAT}. Received: {have}; make the numbers anew")
    if values.get("figure") != name:
        raise UserError(f"{str(path)!r} expected to be of figure {name!r}. Received: {values.get('figure')!r}")
    if values.get(_OF_VALUES) != found:
        raise _changed(directory)
    return values


def _values(path):
    """(what a numbers.json holds, the digest of it or None)."""
    values = json.loads(path.read_text(encoding="utf-8"))
    return values, _digest(values) if isinstance(values, dict) else None


def _changed(directory):
    return UserError(f"the numbers in {str(directory)!r} were changed or damaged; make them anew")


@contextlib.contextmanager
def used(directory):
    """Within it, what numbers raise that are not those of their figure is one line."""
    try:
        yield
    except UserError:
        raise
    except _OTHER as error:
        raise UserError(f"the numbers in {str(directory)!r} cannot be drawn ({error!r}); make them anew") from error


def foreign(directory, name):
    """A file that a figure would replace and did not make, or None: numbers.json says whose those beside it are.

    Its beginning does, so that damaged numbers can be made anew.
    """
    directory = pathlib.Path(directory)
    files_of = (_VALUES, _ARRAYS, *(f"{name}{suffix}" for suffix in (".png", ".svg", ".gif")))
    there = [directory / file for file in files_of if (directory / file).exists()]
    begins = rb'\{\s*"format": \d+,\s*"figure": "%s"' % name.encode()
    if (directory / _VALUES).is_file():
        with open(directory / _VALUES, "rb") as file:
            if re.match(begins, file.read(200)):
                return None
    return there[0] if there else None


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
        return _unpacked(path.read_bytes())
    except _DAMAGED:
        return None


def write_arrays(path, arrays):
    """Writes {name: array} as a .npz file; a reader never sees half of one."""
    files.replace(path, _packed(arrays))


def _packed(arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def _unpacked(packed):
    with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}

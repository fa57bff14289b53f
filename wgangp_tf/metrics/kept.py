"""What took long to compute, kept in files: weights of classifiers, statistics of real samples.

A file holds the whole key it was kept under, and every array in it a checksum (that of zip). One that is damaged, cut
short or of another key is made again; one that cannot be written is done without.
"""

import hashlib
import io
import json
import os
import pathlib
import zipfile
import zlib

import numpy as np

from wgangp_tf import files
from wgangp_tf.console import say

_FORMAT = 1  # of the files; part of every key
_KEY = "key"
_DAMAGED = (OSError, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)


def kept(directory, name, key, make):
    """Arrays by name: those that were kept under a key, else what `make()` returns, which is kept.

    What is read back has the same bits.

    Args:
      directory: path; None for keeping nothing.
      name: str, for people, the start of the file's name: letters, digits and "-".
      key: anything JSON can hold, that changes when the arrays would.
      make: callable without arguments → {name: array}; no name is "key".
    """
    if directory is None:
        return make()
    text = json.dumps([_FORMAT, name, key])
    path = pathlib.Path(directory) / f"{name}-{hashlib.blake2b(text.encode(), digest_size=10).hexdigest()}.npz"
    found = _read(path, text)
    if found is None:
        found = {name: np.asarray(array) for name, array in make().items()}
        _write(path, text, found)
    return found


def digest(arrays):
    """A short string that changes when an array does.

    Args:
      arrays: a sequence of arrays.
    """
    hashed = hashlib.blake2b(digest_size=8)
    for array in map(np.ascontiguousarray, arrays):
        hashed.update(f"{array.dtype.str} {array.shape}".encode())
        hashed.update(array.tobytes())
    return hashed.hexdigest()


def _read(path, text):
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return arrays if str(arrays.pop(_KEY)) == text else None
    except FileNotFoundError:
        return None
    except _DAMAGED:  # zipfile and NumPy have no common class for what a damaged file raises
        say(f"{os.fspath(path)!r} cannot be read back; what it kept is computed again")
        return None


def _write(path, text, arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays, **{_KEY: np.array(text)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, buffer.getbuffer())
    except OSError as error:
        say(f"nothing is kept in {os.fspath(path.parent)!r} ({error.strerror}): it is computed again next time")

"""Arrays in NumPy's own files: .npy, and .npz, which holds several by name."""

import math
import os
import struct
import zipfile
import zlib

import numpy as np

from wgangp_tf.data.array_files import Contents, check_count, check_type, listed, refused, wants_labels
from wgangp_tf.data.arrays import FileArray, read_header
from wgangp_tf.errors import UserError, unknown_name

_PICKLE = b"\x80"  # how a pickle begins, since its protocol 2
_ZIP = b"PK"
_DAMAGED = (
    ValueError,
    EOFError,
    SyntaxError,
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,  # locked by a password; NotImplementedError: another way of packing
)


def look(path, data):
    """See `array_files.look`."""
    return _contents(path, data, whole=False)


def read(path, data):
    """See `array_files.read`. Rows stay in the file until they are asked for, where its format allows it."""
    return _contents(path, data, whole=True)


def _contents(path, data, whole):
    file = _opened(path)
    labels_name = wants_labels(data)
    if labels_name is not None and labels_name not in file.names:
        if not file.named:
            raise UserError(
                f"--labels names an array in an .npz file, or a column. Received: --labels={labels_name} and {path!r}, "
                "which holds one array alone"
            )
        raise unknown_name(f"labels in {path!r}", labels_name, file.names)
    name = _chosen(file, data.array, labels_name)
    shape, _, dtype = file.header(name)
    check_type(path, dtype, f"whose array {name!r}" if file.named else "which")
    if not whole:
        return Contents(None, shape)
    values = file.rows(name)
    labels = None if labels_name is None else _labels(file, labels_name, len(values))
    return Contents(values, shape, labels=labels)


def _chosen(file, asked, labels_name):
    """Name of the array of samples."""
    if asked is not None:
        if not file.named:
            raise UserError(
                f"--array names an array in an .npz file. Received: --array={asked} and {file.path!r}, which holds one"
            )
        if asked not in file.names:
            raise unknown_name(f"array in {file.path!r}", asked, file.names)
        return asked
    names = [name for name in file.names if name != labels_name]
    if len(names) != 1:
        what = f"which holds {listed(names)}; --array=NAME says which" if names else "which holds none"
        raise refused(file.path, what, "one array, or the name of one")
    return names[0]


def _labels(file, name, count):
    shape, _, dtype = file.header(name)
    if dtype.kind not in "US":
        check_type(file.path, dtype, f"whose labels {name!r}")
    check_count(file.path, name, shape[:1] if shape == (count, 1) else shape, count)
    labels = np.asarray(file.rows(name)[:]).reshape(count)
    return np.char.decode(labels, "utf-8", "replace") if labels.dtype.kind == "S" else labels


def _opened(path):
    """The arrays of a file, by name."""
    with open(path, "rb") as file:
        begins = file.read(2)
    if zipfile.is_zipfile(path) and begins == _ZIP:
        return _Npz(path)
    if begins == _ZIP:
        raise refused(path, "which is cut short or damaged")
    if begins[:1] == _PICKLE:
        raise refused(path, "a pickle, which could run code when it is read and is not")
    return _Npy(path)


class _Npy:
    """A .npy file, whose array has no name."""

    named = False
    names = ("",)

    def __init__(self, path):
        self.path = path
        try:
            with open(path, "rb") as file:
                self._header = read_header(file)
                start = file.tell()
        except _DAMAGED as error:
            raise refused(path, f"which is no .npy file that can be read ({error})") from error
        shape, _, dtype = self._header
        expected, have = start + dtype.itemsize * math.prod(shape), os.stat(path).st_size
        if have < expected and not dtype.hasobject:
            raise refused(path, f"which is cut short: {have:,} of {expected:,} bytes")

    def header(self, name):
        """(shape, whether it is in Fortran order, dtype)."""
        return self._header

    def rows(self, name):
        """[n, …], by rows where the order of the file allows it."""
        shape, fortran_order, _ = self._header
        if fortran_order and len(shape) > 1:  # the numbers of a row lie all over the file
            return np.load(self.path, allow_pickle=False)
        return FileArray(self.path)


class _Npz:
    """A .npz file."""

    named = True

    def __init__(self, path):
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                members = archive.infolist()
        except _DAMAGED as error:
            raise self._damaged(error) from error
        self._members = {
            member.filename.removesuffix(".npy"): member for member in members if member.filename.endswith(".npy")
        }
        self.names = tuple(self._members)
        self._headers = {}

    def header(self, name):
        """(shape, whether it is in Fortran order, dtype)."""
        if name not in self._headers:
            self._headers[name] = self._read(name, read_header)
        return self._headers[name]

    def rows(self, name):
        """[n, …], by rows where the array is not packed."""
        _, fortran_order, dtype = self.header(name)
        member = self._members[name]
        if member.compress_type != zipfile.ZIP_STORED or fortran_order or dtype.kind in "US":
            return self._read(name, lambda file: np.lib.format.read_array(file, allow_pickle=False))
        try:
            return FileArray(self.path, self._start(member))
        except _DAMAGED as error:
            raise self._damaged(error) from error

    def _start(self, member):
        """Where the content of a member begins: behind its own header of 30 bytes, its name and an extra field."""
        with open(self.path, "rb") as file:
            file.seek(member.header_offset + 26)
            name, extra = struct.unpack("<HH", file.read(4))
        return member.header_offset + 30 + name + extra

    def _read(self, name, reader):
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self._members[name]) as file:
                return reader(file)
        except _DAMAGED as error:
            raise self._damaged(error) from error

    def _damaged(self, error):
        what = "cannot be read" if isinstance(error, RuntimeError) else "is cut short or damaged"
        return refused(self.path, f"which {what} ({error})")

"""Arrays that are larger than memory: rows of a file, and some or most rows of another array."""

import os
import weakref

import numpy as np


class Rows:
    """What the arrays here share: `len`, `shape`, `dtype` and indexing by an int, a slice or an int64 array.

    A subclass has `shape` and `dtype`, and `_take(index)` for an int64 array of rows in [0, len).
    """

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self._take(np.arange(len(self))[index])
        index = np.asarray(index)
        if index.dtype == bool:
            index = np.flatnonzero(index)
        rows = np.where(index < 0, index + len(self), index).astype(np.int64)
        if rows.size and not 0 <= rows.min() <= rows.max() < len(self):
            raise IndexError(f"Expected rows below {len(self)}. Received: {index}")
        if rows.ndim == 0:
            return self._take(rows[None])[0]
        return self._take(rows)

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("The rows of this array are not in memory: they can only be copied.")
        return self[:].astype(self.dtype if dtype is None else dtype, copy=False)


class FileArray(Rows):
    """The rows of a .npy file, read when they are asked for.

    The file is not mapped into memory: mapped pages count as the process's own, and a file cut short by somebody
    else would end the process with a bus error.
    """

    def __init__(self, path, offset=0):
        """
        Args:
          path: of a .npy file in C order.
          offset: bytes before it, where it lies in another file.

        Raises:
          ValueError: it is none, or shorter than its header says.
        """
        with open(path, "rb") as file:
            file.seek(offset)
            self.shape, fortran_order, self.dtype = read_header(file)
            self._start = file.tell()
            self._stride = self.dtype.itemsize * int(np.prod(self.shape[1:]))
            if fortran_order or os.fstat(file.fileno()).st_size < self._start + self._stride * len(self):
                raise ValueError(f"Expected a whole .npy file in C order. Received: {os.fspath(path)!r}")
            self._handle = os.dup(file.fileno())
        self._path = os.fspath(path)
        weakref.finalize(self, os.close, self._handle)

    def _take(self, rows):
        out = np.empty((len(rows), self._stride), np.uint8)
        if len(rows) and np.array_equal(rows, np.arange(rows[0], rows[0] + len(rows))):
            self._read(out.reshape(-1), int(rows[0]))
        else:
            for k, row in enumerate(rows.tolist()):
                self._read(out[k], row)
        return out.view(self.dtype).reshape(len(rows), *self.shape[1:])

    def _read(self, out, row):
        """Fills uint8 [bytes] from a row on; one call of the system's may give less than it was asked for."""
        done = 0
        while done < len(out):
            count = os.preadv(self._handle, [out[done:]], self._start + row * self._stride + done)
            if count == 0:
                raise OSError(f"the data in {self._path!r} was cut short while it was read")
            done += count


def read_header(file):
    """What the header of a .npy file says, which is read: (shape, whether it is in Fortran order, dtype).

    Args:
      file: open for bytes, at its beginning.

    Raises:
      ValueError: it is no .npy file, or of a version of which no array of numbers needs to be.
    """
    version = np.lib.format.read_magic(file)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"Expected a .npy file of version 1.0 or 2.0. Received: version {version[0]}.{version[1]}")
    return readers[version](file)


class InFloat32(Rows):
    """The rows of an array of any numeric type, as float32 when they are asked for."""

    def __init__(self, values):
        """
        Args:
          values: array of any kind.
        """
        self._values = values
        self.shape = tuple(values.shape)
        self.dtype = np.dtype(np.float32)

    def _take(self, rows):
        with np.errstate(over="ignore"):  # infinite then, as whoever looks for such values sees
            return np.asarray(self._values[rows]).astype(np.float32, copy=False)


class Subset(Rows):
    """Some rows of an array, without a copy."""

    def __init__(self, samples, rows):
        """
        Args:
          samples: array of any kind.
          rows: int64 [n].
        """
        self._samples = samples
        self._rows = rows
        self.shape = (len(rows), *samples.shape[1:])
        self.dtype = samples.dtype

    def _take(self, rows):
        return self._samples[self._rows[rows]]


class Without(Rows):
    """All rows of an array but a few, without a copy and without a list of those that stay."""

    def __init__(self, samples, left_out):
        """
        Args:
          samples: array of any kind.
          left_out: int64 [n], rows, ascending.
        """
        self._samples = samples
        self._kept_before = left_out - np.arange(len(left_out))  # rows that stay before each that does not
        self.shape = (len(samples) - len(left_out), *samples.shape[1:])
        self.dtype = samples.dtype

    def _take(self, rows):
        return self._samples[rows + np.searchsorted(self._kept_before, rows, side="right")]


class Joined(Rows):
    """The rows of one array, then those of another."""

    def __init__(self, first, second):
        """
        Args:
          first, second: arrays of any kind, their rows of one shape and type.
        """
        self._first, self._second = first, second
        self.shape = (len(first) + len(second), *first.shape[1:])
        self.dtype = first.dtype

    def _take(self, rows):
        out = np.empty((len(rows), *self.shape[1:]), self.dtype)
        of_second = rows >= len(self._first)
        out[~of_second] = self._first[rows[~of_second]]
        out[of_second] = self._second[rows[of_second] - len(self._first)]
        return out

"""What .csv and .parquet files share: columns by name, one of them perhaps labels, all others numbers."""

import contextlib
import shlex

import numpy as np

from wgangp_tf.data.array_files import Contents, listed, refused, wants_labels
from wgangp_tf.errors import UserError, unknown_name


def labels_column(path, names, data):
    """Name of the column of labels, or None.

    Args:
      path: of the file.
      names: list of all columns' names.
      data: `config.Data`.

    Raises:
      UserError: there is no such column, no other one, two of one name, or one without a name.
    """
    if data.array is not None:
        raise UserError(f"--array names an array in an .npz file. Received: --array={data.array} and {path!r}, a table")
    for number, name in enumerate(names, start=1):
        if not name.strip():
            hint = "; of pandas' index, which to_csv(index=False) leaves out?" if number == 1 else ""
            raise refused(path, f"whose column {number} has no name{hint}", "a name for each column")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise refused(path, f"with more than one column named {listed(twice)}", "a name for each column")
    chosen = wants_labels(data)
    if chosen is not None and chosen not in names:
        raise unknown_name(f"column in {path!r} for labels", chosen, names)
    if len(names) == (chosen is not None):
        raise refused(path, "which has no column of them")
    return chosen


class Columns:
    """Columns as they come, some rows at a time."""

    def __init__(self, path, names, labels, named=True):
        """
        Args:
          path: of the file.
          names: list of all columns' names.
          labels: name of the column of labels, or None.
          named: whether the names are the file's own, and not numbers in their place.
        """
        self._path, self._names, self._labels_name, self._named = path, names, labels, named
        self._blocks, self._labels, self._text, self._missing = [], [], {}, {}

    def add(self, columns, places):
        """Takes some rows in.

        Args:
          columns: list over the columns of sequences of cells: text, numbers, or None where one is empty.
          places: where each row is in the file, in words.
        """
        block = np.empty((len(places), len(self._names) - (self._labels_name is not None)), np.float32)
        number = 0
        for name, cells in zip(self._names, columns, strict=True):
            if name == self._labels_name:
                self._labels.append(self._classes(name, cells, places))
            else:
                with np.errstate(over="ignore"):  # infinite then, which is told later
                    block[:, number] = self._numbers(name, cells, places)
                number += 1
        self._blocks.append(block)

    def contents(self):
        """`Contents` of the rows so far.

        Raises:
          UserError: there are none, or columns that are not all numbers.
        """
        if not self._blocks:
            raise refused(self._path, "which has no rows")
        self._check_text()
        for name, (count, place) in self._missing.items():
            cells = "an empty cell" if count == 1 else f"{count:,} empty cells, the first"
            raise refused(
                self._path, f"whose column {name!r} has {cells} in {place}; fill them, or leave those rows out"
            )
        values = np.concatenate(self._blocks)
        columns = tuple(name for name in self._names if name != self._labels_name) if self._named else ()
        labels = np.concatenate(self._labels) if self._labels else None
        return Contents(values, values.shape, columns, labels)

    def _check_text(self):
        if not self._text:
            return
        name, (cell, place) = next(iter(self._text.items()))
        others = [other for other in self._text if other != name]
        also = f", and so {'do' if len(others) > 1 else 'does'} {listed(others)}" if others else ""
        advice = "leave it out of the file, or give numbers in its place"
        if self._labels_name is None:
            advice = f"--labels={shlex.quote(name)} takes it for the samples' classes; else {advice}"
        raise refused(self._path, f"whose column {name!r} holds {_shown(cell)} in {place}{also}; {advice}")

    def _numbers(self, name, cells, places):
        """float64 [n] of cells; NaN where there is no number, which is noted."""
        with contextlib.suppress(ValueError):  # of text; what is in it is found below
            values = np.asarray(cells)
            named = values.dtype.kind == "U" and (np.char.find(values, "_") >= 0).any()
            if values.ndim == 1 and values.dtype.kind in "biufU" and not named:
                return values.astype(np.float64)
        return np.array([self._number(name, cell, place) for cell, place in zip(cells, places, strict=True)])

    def _number(self, name, cell, place):
        if _empty(cell):
            count, first = self._missing.get(name, (0, place))
            self._missing[name] = count + 1, first
            return np.nan
        try:
            return number_of(cell)
        except (TypeError, ValueError):
            self._text.setdefault(name, (cell, place))
            return np.nan

    def _classes(self, name, cells, places):
        for cell, place in zip(cells, places, strict=True):
            if _empty(cell):
                count, first = self._missing.get(name, (0, place))
                self._missing[name] = count + 1, first
        if isinstance(cells, np.ndarray) and cells.dtype.kind == "f":  # 1.0 is class 1, and 0.5 is none
            return cells
        return np.array([_text(cell).strip() for cell in cells])


def number_of(cell):
    """float of a cell.

    Raises:
      TypeError, ValueError: it is no number. "2020_01", which Python reads as 202001, is a name.
    """
    if isinstance(cell, (str, bytes)):
        cell = _text(cell)
        if "_" in cell:
            raise ValueError(cell)
    return float(cell)


def _text(cell):
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def _empty(cell):
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _shown(cell):
    return f"text ({cell.strip()[:40]!r})" if isinstance(cell, str) else f"what is no number ({str(cell)[:40]})"

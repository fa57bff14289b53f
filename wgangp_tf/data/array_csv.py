"""Tables as text: .csv files, whose numeric columns are the features.

The first line holds the columns' names, unless all of it are numbers. Between cells stands a comma, a semicolon or a
tab, whichever the first line has most of.
"""

import csv
import dataclasses

from wgangp_tf.data.array_files import Contents, refused
from wgangp_tf.data.array_tables import Columns, labels_column, number_of

_SEPARATORS = ",;\t"
_AT_ONCE = 10_000  # rows that are text at a time


def look(path, data):
    """See `array_files.look`."""
    with _Table(path) as table:
        chosen = labels_column(path, table.names, data)
        columns = tuple(name for name in table.names if name != chosen)
        return Contents(None, (None, len(columns)), columns if table.named else ())


def read(path, data):
    """See `array_files.read`. All of it goes into memory."""
    with _Table(path) as table:
        columns = Columns(path, table.names, labels_column(path, table.names, data), table.named)
        for rows, lines in table.blocks():
            columns.add(list(zip(*rows, strict=True)), [f"line {line}" for line in lines])
        found = columns.contents()
        return found if table.named else dataclasses.replace(found, notes=(_note(path),))


def _note(path):
    return f"the first line of {path!r} is all numbers: it is taken as a sample, and the columns have no names"


class _Table:
    """A .csv file, its first line read.

    Attributes:
      names: list of the columns' names; numbers from 0 on where the file has none.
      named: whether it has some.
    """

    def __init__(self, path):
        self._path = path
        self._file = open(path, newline="", encoding="utf-8-sig")  # noqa: SIM115 — closed by `__exit__`

    def __enter__(self):
        try:
            first = self._file.readline()
            self._file.seek(0)
            self._reader = csv.reader(self._file, delimiter=max(_SEPARATORS, key=first.count))
            cells = next((row for row in self._reader if row), None)
        except (csv.Error, UnicodeDecodeError) as error:
            self._file.close()
            raise self._damaged(error) from error
        if cells is None:
            self._file.close()
            raise refused(self._path, "an empty file")
        self.named = not all(_is_number(cell) for cell in cells)
        self.names = [cell.strip() for cell in cells] if self.named else [str(k) for k in range(len(cells))]
        self._first = [] if self.named else [(cells, self._reader.line_num)]
        return self

    def __exit__(self, *_):
        self._file.close()

    def blocks(self):
        """Yields (rows of text, the line of each), some at a time.

        Raises:
          UserError: a row has another number of cells, or the file is no text.
        """
        rows, lines = [], []
        for row, line in self._rows():
            if len(row) != len(self.names):
                cells = f"{len(row)} cell{'s' if len(row) > 1 else ''}"
                what = f"whose line {line} has {cells} and the first line {len(self.names)}"
                raise refused(self._path, what, "rows of one length")
            rows.append(row)
            lines.append(line)
            if len(rows) == _AT_ONCE:
                yield rows, lines
                rows, lines = [], []
        if rows:
            yield rows, lines

    def _rows(self):
        yield from self._first
        try:
            for row in self._reader:
                if row:
                    yield row, self._reader.line_num
        except (csv.Error, UnicodeDecodeError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error):
        return refused(self._path, f"which is no table of text ({error})", "a .csv file in UTF-8")


def _is_number(cell):
    try:
        number_of(cell)
    except ValueError:
        return False
    return True

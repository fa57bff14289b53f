"""Tables in .parquet files, read by pyarrow or else by pandas, whichever there is; this package needs neither."""

import importlib
import json
import re

from wgangp_tf.data.array_files import Contents, refused
from wgangp_tf.data.array_tables import Columns, labels_column
from wgangp_tf.errors import UserError

_AT_ONCE = 100_000  # rows
_DAMAGED = (OSError, ValueError, NotImplementedError)  # the last of a type or a way of packing that a reader has not


def look(path, data):
    """See `array_files.look`."""
    names, _ = _opened(path)
    chosen = labels_column(path, names, data)
    columns = tuple(name for name in names if name != chosen)
    return Contents(None, (None, len(columns)), columns)


def read(path, data):
    """See `array_files.read`. All of it goes into memory."""
    names, blocks = _opened(path)
    columns, before = Columns(path, names, labels_column(path, names, data)), 0
    try:
        for block in blocks():
            count = len(block[0])
            columns.add(block, [f"row {before + k}" for k in range(count)])
            before += count
    except _DAMAGED as error:
        if isinstance(error, UserError):
            raise
        raise _damaged(path, error) from error
    return columns.contents()


def _opened(path):
    """(names of the columns, a function that yields lists over the columns of cells, some rows at a time)."""
    for module, reader in _READERS.items():
        try:
            return reader(importlib.import_module(module), path)
        except ImportError:  # it is not there, or pandas is and what it reads such files with is not
            continue
        except _DAMAGED as error:
            raise _damaged(path, error) from error
    raise UserError(
        f"--data_file expects pyarrow or pandas, which read .parquet files, to be installed. Received: {path!r}; "
        "pip install pyarrow"
    )


def _by_pyarrow(parquet, path):
    file = parquet.ParquetFile(path)
    index = _index(file.schema_arrow)
    kept = [(number, name) for number, name in enumerate(file.schema_arrow.names) if name not in index]

    def blocks():
        for batch in file.iter_batches(_AT_ONCE):
            yield [_cells(batch.column(number)) for number, _ in kept]

    return [name for _, name in kept], blocks


def _index(schema):
    """Names of the columns that pandas' index became, which tell rows apart and are no features."""
    try:
        described = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
        # a number of rows stands there as an object, and as no column
        return {name for name in described.get("index_columns", ()) if isinstance(name, str)}
    except (ValueError, AttributeError, TypeError):  # another program's, of the same name
        return set()


def _cells(column):
    """Cells of a column of pyarrow's: an array where all are numbers, else a list."""
    if column.null_count == 0 and re.fullmatch(r"(u?int|float|double|halffloat|bool).*", str(column.type)):
        return column.to_numpy(zero_copy_only=False)
    return column.to_pylist()


def _by_pandas(pandas, path):
    table = pandas.read_parquet(path)
    names = [str(name) for name in table.columns]

    def blocks():
        for start in range(0, len(table), _AT_ONCE):
            part = table.iloc[start : start + _AT_ONCE]
            yield [_plain(part[name]) for name in table.columns]

    return names, blocks


def _plain(column):
    """Cells of a column of pandas': an array where all are numbers, else a list."""
    values = column.to_numpy()
    if values.dtype.kind in "biuf" and not column.isna().any():
        return values
    return [None if missing else cell for cell, missing in zip(values.tolist(), column.isna(), strict=True)]


def _damaged(path, error):
    reason = str(error).partition("\n")[0]
    return refused(path, f"which cannot be read ({reason})", "a .parquet file")


_READERS = {"pyarrow.parquet": _by_pyarrow, "pandas": _by_pandas}

"""Tables in .parquet files, by whichever reader there is, or none.

pyarrow comes with tensorflow-datasets' own dependencies; pandas is stood for by the little of it that is used.
"""

import json
import sys
import types

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from tests.data.array_file import everything, load, refused, spec

COLUMNS = {
    "height": np.arange(12, dtype=np.int16),
    "weight": np.arange(12) / 8,
    "old": np.arange(12) % 3 == 0,
    "kind": ["b", "a"] * 6,
}
ROWS = np.stack([np.float32(COLUMNS[name]) for name in ("height", "weight", "old")], axis=1)


@pytest.fixture
def write(tmp_path):
    """Writes columns: write({name: cells}) -> path of the file."""

    def run(columns):
        parquet.write_table(pyarrow.table(columns), tmp_path / "x.parquet")
        return tmp_path / "x.parquet"

    return run


class _Column:
    def __init__(self, cells):
        self._cells = cells

    def __getitem__(self, part):
        return _Column(self._cells[part])

    def to_numpy(self):
        return np.asarray(self._cells, None if not isinstance(self._cells[0], str) else object)

    def isna(self):
        return np.array([cell is None for cell in self._cells])


class _Table:
    """A data frame."""

    def __init__(self, columns):
        self._columns = columns
        self.columns = list(columns)
        self.iloc = self

    def __len__(self):
        return len(next(iter(self._columns.values())))

    def __getitem__(self, key):
        if isinstance(key, slice):
            return _Table({name: cells[key] for name, cells in self._columns.items()})
        return _Column(self._columns[key])


@pytest.fixture(params=["pyarrow", "pandas"])
def reader(request, monkeypatch):
    """Each of the readers, as the only one."""
    if request.param == "pandas":

        def read_parquet(path):
            found = parquet.read_table(path)
            plain = {name: column.to_pylist() for name, column in zip(found.column_names, found.columns, strict=True)}
            return _Table(plain)

        monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(read_parquet=read_parquet))
        monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    return request.param


def test_columns_of_numbers_are_features(write, reader):
    file = write(COLUMNS)
    assert spec(file, labels="kind").features == ("height", "weight", "old")
    source = load(file, labels="kind", scale="none")
    assert source.spec.features == ("height", "weight", "old") and source.spec.classes == ("a", "b")
    np.testing.assert_array_equal(everything(source), ROWS)
    for split in (source.train, source.validation):
        np.testing.assert_array_equal(split.labels, 1 - split.samples[:][:, 0] % 2)


@pytest.mark.parametrize(
    "labels, classes",
    [
        (np.arange(12) % 3 * 5.0, ("0", "5", "10")),  # as pandas keeps whole numbers where one was missing once
        ([b"cat", b"dog\xff"] * 6, ("cat", "dog\N{REPLACEMENT CHARACTER}")),
        ([True, False] * 6, ("False", "True")),
    ],
)
def test_labels_are_called_as_in_other_files(write, reader, labels, classes):
    source = load(write({"a": np.arange(12.0), "kind": labels}), labels="kind")
    assert source.spec.classes == classes


def test_labels_with_a_fraction_are_none(write, reader):
    said = refused(write({"a": np.arange(12.0), "kind": [0.0, 0.5, 1.0] * 4}), labels="kind")
    assert "--labels expects" in said


@pytest.mark.parametrize(
    "columns, said",
    [
        (COLUMNS, "Received: 'x.parquet', whose column 'kind' holds text ('b') in row 0; --labels=kind takes it for"),
        (
            {"a": [1.0, None, 3.0, None]},
            "Received: 'x.parquet', whose column 'a' has 2 empty cells, the first in row 1; fill them, or leave those",
        ),
        ({"a": [[1.0], [2.0], [3.0]]}, "whose column 'a' holds what is no number ([1."),
        ({"a": np.array([])}, "Received: 'x.parquet', which has no rows"),
    ],
)
def test_tables_that_cannot_be_used(write, reader, columns, said):
    assert said in refused(write(columns))


@pytest.mark.parametrize("index", [["__index_level_0__"], ["height", "old"], [{"kind": "range", "name": None}], None])
def test_the_index_of_pandas_is_no_feature(tmp_path, index):
    names = ["__index_level_0__", "height", "weight", "old"]
    table = pyarrow.table({name: COLUMNS.get(name, np.arange(12)) for name in names})
    described = b"not JSON" if index is None else json.dumps({"index_columns": index}).encode()
    parquet.write_table(table.replace_schema_metadata({"pandas": described}), tmp_path / "x.parquet")
    features = tuple(name for name in names if name not in (index or []))
    source = load(tmp_path / "x.parquet", scale="none")
    assert spec(tmp_path / "x.parquet").features == source.spec.features == features
    expected = np.stack([np.float32(COLUMNS.get(name, np.arange(12))) for name in features], axis=1)
    np.testing.assert_array_equal(everything(source), expected[np.argsort(expected[:, 0], kind="stable")])


def test_dates_are_no_numbers(write):
    said = refused(write({"a": [1, 2, 3], "day": np.array([1, 2, 3], "M8[s]")}))
    assert "whose column 'day' holds what is no number (1970-01-01 00:00:01) in row 0" in said


def test_a_file_that_is_none(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1 and so on")
    assert refused(tmp_path / "x.parquet").startswith(
        "--data_file expects a .parquet file. Received: 'x.parquet', which cannot be read ("
    )


def _without_an_engine(path):
    raise ImportError("Unable to find a usable engine")


@pytest.mark.parametrize("pandas", [None, types.SimpleNamespace(read_parquet=_without_an_engine)])
def test_without_a_reader(write, monkeypatch, pandas):
    file = write(COLUMNS)
    for name, module in (("pyarrow.parquet", None), ("pandas", pandas)):
        monkeypatch.setitem(sys.modules, name, module)
    assert refused(file) == (
        "--data_file expects pyarrow or pandas, which read .parquet files, to be installed. Received: 'x.parquet'; "
        "pip install pyarrow"
    )


@pytest.mark.parametrize("when", ["ParquetFile", "iter_batches"])
def test_types_that_a_reader_does_not_know(write, monkeypatch, when):
    def fails(*_):
        raise NotImplementedError("no such type\nand more")

    file = write(COLUMNS)
    if when == "ParquetFile":
        monkeypatch.setattr(parquet, when, fails)
    else:
        monkeypatch.setattr(parquet.ParquetFile, when, fails)
    assert "which cannot be read (no such type)" in refused(file, labels="kind")

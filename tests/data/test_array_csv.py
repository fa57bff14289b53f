"""Tables as text: columns keep their names, and what stands in a cell that is no number is told."""

import numpy as np
import pytest

from tests.data.array_file import everything, load, refused, spec

_ROWS = [(k, 100 - k * k / 7, "ab"[k % 2]) for k in range(12)]
TABLE = "height,the weight,kind\n" + "".join(f"{a},{b!r},{c}\n" for a, b, c in _ROWS)


@pytest.fixture
def write(tmp_path):
    """Writes a file: write(text) -> its path."""

    def run(content, name="x.csv"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / name

    return run


@pytest.mark.parametrize("separator", [",", ";", "\t", " , "])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("begins", [b"", b"\xef\xbb\xbf"])
def test_columns_of_numbers_are_features(write, separator, ends, begins):
    file = write(begins + TABLE.replace(",", separator).replace("\n", ends).encode())
    assert spec(file, labels="kind").features == ("height", "the weight")
    source = load(file, labels="kind", scale="none")
    assert source.spec.features == ("height", "the weight") and source.spec.classes == ("a", "b")
    np.testing.assert_array_equal(everything(source), np.float32([row[:2] for row in _ROWS]))
    for split in (source.train, source.validation):
        np.testing.assert_array_equal(split.labels, split.samples[:][:, 0] % 2)


def test_cells_as_people_write_them(write):
    file = write('"a, b","c ""d"""\n"1", 2\n-3.5e2,+4\n\n  5,6e-1\n')
    source = load(file, scale="none")
    assert source.spec.features == ("a, b", 'c "d"')
    np.testing.assert_array_equal(everything(source), np.float32([[-350, 4], [1, 2], [5, 0.6]]))


def test_a_file_without_names(write):
    source = load(write("1,2,0\n3,4,1\n5,6,0\n7,8,1\n"), labels="2", scale="none")
    assert source.spec.features == () and source.spec.shape == (2,) and source.spec.classes == ("0", "1")
    np.testing.assert_array_equal(everything(source), np.float32([[1, 2], [3, 4], [5, 6], [7, 8]]))
    (note,) = source.notes
    assert note.startswith("the first line of ") and "x.csv' is all numbers: it is taken as a sample" in note
    assert load(write("a,b\n1,2\n3,4\n5,7\n"), scale="none").notes == ()


def test_many_rows_are_one_table(write):
    count = 25_000  # read in three parts
    source = load(write("a\n" + "".join(f"{k}\n" for k in range(count))), scale="none")
    np.testing.assert_array_equal(np.ravel(everything(source)), np.arange(count))


def test_columns_may_be_the_samples_of_a_signal(write):
    source = load(write(TABLE), labels="kind", channels_last=False)
    assert (source.spec.shape, source.spec.features) == ((2, 1), ("height", "the weight"))


NUMBERS = "--data_file expects numbers. Received: 'x.csv', "


@pytest.mark.parametrize(
    "text, said",
    [
        (
            TABLE,
            NUMBERS + "whose column 'kind' holds text ('a') in line 2; --labels=kind takes it for the samples' "
            "classes; else leave it out of the file, or give numbers in its place",
        ),
        ("a,b,c\n1,2,3\n1,x,y\n3,3,3\n", "whose column 'b' holds text ('x') in line 3, and so does 'c'; --labels=b"),
        ("a,b\n1,2020_01\n2,2020_02\n3,2020_03\n", "whose column 'b' holds text ('2020_01') in line 2"),
        ("2020_01,2020_02\n1,x\n2,y\n3,z\n", "whose column '2020_02' holds text ('x') in line 2"),
        ("a,wine's kind\n1,x\n2,y\n3,z\n", """; --labels='wine'"'"'s kind' takes it for the samples' classes"""),
        ("a,b\n1,true\n2,false\n3,true\n", "whose column 'b' holds text ('true') in line 2"),
        (
            "a,b\n1,2\n3,\n4, \n5,6\n",
            NUMBERS + "whose column 'b' has 2 empty cells, the first in line 3; fill them, or leave those rows out",
        ),
        ("a,b\n1,2\n3,4\n,6\n5,6\n", NUMBERS + "whose column 'a' has an empty cell in line 4; fill them, or leave th"),
        (
            "a,b\n1,nan\n3,inf\n4,1e39\n5,6\n",
            "--data_file expects finite numbers that float32 holds. Received: nan or infinite values, 3 in feature "
            "'b'; the first in row 0, counted from 0",
        ),
        ("a,b\n1,2\n3,4,5\n", "expects rows of one length. Received: 'x.csv', whose line 3 has 3 cells and the first"),
        ("a,b\n1,2\n\n3\n", "expects rows of one length. Received: 'x.csv', whose line 4 has 1 cell and the first"),
        ("", NUMBERS + "an empty file"),
        ("\n\n", NUMBERS + "an empty file"),
        ("a,b\n", NUMBERS + "which has no rows"),
        ("a,b\n1,2\n3,4\n", "expects at least 3 samples along the first axis, one of them to be held out. Received: "),
        (",a\n0,1\n1,2\n", "a name for each column. Received: 'x.csv', whose column 1 has no name; of pandas' index, "),
        ("a,\n0,1\n1,2\n", "a name for each column. Received: 'x.csv', whose column 2 has no name"),
        ("a,b,a\n0,1,2\n", "Received: 'x.csv', with more than one column named 'a'"),
        (b"a,b\n1,2\n3,\xff4\n", "expects a .csv file in UTF-8. Received: 'x.csv', which is no table of text ("),
    ],
)
def test_tables_that_cannot_be_used(write, text, said):
    assert said in refused(write(text))


@pytest.mark.parametrize(
    "options, said",
    [
        ({"labels": "knid"}, "Unknown column in 'x.csv' for labels 'knid'. Did you mean 'kind'? Known: height, kind,"),
        ({"labels": "kind", "array": "x"}, "--array names an array in an .npz file. Received: --array=x and 'x.csv'"),
        ({"labels": "height"}, "whose column 'kind' holds text ('a') in line 2; leave it out of the file, or give num"),
    ],
)
def test_options_that_do_not_fit_a_table(write, options, said):
    assert said in refused(write(TABLE), **options)


def test_labels_that_are_missing_or_alone(write):
    said = "whose column 'kind' has an empty cell in line 2; fill them"
    assert said in refused(write(TABLE.replace(",a\n", ",\n", 1)), labels="kind")
    assert "which has no column of them" in refused(write("kind\na\nb\n"), labels="kind")

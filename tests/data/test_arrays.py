"""Arrays by row behave as NumPy's do."""

import os

import numpy as np
import pytest

from wgangp_tf.data.arrays import FileArray, Joined, Subset, Without

VALUES = np.random.default_rng(0).integers(0, 256, [7, 3, 2, 1], np.uint8)
ROWS = np.array([4, 0, 6])


@pytest.fixture
def file(tmp_path):
    np.save(tmp_path / "values.npy", VALUES)
    return tmp_path / "values.npy"


@pytest.mark.parametrize(
    "index", [np.array([2, 1, 3]), np.array([3, 0, 3, -1]), np.array([], np.int64), 2, -7, slice(1, None, 2), [1, 2]]
)
def test_rows_of_a_file(file, index):
    array = FileArray(file)
    assert (len(array), array.shape, array.dtype) == (7, (7, 3, 2, 1), np.uint8)
    np.testing.assert_array_equal(array[index], VALUES[index])


@pytest.mark.parametrize("index", [np.array([2, 0]), 1, slice(None), np.array([True, False, True])])
def test_rows_of_rows(file, index):
    subset = Subset(FileArray(file), ROWS)
    assert subset.shape == (3, 3, 2, 1)
    np.testing.assert_array_equal(subset[index], VALUES[ROWS][index])
    np.testing.assert_array_equal(np.asarray(subset), VALUES[ROWS])


@pytest.mark.parametrize("left_out", [[], [0], [6], [0, 1, 2], [2, 3, 6], [0, 2, 4, 6], list(range(7))])
def test_rows_but_some(file, left_out):
    left_out = np.array(left_out, np.int64)
    array, expected = Without(FileArray(file), left_out), np.delete(VALUES, left_out, axis=0)
    assert array.shape == expected.shape and array.dtype == np.uint8
    np.testing.assert_array_equal(np.asarray(array), expected)
    backwards = np.arange(len(expected))[::-1]
    np.testing.assert_array_equal(array[backwards], expected[backwards])


@pytest.mark.parametrize("index", [7, -8, np.array([0, 7])])
def test_a_row_that_is_not_there(file, index):
    with pytest.raises(IndexError, match="Expected rows below 7"):
        FileArray(file)[index]


def test_rows_of_other_types(tmp_path):
    values = np.arange(6.0).reshape(3, 2)
    np.save(tmp_path / "values.npy", values)
    np.testing.assert_array_equal(FileArray(tmp_path / "values.npy")[np.array([2, 1])], values[[2, 1]])


def test_a_file_cut_short_is_noticed_when_it_is_opened_and_when_it_is_read(file):
    array = FileArray(file)
    os.truncate(file, os.path.getsize(file) - 1)
    with pytest.raises(OSError, match="was cut short while it was read"):
        array[6]
    with pytest.raises(ValueError, match="Expected a whole .npy file"):
        FileArray(file)


def test_an_open_file_is_closed_with_its_array(file):
    before = len(os.listdir("/dev/fd"))
    array = FileArray(file)
    assert len(os.listdir("/dev/fd")) == before + 1
    del array
    assert len(os.listdir("/dev/fd")) == before


def test_joined_rows_come_from_where_they_are():
    first, second = np.arange(6).reshape(3, 2), np.arange(6, 10).reshape(2, 2)
    joined, both = Joined(first, second), np.concatenate([first, second])
    assert joined.shape == (5, 2) and joined.dtype == both.dtype and len(joined) == 5
    for index in (np.array([4, 0, 2, 3, 0]), np.array([], np.int64), -1, 3, slice(1, 4)):
        np.testing.assert_array_equal(joined[index], both[index])

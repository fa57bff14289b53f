"""Arrays that are kept: the same bits again, and no file that can make a program fail."""

import os

import numpy as np
import pytest

from wgangp_tf.metrics.kept import digest, kept


@pytest.fixture
def made():
    """make() → arrays, which counts how often it was called."""

    class Made:
        times = 0

        def __call__(self):
            self.times += 1
            draws = np.random.default_rng(0)
            return {"rows": draws.normal(size=(50, 3)).astype(np.float32), "scatter": draws.normal(size=(3, 3))}

    return Made()


def same(found, expected):
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype and found[name].tobytes() == array.tobytes()


def only_file(directory):
    (path,) = directory.iterdir()
    return path


def test_the_same_bits_without_making_them_again(tmp_path, made):
    same(kept(tmp_path / "new", "some", ["key", 1], made), made())
    made.times = 0
    same(kept(tmp_path / "new", "some", ["key", 1], made), made())
    assert made.times == 1  # by this test


@pytest.mark.parametrize("name, key", [("some", ["key", 2]), ("other", ["key", 1])])
def test_another_key_or_name_is_made(tmp_path, made, name, key):
    kept(tmp_path, "some", ["key", 1], made)
    kept(tmp_path, name, key, made)
    assert made.times == 2 and len(list(tmp_path.iterdir())) == 2


def test_nothing_is_kept_without_a_directory(made):
    kept(None, "some", 1, made)
    kept(None, "some", 1, made)
    assert made.times == 2


def test_a_file_of_another_key_is_not_believed(tmp_path, made):
    kept(tmp_path, "some", 1, made)
    first = only_file(tmp_path)
    kept(tmp_path, "some", 2, lambda: {"rows": np.zeros(2)})
    (second,) = set(tmp_path.iterdir()) - {first}
    os.replace(second, first)
    same(kept(tmp_path, "some", 1, made), made())


def flip(data):
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize("damage", [flip, lambda data: data[:200], lambda data: b"", lambda data: b"no archive"])
def test_a_damaged_file_is_made_again_and_replaced(tmp_path, made, damage, capsys):
    kept(tmp_path, "some", 1, made)
    path = only_file(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    same(kept(tmp_path, "some", 1, made), made())
    assert f"{str(path)!r} cannot be read back; what it kept is computed again" in capsys.readouterr().err
    made.times = 0
    kept(tmp_path, "some", 1, made)
    assert made.times == 0 and only_file(tmp_path) == path


def test_where_nothing_can_be_written_it_is_done_without(tmp_path, made, capsys):
    (tmp_path / "file").touch()
    same(kept(tmp_path / "file" / "below", "some", 1, made), made())
    assert "nothing is kept in" in capsys.readouterr().err


def test_what_fails_is_not_kept(tmp_path):
    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path, "some", 1, fail)
    assert list(tmp_path.iterdir()) == []


def test_a_digest_is_of_values_types_and_shapes():
    ones = np.ones((2, 3), np.float32)
    others = [ones * 2, ones.reshape(3, 2), ones.astype(np.float64), np.ones((2, 3), np.int32)]
    assert len({digest([array]) for array in [ones, *others]}) == 5
    assert digest([ones]) == digest([ones.copy()]) != digest([ones, ones])

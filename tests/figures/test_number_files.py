"""Files of numbers: JSON that any program reads, and errors that are one line."""

import json
import pathlib

import numpy as np
import pytest

from wgangp_tf.errors import UserError
from wgangp_tf.figures import number_files


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def test_what_was_written_is_read(tmp_path):
    number_files.write(tmp_path / "new", "one", {"a": [1, 2.5, "x", True, None]}, {"b": np.arange(3)})
    values, arrays = number_files.read(tmp_path / "new", "one")
    assert set(values) == {"format", "figure", "a", "sha256", "arrays_sha256"}
    assert (values["format"], values["figure"], values["a"]) == (2, "one", [1, 2.5, "x", True, None])
    assert list(arrays) == ["b"] and arrays["b"].tolist() == [0, 1, 2]


def test_a_number_that_is_not_finite_is_null(tmp_path):
    values = {"a": np.float64(np.nan), "b": {"c": (np.inf, [1.5, -np.inf])}}
    number_files.write(tmp_path, "one", values, {})
    found = json.loads((tmp_path / "numbers.json").read_text(), parse_constant=refuse)
    assert found["a"] is None and found["b"] == {"c": [None, [1.5, None]]}
    assert number_files.said(None) == "not finite"
    assert number_files.said(0.123456) == "0.1235" and number_files.said(2.0, ".2f") == "2.00"


@pytest.mark.parametrize("name", ["numbers.json", "numbers.npz"])
@pytest.mark.parametrize("damage", ["gone", "cut", "empty", "folder"])
def test_what_cannot_be_read_is_one_line(tmp_path, name, damage):
    number_files.write(tmp_path, "one", {}, {"b": np.arange(300.0)})
    path = tmp_path / name
    content = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "gone":
        path.write_bytes(content[:20] if damage == "cut" else b"")
    expected = (
        "--redraw expects the numbers of" if damage == "gone" else "the numbers in .* (cannot be read|were changed)"
    )
    with pytest.raises(UserError, match=expected):
        number_files.read(tmp_path, "one")


def test_numbers_that_were_changed_are_not_read(tmp_path):
    number_files.write(tmp_path, "one", {"a": {1: 2, 10: 0.1}}, {"b": np.arange(3)})
    number_files.read(tmp_path, "one")
    content = (tmp_path / "numbers.json").read_text()
    (tmp_path / "numbers.json").write_text(content.replace("0.1", "0.2"))
    with pytest.raises(UserError, match="numbers in .* were changed or damaged; make them anew"):
        number_files.read_values(tmp_path, "one")
    (tmp_path / "numbers.json").write_text(content)
    number_files.write_arrays(tmp_path / "numbers.npz", {"b": np.array(["text"])})
    number_files.read_values(tmp_path, "one")
    with pytest.raises(UserError, match="numbers in .* were changed or damaged; make them anew"):
        number_files.read(tmp_path, "one")


def test_deeply_nested_json_is_one_line(tmp_path):
    (tmp_path / "numbers.json").write_text("[" * 100_000)
    with pytest.raises(UserError, match="the numbers in .* cannot be read"):
        number_files.read_values(tmp_path, "one")


def test_arrays_that_cannot_be_read_are_none(tmp_path):
    path = pathlib.Path(tmp_path / "a.npz")
    assert number_files.read_arrays(path) is None
    number_files.write_arrays(path, {"b": np.arange(3)})
    assert number_files.read_arrays(path)["b"].tolist() == [0, 1, 2]
    for content in (path.read_bytes()[:40], b"", b"text"):
        path.write_bytes(content)
        assert number_files.read_arrays(path) is None


@pytest.mark.parametrize(
    ("tree", "line"),
    [
        ([], "expected to have format 2. Received: None"),
        ({"format": 1, "figure": "one"}, "expected to have format 2. Received: 1; make the numbers anew"),
        ({"format": True, "figure": "one"}, "expected to have format 2. Received: True"),
        ({"format": 2, "figure": "one"}, "were changed or damaged; make them anew"),
        ({"format": 2, "figure": "two"}, "expected to be of figure 'one'. Received: 'two'"),
    ],
)
def test_other_numbers_are_not_read(tmp_path, tree, line):
    (tmp_path / "numbers.json").write_text(json.dumps(tree))
    with pytest.raises(UserError, match=line):
        number_files.read_values(tmp_path, "one")

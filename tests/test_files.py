import os
import pathlib

import pytest

from wgangp_tf import files


def test_replace_writes_bytes_or_text_and_leaves_nothing_beside(tmp_path):
    path = tmp_path / "a.txt"
    files.replace(path, "grüße")
    assert path.read_text(encoding="utf-8") == "grüße"
    files.replace(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_failure_leaves_the_old_file_and_nothing_beside(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    files.replace(path, "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.replace(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_sync_tree_reaches_every_file_and_folder(tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.txt").write_text("c")
    (tmp_path / "d.txt").write_text("d")
    seen = []
    monkeypatch.setattr(files, "sync", seen.append)
    files.sync_tree(tmp_path)
    assert {pathlib.Path(path) for path in seen} == {tmp_path, *tmp_path.rglob("*")}

"""Every command that writes refuses a place that cannot be written before it does anything else."""

import errno
import os
import pathlib

import pytest

from wgangp_tf import files

# what is typed → the flag that is named, and the place
_WRITES = {
    "generate --saved_model=m --out=o.png": ("out", "o.png"),
    "generate --saved_model=m --out=o/": ("out", "o"),
    "evaluate --saved_model=m --out=o.jsonl": ("out", "o.jsonl"),
    "evaluate --saved_model=m --nearest=o.png": ("nearest", "o.png"),
    "report --run_dir=r --out=o.html": ("out", "o.html"),
    "report --compare=r,s --out=o.html": ("out", "o.html"),
    "reproduce --figure=value_surfaces --out=o": ("out", "o"),
    "reproduce --figure=all --out=o": ("out", "o"),
    "benchmark --out=o": ("out", "o"),
    "benchmark --page=o.md": ("page", "."),
}


@pytest.mark.parametrize("words", _WRITES)
def test_a_place_that_cannot_be_written_is_refused_at_once(command, tmp_path, monkeypatch, words):
    def read_only(path, inside=False):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(files, "check_place", read_only)
    status, out, err = command(*words.split())
    flag, place = _WRITES[words]
    assert (status, out) == (2, "")
    assert err.startswith(f"error: --{flag} expects a ")
    assert err.endswith(f"that can be written. Received: {place!r} (Read-only file system)\n")
    assert list(tmp_path.iterdir()) == []


def test_a_place_is_tried_and_left_as_it_was(tmp_path):
    (tmp_path / "there").mkdir()
    for path, inside in (("there", True), ("there", False), ("a/b/c", False), ("a/b", True)):
        files.check_place(tmp_path / path, inside)
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["there"]


@pytest.mark.parametrize(
    "path, inside",
    [("/proc/a", False), ("/proc/a/b", True), ("/proc", True), (f"{300 * 'a'}/b", False), (250 * "a", False)],
)
def test_a_place_that_nothing_can_be_made_at(tmp_path, monkeypatch, path, inside):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError):
        files.check_place(path, inside)
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        files.check_place(pathlib.Path("file") / "a")
    assert os.listdir(tmp_path) == ["file"]

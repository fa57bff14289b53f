"""Where runs and exports may lie: what would fail after the training is refused before it."""

import errno
import os

import pytest

from wgangp_tf import files
from wgangp_tf.errors import UserError
from wgangp_tf.serving import target
from wgangp_tf.settings import Storage
from wgangp_tf.training import places


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


# (run directory, export, storage) → part of the line that answers
_REFUSED = {
    ("r", "r", None): "--export_dir expects a directory of its own: an export replaces all that is in it. Received: 'r'"
    ", which is the run directory",
    ("r", "../here/r", None): "Received: '../here/r', which is the run directory",
    ("r", "link", None): "Received: 'link', which is the run directory",
    ("e/r", "e", None): "Received: 'e', which holds the run directory",
    ("e/f/r", "e", None): "Received: 'e', which holds the run directory",
    ("r", ".", None): "Received: '.', which holds the run directory",
    (None, "runs", None): "Received: 'runs', which holds the run directory",
    (None, ".", None): "Received: '.', which holds the run directory",
    ("r", "r/checkpoints", None): "Received: 'r/checkpoints', where the run writes its 'checkpoints'",
    ("r", "r/samples/e", None): "Received: 'r/samples/e', where the run writes its 'samples'",
    ("r", "r/config.json", None): "where the run writes its 'config.json'",
    ("r", "e", Storage(cache_dir="e")): "Received: 'e', which is --cache_dir=e",
    ("r", "e", Storage(cache_dir="e/c")): "Received: 'e', which holds --cache_dir=e/c",
    ("r", "e", Storage(manual_dir="e")): "which is --manual_dir=e",
    ("r", "e", Storage(data_dir="e/photos")): "which holds --data_dir=e/photos",
    ("r", "e", Storage(data_file="e/x.npy")): "which holds --data_file=e/x.npy",
}


@pytest.mark.parametrize("case", _REFUSED, ids=str)
def test_places_that_are_in_each_others_way_are_refused(tmp_path, monkeypatch, case):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    os.symlink("r", "link")
    run, export, storage = case
    with pytest.raises(UserError) as refused:
        places.check_apart(run, export, storage)
    assert _REFUSED[case] in str(refused.value)


@pytest.mark.parametrize(
    "run, export, storage",
    [
        ("r", "e", None),
        ("r", None, None),
        (None, None, Storage(cache_dir="c")),
        (None, "e", Storage(data_dir="photos")),
        ("r", "r/export", None),
        (".", None, None),
        ("r", "runs", None),
        ("e2", "e", None),
        ("r", "c/e", Storage(cache_dir="c")),
        ("photos/r", "photos/e", Storage(data_dir="photos")),  # tensorflow-datasets' own directory
    ],
    ids=str,
)
def test_other_places_are_taken(run, export, storage):
    places.check_apart(run, export, storage)


@pytest.mark.parametrize(
    "run, export, flag", [("photos/r", "e", "run_dir"), ("r", "photos/a/e", "export_dir"), (None, "e", "run_dir")]
)
def test_nothing_is_written_among_the_pictures(tmp_path, run, export, flag):
    storage = Storage(data_dir="." if run is None else "photos")
    with pytest.raises(UserError, match=f"--{flag} expects a place outside of the folder of pictures"):
        places.check_apart(run, export, storage, pictures=True)
    places.check_apart(tmp_path.parent / "r", tmp_path.parent / "e", storage, pictures=True)


def test_a_place_that_cannot_be_written_is_refused(monkeypatch):
    def read_only(path, inside=False):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    places.check_run("a/r", "e")
    places.check_run(None, None)
    monkeypatch.setattr(files, "check_place", read_only)
    for run, shown in {"a/r": "a/r", None: "runs"}.items():
        with pytest.raises(UserError) as refused:
            places.check_run(run, None)
        assert str(refused.value) == (
            f"--run_dir expects a directory that can be written. Received: {shown!r} (Read-only file system)"
        )
    assert os.listdir() == []


def test_the_default_place_of_exports_is_looked_at_too(monkeypatch):
    def of_exports(path, inside=False):
        if "saved_models" in str(path):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(files, "check_place", of_exports)
    places.check_run(None, "e")
    with pytest.raises(UserError, match="--export_dir expects a directory that can be written. Received: 'saved_mod"):
        places.check_run(None, None)


def test_a_run_that_would_fail_at_its_end_writes_nothing(command, tmp_path):
    for words in (
        ("--run_dir=r", "--export_dir=r"),
        ("--run_dir=e/r", "--export_dir=e"),
        ("--export_dir=runs",),
        ("--run_dir=r", "--export_dir=r/samples"),
        ("--run_dir=r", "--export_dir=/proc/e"),
        ("--run_dir=r", f"--export_dir={250 * 'e'}"),
        ("--run_dir=r", f"--export_dir={300 * 'e'}/e"),
        ("--run_dir=/proc/r", "--export_dir=e"),
    ):
        status, out, err = command("--steps=1", *words)
        assert (status, out) == (2, "") and err.startswith("error: --") and err.count("\n") == 1
        assert command("--steps=1", "--dry_run", *words) == (status, out, err)
    assert list(tmp_path.iterdir()) == []


def test_neither_runs_nor_exports_lie_in_a_savedmodel(tmp_path):
    (tmp_path / "e0" / "assets.extra").mkdir(parents=True)
    (tmp_path / "e0" / "saved_model.pb").write_bytes(b"")
    os.symlink("e0", "link")
    for run in ("e0/assets.extra/run", "link/run"):
        with pytest.raises(
            UserError, match=f"--run_dir expects a place outside of SavedModels.* Received: {run!r}, in"
        ):
            places.check_run(run, "e")
    places.check_run("e1", "e")
    for export in ("e0/sub", "e0/assets.extra/sub", "link/sub"):
        with pytest.raises(UserError, match=f"--export_dir expects a place outside of other Sav.*{export!r}, in the"):
            target.check(export, None, overwrite=True)
    target.check("e0", None, overwrite=True)
    target.check("link", None, overwrite=True)

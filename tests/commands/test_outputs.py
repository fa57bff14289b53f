"""Where commands may write: every flag of an output, every kind of place; refused before anything else is done."""

import errno
import json
import os
import pathlib

import numpy as np
import pytest
from PIL import Image

from wgangp_tf import files
from wgangp_tf.commands import outputs
from wgangp_tf.samples import drawing

# a command with all that it needs beside its output, the flag, and how its file is called; "" for a directory
_FILES = {
    "grid": (("generate", "--saved_model=model"), "out", "x.png"),
    "array": (("generate", "--saved_model=model"), "out", "x.npy"),
    "evaluation": (("evaluate", "--data_dir=pictures", "--against=digits"), "out", "x.jsonl"),
    "nearest": (("evaluate", "--data_dir=pictures", "--against=digits"), "nearest", "x.png"),
    "page": (("benchmark", "--preset=digits"), "page", "x.md"),
}
_DIRECTORIES = {
    "pictures": (("generate", "--saved_model=model"), "out"),
    "figure": (("reproduce", "--figure=samples", "--small"), "out"),
    "numbers": (("benchmark", "--preset=digits"), "out"),
}
_OTHERS = b"somebody's own"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A directory with a SavedModel, a run and pictures, none of which is ever reached."""
    monkeypatch.chdir(tmp_path)
    for folder in ("model/assets.extra", "run/samples", "run/checkpoints", "pictures"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "model" / "saved_model.pb").touch()
    for name in ("config.json", "environment.json", "metrics.jsonl"):
        (tmp_path / "run" / name).write_text("{}")
    drawing.write("run/samples/real.png", np.zeros([4, 4, 1], np.uint8))
    Image.new("L", (8, 8)).save("pictures/000000.png")
    return tmp_path


def _everything(place):
    return {path: path.read_bytes() if path.is_file() else None for path in sorted(place.rglob("*"))}


def _refused(command, place, words, said):
    before = _everything(place)
    status, out, err = command(*words)
    assert (status, out) == (2, "") and err.startswith("error: ") and err.count("\n") == 1, err
    assert said in err, (words, err)
    assert _everything(place) == before


@pytest.mark.parametrize("name", _FILES)
def test_a_file_that_cannot_be_is_refused_before_any_work(command, place, name):
    words, flag, file = _FILES[name]
    (place / "folder.d").mkdir()
    os.mkfifo(f"pipe-{file}")
    os.symlink("nowhere", f"broken-{file}")
    (place / "file").touch()
    for where, said in {
        f"file/{file}": f"--{flag} expects",
        f"pipe-{file}": "which is no file",
        f"broken-{file}": "which is a link that leads nowhere",
        "/dev/null": f"--{flag} expects",
        f"run/samples/{file}": "among the files of run ",
        f"run/checkpoints/../samples/{file}": "among the files of run ",
        f"model/assets.extra/{file}": "among the files of SavedModel ",
        "run/metrics.jsonl": f"--{flag} expects",
    }.items():
        _refused(command, place, (*words, f"--{flag}={where}"), said)


@pytest.mark.parametrize("name", [name for name, (_, _, file) in _FILES.items()])
def test_a_file_of_somebody_else_stays(command, place, name):
    words, flag, file = _FILES[name]
    (place / file).write_bytes(_OTHERS)
    os.symlink(file, f"link-{file}")
    for where in (file, f"link-{file}", f"./{file}"):
        _refused(command, place, (*words, f"--{flag}={where}"), f"--{flag} expects a new")


@pytest.mark.parametrize("name", _DIRECTORIES)
def test_a_directory_that_cannot_be_is_refused_before_any_work(command, place, name):
    words, flag = _DIRECTORIES[name]
    os.symlink("nowhere", "broken")
    (place / "file").touch()
    for where, said in {
        "file": "where 'file' is a file",
        "file/below/": "where 'file' is a file",
        "broken": "is a link that leads nowhere",
        "/dev/null": "where '/dev/null' is no file",
        "model": "'model', among the files of SavedModel ",
        "model/new": "among the files of SavedModel ",
        "run": "'run', among the files of run ",
        "run/samples/": "among the files of run ",
    }.items():
        _refused(command, place, (*words, f"--{flag}={where}"), said)


@pytest.mark.parametrize(
    "words, file",
    [
        (("generate", "--saved_model=model", "--out=d"), "d/000001.png"),
        (("reproduce", "--figure=samples", "--small", "--out=d"), "d/samples.svg"),
        (("benchmark", "--preset=digits", "--out=d"), "d/benchmark.png"),
        (("benchmark", "--preset=digits", "--out=d"), "d/benchmark_curves.png"),
        (("benchmark", "--preset=digits", "--out=d"), "d/speed.md"),
        (("benchmark", "--preset=digits", "--page=d/x.md"), "d/x.png"),
    ],
)
def test_what_lies_in_the_directory_and_is_somebody_elses_stays(command, place, words, file):
    (place / "d").mkdir()
    Image.new("L", (8, 8)).save(place / "picture.png")
    for content in (_OTHERS, (place / "picture.png").read_bytes()):
        (place / file).write_bytes(content)
        _refused(command, place, words, f"Received: '{file}'")


def test_a_picture_is_only_replaced_by_one_of_its_kind(command, place):
    drawing.write("generated.png", np.zeros([4, 4, 1], np.uint8), "generated")
    words, flag, _ = _FILES["nearest"]
    _refused(command, place, (*words, f"--{flag}=generated.png"), "--nearest expects a new file")
    drawing.write("near.png", np.zeros([4, 4, 1], np.uint8), "nearest")
    _refused(command, place, ("generate", "--saved_model=model", "--out=near.png"), "--out expects a new file")


def test_no_picture_is_drawn_among_those_that_are_read(command, place):
    said = "--nearest expects a place outside of the pictures of --data_dir. Received: 'pictures/new.png'"
    _refused(
        command, place, ("evaluate", "--data_dir=pictures", "--against=digits", "--nearest=pictures/new.png"), said
    )


def test_what_a_command_adds_to_a_run_may_be_replaced(place):
    for name in ("report.html", "nearest.png", "evaluations.jsonl", "pictures/a.png"):
        (place / "run" / "pictures").mkdir(exist_ok=True)
        outputs.check_file(place / "run" / name, "out")
    outputs.check_directory("new/er", "out")
    outputs.check_directory("run/mine", "out")


def test_a_page_and_an_evaluation_of_ours_may_be_called_in_capitals(command, place):
    (place / "X.JSONL").write_text(json.dumps({"no": "evaluation"}) + "\n")
    words, flag, _ = _FILES["evaluation"]
    _refused(command, place, (*words, f"--{flag}=X.JSONL"), "or one with evaluations")


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

"""The store: built once, whole or not at all, whoever else builds and whenever the builder is killed."""

import dataclasses
import errno
import fcntl
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

from wgangp_tf.data import store
from wgangp_tf.data.store import Facts, Recipe
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import features
from wgangp_tf.settings import Storage

COUNT, SHAPE = 10, (4, 5, 3)


def recipe(calls=None, count=COUNT, key="k"):
    """Sample k is k everywhere, its label 10k; the last two are held out."""

    def read(write):
        if calls is not None:
            calls.append(key)
        for k in range(count):
            write(np.full(SHAPE, k, np.uint8), 10 * k)
        return Facts(np.arange(count - 2, count), ("a", "b"), {"left_out": 1}, ("a note",))

    return Recipe("set of ten", key, SHAPE, count, read)


def check(prepared):
    np.testing.assert_array_equal(prepared.samples[np.arange(COUNT)][:, 0, 0, 0], np.arange(COUNT))
    np.testing.assert_array_equal(prepared.labels, 10 * np.arange(COUNT))
    np.testing.assert_array_equal(prepared.facts.held_out, [8, 9])
    assert prepared.facts.class_names == ("a", "b") and prepared.facts.report == {"left_out": 1}


def stores(directory):
    return [path for path in directory.iterdir() if path.is_dir()]


def test_built_once_then_found(tmp_path, capsys):
    calls = []
    first = store.prepared(recipe(calls), Storage(cache_dir=str(tmp_path)))
    said = capsys.readouterr().err.splitlines()
    again = store.prepared(recipe(calls), Storage(cache_dir=str(tmp_path)))
    assert calls == ["k"]
    check(first)
    check(again)
    assert again.fingerprint == first.fingerprint
    assert again.facts.notes == first.facts.notes == ("a note",)
    assert said == [f"preparing the samples of set of ten once, into {str(tmp_path)!r} (10)"]
    assert capsys.readouterr().err == ""


def test_the_files_are_plain_npy(tmp_path):
    store.prepared(recipe(), Storage(cache_dir=str(tmp_path)))
    (place,) = stores(tmp_path)
    assert np.load(place / "samples.npy", mmap_mode="r").shape == (COUNT, *SHAPE)
    assert np.load(place / "labels.npy").dtype == np.int32


@pytest.mark.parametrize("change", [{"key": "other"}, {"sample_shape": (5, 4, 3)}])
def test_another_key_is_another_store(tmp_path, change):
    store.prepared(recipe(), Storage(cache_dir=str(tmp_path)))
    other = dataclasses.replace(recipe(), **change, read=lambda write: Facts(np.arange(0)))
    assert len(store.prepared(other, Storage(cache_dir=str(tmp_path))).labels) == 0
    assert len(stores(tmp_path)) == 2


def test_memory_and_none_give_the_same_and_write_nothing(tmp_path):
    disk = store.prepared(recipe(), Storage(cache_dir=str(tmp_path / "disk")))
    memory = store.prepared(recipe(), Storage(cache="memory", cache_dir=str(tmp_path / "memory")))
    none = store.prepared(recipe(), Storage(cache="none", cache_dir=str(tmp_path / "none")))
    check(memory)
    assert none.samples is None
    assert disk.fingerprint == memory.fingerprint == none.fingerprint
    assert os.listdir(tmp_path) == ["disk"]


def test_the_fingerprint_tells_samples_labels_and_split(tmp_path):
    def one(pixel=0, label=0, held_out=0):
        def read(write):
            write(np.full(SHAPE, pixel, np.uint8), label)
            write(np.zeros(SHAPE, np.uint8), 0)
            return Facts(np.array([held_out]))

        return store.prepared(Recipe("s", "k", SHAPE, 2, read), Storage(cache="none")).fingerprint

    assert one() == one()
    assert len({one(), one(pixel=1), one(label=1), one(held_out=1)}) == 4


def test_fewer_samples_than_thought(tmp_path):
    for cache in ("disk", "memory"):
        found = store.prepared(
            dataclasses.replace(recipe(), count=COUNT + 5), Storage(cache=cache, cache_dir=str(tmp_path))
        )
        assert found.samples.shape == (COUNT, *SHAPE)
        check(found)


@pytest.mark.parametrize("name", ["samples.npy", "labels.npy", "held_out.npy", "facts.json"])
@pytest.mark.parametrize("damage", ["cut", "grown", "gone"])
def test_a_damaged_store_is_noticed_and_made_again(tmp_path, capsys, name, damage):
    calls = []
    store.prepared(recipe(calls), Storage(cache_dir=str(tmp_path)))
    (place,) = stores(tmp_path)
    if damage == "cut":
        os.truncate(place / name, (place / name).stat().st_size - 1)
        if name == "facts.json":
            os.truncate(place / name, 20)
    elif damage == "grown":
        with open(place / name, "ab") as file:
            file.write(b"x")
    else:
        (place / name).unlink()
    check(store.prepared(recipe(calls), Storage(cache_dir=str(tmp_path))))
    assert len(calls) == 2
    assert f"prepared data in {str(place)!r} is damaged; preparing it again" in capsys.readouterr().err


CHILD = """
import os, signal, sys, time
sys.path.insert(0, {root!r})
from wgangp_tf.data import store
from wgangp_tf.errors import UserError
from wgangp_tf.settings import Storage
from tests.data.test_store import recipe
def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)
{before}
try:
    found = store.prepared(recipe(), Storage(cache_dir={directory!r}))
except UserError as error:
    sys.exit(str(error))
print(found.fingerprint)
"""
ROOT = str(pathlib.Path(__file__).parents[2])


def child(directory, before=""):
    program = CHILD.format(root=ROOT, directory=str(directory), before=before)
    return subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )


@pytest.mark.parametrize(
    "moment",
    [
        "store._build = die",
        "store._write_header = die",
        "write_array = store.np.lib.format.write_array; store.np.lib.format.write_array = die",
        "store._write_facts = die",
        "store._move = die",
        "move = store._move; store._move = lambda *a: (move(*a), die())",
        "store._read = die",
    ],
)
def test_killed_while_building(tmp_path, capsys, moment):
    process = child(tmp_path, moment)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    finished = "move(*a), die" in moment
    calls = []
    check(store.prepared(recipe(calls), Storage(cache_dir=str(tmp_path))))
    assert calls == ([] if finished else ["k"])
    assert len(stores(tmp_path)) == 1  # nothing of the killed builder is left
    assert "damaged" not in capsys.readouterr().err


def test_two_processes_build_one_store(tmp_path):
    slow = "read = store._read; store._read = lambda *a: (time.sleep(1), read(*a))[1]"
    processes = [child(tmp_path, slow) for _ in range(2)]
    (out_1, err_1), (out_2, err_2) = (process.communicate() for process in processes)
    assert [process.returncode for process in processes] == [0, 0], err_1 + err_2
    assert out_1 == out_2 != ""
    assert (err_1 + err_2).count("preparing the samples of set of ten once") == 1
    assert (err_1 + err_2).count("another process is preparing set of ten; waiting for it") == 1
    assert len(stores(tmp_path)) == 1


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_without_locks_both_build_and_one_wins(tmp_path, monkeypatch, number):
    def no_locks(*arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    calls = []

    def read(write):
        if not calls:  # the other one is faster
            calls.append("outer")
            check(store.prepared(recipe(calls), Storage(cache_dir=str(tmp_path))))
        return recipe().read(write)

    check(store.prepared(dataclasses.replace(recipe(), read=read), Storage(cache_dir=str(tmp_path))))
    assert calls == ["outer", "k"]
    assert len(stores(tmp_path)) == 1


def test_a_file_system_that_does_not_sync_is_no_fault(tmp_path, monkeypatch):
    asked = []

    def fsync(descriptor):
        asked.append(descriptor)
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    check(store.prepared(recipe(), Storage(cache_dir=str(tmp_path))))
    assert len(asked) == 6  # four files, and two directories


def test_parts_of_dead_builders_go_and_those_of_living_ones_stay(tmp_path):
    for name in ("dead-1", "live-1"):
        (tmp_path / f"{name}.part-00000000").mkdir()
        (tmp_path / f"{name}.lock").touch()
    with store.locked(tmp_path / "live-1.lock", "never said"):
        store.prepared(recipe(), Storage(cache_dir=str(tmp_path)))
    left = {path.name for path in stores(tmp_path)}
    assert "live-1.part-00000000" in left and "dead-1.part-00000000" not in left


@pytest.mark.parametrize("problem", [KeyboardInterrupt, UserError("bad pictures")])
def test_an_interrupted_build_leaves_nothing(tmp_path, problem):
    def read(write):
        write(np.zeros(SHAPE, np.uint8))
        raise problem

    with pytest.raises(type(problem) if isinstance(problem, Exception) else problem):
        store.prepared(dataclasses.replace(recipe(), read=read), Storage(cache_dir=str(tmp_path)))
    assert stores(tmp_path) == []


def test_no_space_while_writing(tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))"
    process = child(tmp_path, limit)
    _, said = process.communicate()
    assert process.returncode == 1
    assert said.splitlines()[-1].startswith(f"no space is left for prepared data in {str(tmp_path)!r} (File too large)")
    assert stores(tmp_path) == []


def test_no_space_is_foreseen(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=COUNT * 60 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(UserError, match=r"needs 0.6 kB in .*, where 0.6 kB are free; name another place with --cache_"):
        store.prepared(recipe(), Storage(cache_dir=str(tmp_path)))
    assert stores(tmp_path) == []


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_cache_that_cannot_be_written(tmp_path, monkeypatch, code):
    def refuse(*arguments, **options):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(pathlib.Path, "mkdir", refuse)
    with pytest.raises(UserError, match=rf"cannot be written to .* \({os.strerror(code)}\); name another place"):
        store.prepared(recipe(), Storage(cache_dir=str(tmp_path)))


def test_a_file_where_the_cache_should_be(tmp_path):
    (tmp_path / "file").touch()
    for place in ("file", "file/below"):
        with pytest.raises(UserError, match="prepared data cannot be written to"):
            store.prepared(recipe(), Storage(cache_dir=str(tmp_path / place)))


def test_where_the_cache_is(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert store.cache_directory(Storage()) == tmp_path / ".cache" / "wgangp_tf"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/paths/do/not/count")
    assert store.cache_directory(Storage()) == tmp_path / ".cache" / "wgangp_tf"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert store.cache_directory(Storage()) == tmp_path / "xdg" / "wgangp_tf"
    assert store.cache_directory(Storage(cache_dir="~/mine")) == tmp_path / "mine"


def test_without_a_home_directory_a_line_says_what_to_name(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "nowhere")
    with pytest.raises(UserError, match="expected a home directory to keep prepared data in. Received: none.*--cache_"):
        store.cache_directory(Storage())
    assert features.options_of(Storage()).cache is None


def test_samples_of_another_shape_are_a_fault_of_ours(tmp_path):
    bad = dataclasses.replace(recipe(), read=lambda write: write(np.zeros((4, 4, 3), np.uint8)))
    with pytest.raises(ValueError, match=r"Expected uint8 \(4, 5, 3\). Received: uint8 \(4, 4, 3\)"):
        store.prepared(bad, Storage(cache="none"))


def test_the_report_is_json(tmp_path):
    store.prepared(recipe(), Storage(cache_dir=str(tmp_path)))
    (place,) = stores(tmp_path)
    assert json.loads((place / "facts.json").read_text())["report"] == {"left_out": 1}


@pytest.mark.parametrize("count, words", [(0, "0.0 kB"), (12_345, "12.3 kB"), (2_500_000, "2.5 MB"), (3e9, "3.0 GB")])
def test_amounts_in_words(count, words):
    assert store._amount(count) == words


def test_a_place_that_cannot_be():
    with pytest.raises(UserError, match="prepared data cannot be written to '/proc/nowhere' .No such file"):
        store.prepared(recipe(), Storage(cache_dir="/proc/nowhere"))

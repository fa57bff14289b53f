import contextlib
import errno
import fcntl
import os
import pathlib
import subprocess
import sys
import threading

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


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_a_file_system_that_does_not_sync_is_no_fault(tmp_path, monkeypatch, number):
    asked = []

    def fsync(descriptor):
        asked.append(descriptor)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    files.replace(tmp_path / "a.txt", "new")
    files.sync_tree(tmp_path)
    assert (tmp_path / "a.txt").read_text() == "new"
    assert len(asked) == 4  # the file and its directory, by each


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fails_is_a_fault(tmp_path, monkeypatch, number):
    def fsync(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError) as caught:
        files.sync(tmp_path)
    assert caught.value.errno == number


def test_a_directory_that_cannot_be_read_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "secret").touch()
    opened = os.open

    def refuse(path, *arguments, **keywords):
        if os.fspath(path) in (str(tmp_path), str(tmp_path / "secret")):
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *arguments, **keywords)

    monkeypatch.setattr(os, "open", refuse)
    files.replace(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "new"
    with pytest.raises(PermissionError):
        files.sync(tmp_path / "secret")


_HOLDER = """
import sys
from wgangp_tf import files
lock = files.Lock(sys.argv[1])
assert lock.take() is None
print("held", flush=True)
input()
"""


def test_a_lock_is_held_by_one_and_ends_with_its_process(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, tmp_path / "lock"],
        cwd=pathlib.Path(__file__).resolve().parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    with files.Lock(tmp_path / "lock", create=False) as lock:
        with pytest.raises(BlockingIOError):
            lock.take()
        holder.kill()
        holder.communicate()
        assert lock.take() is None
        with files.Lock(tmp_path / "lock") as other, pytest.raises(BlockingIOError):
            other.take()
    with files.Lock(tmp_path / "lock") as lock:
        assert lock.take() is None


def test_a_lock_is_waited_for_on_demand(tmp_path, monkeypatch):
    flock = fcntl.flock
    holding = files.Lock(tmp_path / "lock")
    holding.take()
    with files.Lock(tmp_path / "lock") as waiting:
        asked = threading.Event()

        def asks(*arguments):
            flock(*arguments)
            assert arguments == (waiting.descriptor, fcntl.LOCK_EX)

        def say():
            monkeypatch.setattr(fcntl, "flock", asks)
            asked.set()

        letting_go = threading.Thread(target=lambda: (asked.wait(30), holding.close()))
        letting_go.start()
        assert waiting.take(say) is None
        letting_go.join()
        assert asked.is_set()


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_told_from_another_process(tmp_path, monkeypatch, number):
    def flock(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with files.Lock(tmp_path / "lock") as lock:
        assert lock.take() == lock.take(lambda: None) == os.strerror(number)


def test_a_lock_that_is_missing_is_made_only_on_demand(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.Lock(tmp_path / "lock", create=False)


def test_alone_leaves_nothing_and_lets_one_in_at_a_time(tmp_path):
    inside, most, waited = [], [], []

    def work(number):
        with files.alone(tmp_path / "lock", lambda: waited.append(number)) as held:
            assert held
            inside.append(number)
            most.append(len(inside))
            files.replace(tmp_path / "a.txt", "a")  # takes a while
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_lock_that_was_removed_while_it_was_waited_for_is_made_again(tmp_path):
    # the third one must not enter by a new file while the second one holds the old
    entered = []
    with contextlib.ExitStack() as first:
        first.enter_context(files.alone(tmp_path / "lock", None))

        def leave():
            first.close()

        second = files.alone(tmp_path / "lock", leave)
        with second, pytest.raises(BlockingIOError), files.alone(tmp_path / "lock", None):
            entered.append("third")
    assert entered == [] and os.listdir(tmp_path) == []


def test_alone_where_there_are_no_locks(tmp_path, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", flock)
    with files.alone(tmp_path / "lock", None) as first, files.alone(tmp_path / "lock", None) as second:
        assert not first and not second
    assert os.listdir(tmp_path) == []


def test_a_directory_that_is_made_must_let_this_program_in(tmp_path, monkeypatch):
    made = os.mkdir

    def mkdir(path, *mode):  # as with umask 777
        if os.path.dirname(path) != str(tmp_path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        made(path, *mode)

    monkeypatch.setattr(os, "mkdir", mkdir)
    files.check_place(tmp_path / "a")
    files.check_place(tmp_path, inside=True)
    for path, kind in (("a/b", {}), ("a", {"inside": True}), ("a", {"directory": True})):
        with pytest.raises(PermissionError):
            files.check_place(tmp_path / path, **kind)
    assert os.listdir(tmp_path) == []

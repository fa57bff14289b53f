"""The run directory on file systems that cannot do all."""

import errno
import fcntl
import os

import pytest

from wgangp_tf.config import Config
from wgangp_tf.errors import UserError
from wgangp_tf.training.run_directory import RunDirectory


@pytest.fixture
def run(tmp_path):
    directory = RunDirectory(tmp_path / "run")
    yield directory
    directory.release()


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_without_locks_it_is_written_and_that_is_said_once(run, monkeypatch, capfd, number):
    def flock(*_):
        raise OSError(number, os.strerror(number))

    run.path.mkdir()
    (run.path / ".config.json.1.part").touch()  # perhaps another process is writing it
    monkeypatch.setattr(fcntl, "flock", flock)
    run.claim()
    run.prepare(Config(), {})
    run.claim()
    (line,) = capfd.readouterr().err.splitlines()
    assert os.strerror(number) in line and repr(str(run.path)) in line and "second process" in line
    assert run.read_config() == Config()
    assert (run.path / ".config.json.1.part").exists()


@pytest.mark.parametrize("number", [errno.EWOULDBLOCK, errno.EAGAIN])
def test_only_a_lock_that_would_block_is_held_by_another(run, monkeypatch, number):
    def flock(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(UserError, match="is in use by another process"):
        run.claim()


def test_a_claim_names_its_holder_and_removes_what_a_dead_one_left(run):
    run.path.mkdir()
    (run.path / ".config.json.1.part").touch()
    (run.checkpoints / ".step-00000010.part").mkdir(parents=True)
    (run.checkpoints / ".step-00000010.part" / "weights.index").touch()
    run.claim()
    run.claim()
    assert [path.name for path in run.path.rglob("*")] == [".lock", "checkpoints"]
    other = RunDirectory(run.path)
    with pytest.raises(UserError, match=f"in use by process {os.getpid()} on .* since 2"):
        other.claim()
    run.release()
    other.claim()
    other.release()


def test_a_file_system_that_does_not_sync_is_no_fault(run, monkeypatch):
    def fsync(descriptor):
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", fsync)
    run.claim()
    run.prepare(Config(), {"a": 1})
    assert run.read_config() == Config() and run.environment()["a"] == 1


@pytest.mark.slow
def test_a_run_and_its_pictures_on_a_file_system_with_neither(train, command, monkeypatch):
    def cannot(descriptor, *_):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(os, "fsync", cannot)
    monkeypatch.setattr(fcntl, "flock", cannot)
    status, _, err = train("--steps=2", "--run_dir=r", "--export_dir=m")
    assert status == 0 and err.count("without locks") == 1
    assert command("generate", "--saved_model=m", "--num_images=1", "--out=a.png") == (0, "a.png\n", "")


def test_checkpoints_that_may_not_be_read_are_not_taken_for_none(tmp_path, monkeypatch):
    directory = RunDirectory(tmp_path)
    assert directory.last_step() is None
    (directory.checkpoints / "step-00000002").mkdir(parents=True)
    assert directory.last_step() == 2

    def denied(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "listdir", denied)
    with pytest.raises(PermissionError):
        directory.last_step()

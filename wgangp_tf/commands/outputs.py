"""Where a command may write: not where no file can be, not among what a run or a SavedModel keeps."""

import os
import pathlib

from wgangp_tf import files, paths
from wgangp_tf.errors import UserError
from wgangp_tf.training import run_directory


def check_file(path, flag, what="a file", added_to=False):
    """Raises a UserError where a command cannot write a file, before any work.

    Args:
      path: of the file; a link is followed.
      flag: that names it.
      what: in words.
      added_to: whether a file that is there stays, so that it is written and not its directory.
    """
    path, expected = os.fspath(path), f"--{flag} expects {what}"
    if not os.path.isdir(os.path.dirname(path) or os.curdir):
        raise UserError(f"{expected} in a directory that exists. Received: {path!r}")
    why = paths.no_file_at(path)
    if why is not None:
        raise UserError(f"{expected}. Received: {path!r}, {why}")
    _check_apart(path, flag)
    if not (added_to and os.path.isfile(path)):
        check(flag, path)
        return
    try:
        with open(path, "ab"):
            pass
    except OSError as error:
        raise _cannot_be_written("file", path, flag, error) from error


def check_directory(path, flag):
    """Raises a UserError where a command cannot write files into a directory, or make it; see `check_file`."""
    path, expected = os.fspath(path), f"--{flag} expects a directory"
    why = paths.no_directory_at(path)
    if why is not None:
        raise UserError(f"{expected}. Received: {path!r}, {why}")
    _check_apart(path, flag)
    check(flag, path, inside=True)


def check_outside(path, flag, folder, words):
    """Raises a UserError where a file would become one of those in a folder that is read."""
    if paths.inside(path, folder):
        raise UserError(f"--{flag} expects a place outside of {words}. Received: {os.fspath(path)!r}")


def check(flag, path, inside=False):
    """Raises a UserError where nothing can be written.

    Args:
      flag: its name.
      path: of a file, or of a directory; a link is followed.
      inside: whether it is a directory that is written into.
    """
    try:
        files.check_place(os.path.realpath(path), inside)
    except OSError as error:
        raise _cannot_be_written("directory" if inside else "file", path, flag, error) from error


def _cannot_be_written(what, path, flag, error):
    return UserError(f"--{flag} expects a {what} that can be written. Received: {os.fspath(path)!r} ({error.strerror})")


def _check_apart(path, flag):
    """Raises a UserError for a place among what a run goes on by, or within a SavedModel."""
    real = pathlib.Path(os.path.realpath(path))
    for above in (real, *real.parents):
        owner = None
        if (above / "saved_model.pb").is_file():
            owner = "SavedModel"
        elif run_directory.keeps(above, real):
            owner = "run"
        if owner is not None:
            raise UserError(
                f"--{flag} expects a place of its own. Received: {os.fspath(path)!r}, among the files of {owner} "
                f"{os.fspath(above)!r}"
            )

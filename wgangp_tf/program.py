"""How this program is called, and by which Python: what its hints tell a user to type."""

import os
import pathlib
import shutil
import sys

from wgangp_tf.errors import UserError

_CHECKOUT = pathlib.Path(__file__).resolve().parents[1]


def words():
    """The words that start this program again from the same folder, without its flags."""
    path = sys.argv[0]
    if os.path.basename(path) == "__main__.py":
        return [sys.orig_argv[0], "-m", "wgangp_tf"]
    return [sys.orig_argv[0], path] if path.endswith(".py") else [path]


def tensorboard():
    """What starts the TensorBoard of this Python: its name alone where a shell finds it."""
    own = os.path.join(os.path.dirname(sys.executable), "tensorboard")
    found = shutil.which("tensorboard")
    if not os.path.exists(own) or (found and os.path.samefile(found, own)):
        return "tensorboard"
    return _short(own)


def lacks(error, checkout=_CHECKOUT):
    """A UserError for a package that this Python does not have.

    Args:
      error: the ModuleNotFoundError.
      checkout: path of the folder that the package wgangp_tf lies in.
    """
    environment = checkout / ".venv"
    if (environment / "bin" / "python").exists() and environment.resolve() != pathlib.Path(sys.prefix).resolve():
        remedy = f"use {_short(environment / 'bin' / 'python')}, which `make train` has set up"
    elif (checkout / "Makefile").exists():
        where = "" if _short(checkout) == "." else f" in {_short(checkout)}"
        remedy = f"`make train`{where} installs one that has it into .venv"
    else:
        remedy = "install it there with pip"
    return UserError(f"this Python ({sys.executable}) has no package {error.name!r}; {remedy}")


def _short(path):
    """A path below the current directory as relative, any other as it is."""
    try:
        relative = os.path.relpath(path)
    except OSError:  # the current directory is not there any more
        return os.fspath(path)
    return os.fspath(path) if relative.startswith("..") else relative

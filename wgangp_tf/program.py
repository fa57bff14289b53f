"""How this program is started: again, for the hints it prints, and at all. Imports nothing that is to be installed."""

import os
import shlex
import shutil
import sys

_OLDEST = (3, 11)


def words():
    """The words that start this program again from the current directory: [interpreter, main.py] or [wgangp-tf]."""
    script = sys.argv[0]
    if not script.endswith(".py"):
        return [_typed(script)]
    if os.path.basename(script) == "__main__.py":  # of `python -m`, which is no script
        return [_interpreter(), "-m", os.path.basename(os.path.dirname(script))]
    return [_interpreter(), script]


def tensorboard():
    """The words that start TensorBoard: the one that is installed with this program."""
    beside = os.path.join(os.path.dirname(sys.executable), "tensorboard")
    if os.path.exists(beside):
        return [_typed(beside)]
    return ["tensorboard"] if shutil.which("tensorboard") else [_interpreter(), "-m", "tensorboard.main"]


def check_python():
    """Raises a ModuleNotFoundError, as for a package that is missing, if this Python is too old."""
    if sys.version_info < _OLDEST:
        found, oldest = (".".join(map(str, version[:2])) for version in (sys.version_info, _OLDEST))
        raise ModuleNotFoundError(f"Python {oldest} or newer is needed, not {found}")


def remedy(error):
    """One line that says which interpreter has what this one lacks.

    Args:
      error: the ModuleNotFoundError.
    """
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(root, ".venv")
    lacks = f"{sys.executable} lacks the package {error.name!r}" if error.name else str(error)
    if os.path.abspath(sys.prefix) == installed:
        advice = f"make it anew: {_make(root)} clean, then {_make(root)} train"
    elif os.access(os.path.join(installed, "bin", "python"), os.X_OK):
        interpreter = _from_here(os.path.join(installed, "bin", "python"))
        advice = f"use the one that has it: {shlex.join([interpreter, *sys.argv])}"
    else:
        advice = f"{_make(root)} train makes an environment that has it"
    return f"error: {lacks}; {advice}"


def _interpreter():
    """The interpreter that runs, as it was typed if that names it still."""
    typed = sys.orig_argv[0] if sys.orig_argv else ""
    if os.sep in typed:
        return typed if os.path.abspath(typed) == sys.executable else _from_here(sys.executable)
    return _typed(sys.executable)


def _typed(path):
    """The name of an executable where the shell finds it by that, else its path."""
    name = os.path.basename(path)
    found = shutil.which(name)
    return name if found is not None and os.path.abspath(found) == os.path.abspath(path) else _from_here(path)


def _from_here(path):
    """A path as it is named in the current directory: relative if it is inside."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def _make(root):
    return "make" if root == os.getcwd() else shlex.join(["make", "-C", root])

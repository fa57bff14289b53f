"""Paths as a user writes them, and places that a file can or cannot be written at."""

import os
import re

from wgangp_tf.errors import UserError

UTF_8 = "in UTF-8, and read as such (PYTHONUTF8=1 sees to it in any locale)"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+:)/")  # of a URL; pathlib leaves one of its two slashes


def checked(path, what, any_bytes=False):
    """A path of this machine as text, its `~` expanded.

    Args:
      path: str, bytes or path, as a user wrote it.
      what: that the user named, for messages: "flag --out".
      any_bytes: whether a name that is not UTF-8 will do; TensorFlow, JSON and HTML need one that is.

    Raises:
      UserError: it is none: empty (an unset variable of a shell), the next flag, a URL, in the home of nobody, or not
        UTF-8.
    """
    text = os.fsdecode(path)
    if not text or text.startswith("--") or "\0" in text:
        raise UserError(f"{what} expects a path. Received: {text!r}")
    scheme = _SCHEME.match(text)
    if scheme and ("://" in text or not os.path.lexists(scheme.group(1))):
        raise UserError(f"{what} expects a path on this machine, not a URL. Received: {text!r}")
    expanded = os.path.expanduser(text)
    if expanded.startswith("~") and not os.path.lexists(expanded.partition(os.sep)[0]):
        raise UserError(f"{what} expects a path, and no home directory is known of. Received: {text!r}")
    if not any_bytes and not in_utf_8(expanded):
        raise UserError(f"{what} expects a path that is {UTF_8}. Received: {text!r}")
    return expanded


def in_utf_8(path):
    """Whether a path is UTF-8: Python takes others, TensorFlow and JSON do not."""
    try:
        os.fspath(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def parted(text):
    """The paths of a text with commas between them, without empty ones: a list of str.

    A path may hold commas of its own, such as those of a run called lr,0.1: one that is there is not parted.
    """
    parts, found = text.split(","), []
    while parts:
        there = (
            count
            for count in range(len(parts), 1, -1)
            if os.path.lexists(os.path.expanduser(",".join(parts[:count]).strip()))
        )
        count = next(there, 1)
        found.append(",".join(parts[:count]).strip())
        del parts[:count]
    return [path for path in found if path]


def no_file_at(path):
    """Why no file can be written at a path, in words; None where one can be, or is one. Links are followed.

    A pipe, a socket or a device is no file: to open one may wait for ever, and to replace one takes it from others.
    """
    if os.path.isdir(path):
        return "which is a directory"
    if os.path.lexists(path) and not os.path.isfile(path):
        return f"which is {_what(path)}"
    above = there(os.path.dirname(path) or os.curdir)
    return None if os.path.isdir(above) else f"where {above!r} is no directory"


def no_directory_at(path):
    """Why there can be no directory at a path, in words; None where there can be, or is one. Links are followed."""
    above = there(path)
    if os.path.isdir(above):
        return None
    return f"where {above!r} is a file" if os.path.isfile(above) else f"where {above!r} is {_what(above)}"


def _what(path):
    return "no file" if os.path.exists(path) else "a link that leads nowhere"


def there(path):
    """The nearest part of a path that exists: itself, or what it would be made in."""
    path = os.fspath(path)
    while not os.path.lexists(path):
        path = os.path.dirname(path.rstrip(os.sep)) or (os.sep if path.startswith(os.sep) else os.curdir)
    return path


def saved_model_around(path):
    """The nearest SavedModel that a path lies in, links followed; None where it lies in none.

    A SavedModel is replaced and deleted whole, by a program that knows nothing of what others have put into it.
    """
    above = os.path.dirname(os.path.realpath(path))
    while not os.path.isfile(os.path.join(above, "saved_model.pb")):
        if above == os.path.dirname(above):
            return None
        above = os.path.dirname(above)
    return above


def inside(path, folder):
    """Whether a path is a folder or lies in it, links followed."""
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return os.path.commonpath([path, folder]) == folder

"""The three ways a command ends early; the command line turns each into an exit status."""

import difflib
import errno
import os

_FEW = 12  # names that still fit a line
_OF_THE_SYSTEM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)


class UserError(ValueError):
    """Input that cannot be used: one line, what was expected and what came. Exit status 2."""


class Diverged(Exception):
    """Training met a value that is not finite. Exit status 3."""


class Interrupted(BaseException):
    """A signal asked the command to stop; no handler of ordinary errors may take it for one of theirs.

    Attributes:
      signal_number: the signal; the exit status is 128 + signal_number.
    """

    def __init__(self, signal_number, message=""):
        super().__init__(message)
        self.signal_number = signal_number


def unknown_name(what, name, known):
    """A UserError for a name that is in no table, with the nearest name that is."""
    known = sorted(known)
    nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    parts = [f"Unknown {what} {str(name)!r}."]
    if nearest:
        parts.append(f"Did you mean {nearest[0]!r}?")
    if not nearest or len(known) <= _FEW:
        parts.append(f"Known: {', '.join(map(_in_list, known))}.")
    return UserError(" ".join(parts))


def _in_list(name):
    """A name between commas: in quotes where its ends would not be seen."""
    return repr(name) if not name or name != name.strip() or "," in name else name


def either(names, word="or"):
    """Names in words: "a", "a or b", "a, b or c"; with "and" or another word before the last."""
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last


def system_reason(error):
    """What the operating system says in an error of Python's or TensorFlow's, "No space left on device" say; or None.

    TensorFlow says it between names of operations and of temporary files, and an error that is not about a disk may be
    of the same class.
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return next((said for said in map(os.strerror, _OF_THE_SYSTEM) if said in str(error)), None)

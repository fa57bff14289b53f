"""The three ways a command ends early; the command line turns each into an exit status."""

import difflib

_FEW = 12  # names that still fit a line


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
        parts.append(f"Known: {', '.join(known)}.")
    return UserError(" ".join(parts))

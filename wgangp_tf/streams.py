"""Standard output and standard error that never stop a program: what cannot be written is dropped, and remembered.

A disk is full, a reader has left, a terminal is closed, an encoding has no letter for a name: none of it undoes hours
of training. So while a command runs, whatever writes to a standard stream, ours or a library's, meets a `Steady` one.
"""

import contextlib
import errno
import io
import os
import sys

_NAMES = ("stdout", "stderr")


class Steady:
    """A stream of text that raises nothing.

    What it is given goes out at once: nothing waits in a buffer, which Python would try to empty at its end, and change
    the exit status where it cannot. What the encoding of the stream does not have is written as an escape.

    Attributes:
      stream: the stream behind it; one that leads nowhere where the process has none.
      lost: the first error of a write, an OSError or another; None where all was written.
      needed: whether its text is what the command was asked for, so that a loss is a failure; see `console.show`.
    """

    def __init__(self, stream):
        self._missing = stream is None
        self.stream = io.StringIO() if stream is None else stream
        self.lost, self.needed = None, False

    def write(self, text):
        """Writes a text; returns its length, as other streams do."""
        try:
            if self._missing:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            _write(self.stream, text)
        except (OSError, ValueError, RuntimeError) as error:  # closed: ValueError; in a signal's handler: RuntimeError
            self.lost = self.lost or error
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            self.stream.flush()

    def isatty(self):
        try:
            return self.stream.isatty()
        except ValueError:  # closed
            return False

    def __getattr__(self, name):
        if name == "stream":  # of a copy that has none yet
            raise AttributeError(name)
        return getattr(self.stream, name)


def steady(stream):
    """A stream, or None, as a `Steady` one."""
    return stream if isinstance(stream, Steady) else Steady(stream)


@contextlib.contextmanager
def all_steady():
    """Makes both standard streams of the process steady meanwhile.

    Yields:
      `Steady`: standard output.
    """
    before = {name: getattr(sys, name) for name in _NAMES}
    ours = {name: steady(stream) for name, stream in before.items()}
    for name, stream in ours.items():
        setattr(sys, name, stream)
    try:
        yield ours["stdout"]
    finally:
        for name, stream in ours.items():
            if getattr(sys, name) is stream:  # else somebody has put another one there
                setattr(sys, name, before[name])


def _write(stream, text):
    """Writes a text at once, in one call of the system where it takes all of it."""
    number = descriptor(stream)
    if number is None:
        stream.write(_encoded(stream, text).decode(_encoding(stream)))
        stream.flush()
        return
    with contextlib.suppress(OSError, RuntimeError):
        stream.flush()  # what was written before comes first
    data = _encoded(stream, text)
    while data:
        data = data[os.write(number, data) :]


def _encoding(stream):
    return getattr(stream, "encoding", None) or "utf-8"


def _encoded(stream, text):
    """A text as bytes: as the stream writes it, a file's name as it is stored; else with escapes."""
    try:
        return text.encode(_encoding(stream), getattr(stream, "errors", None) or "strict")
    except UnicodeError:
        return text.encode(_encoding(stream), "backslashreplace")


def descriptor(stream):
    """The descriptor that a text stream ends in; None of a closed one, and of a notebook's, at which nobody looks."""
    if not isinstance(stream, io.TextIOWrapper):
        return None
    try:
        return stream.fileno()
    except ValueError:  # closed, or `io.UnsupportedOperation`
        return None

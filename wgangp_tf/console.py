"""What the user sees while something is done: lines on standard error, and on a terminal a bar.

Nothing here raises for the sake of a line: a reader who left, a full disk or a closed stream is no reason to stop.
"""

import contextlib
import io
import os
import sys

WIDTH = 80  # of a bar at most, where the terminal is wider: the eye has to find its way back


def say(line):
    """One line on standard error, in one write with its end: lines of several processes never meet on one.

    What the stream's encoding does not have is written as an escape.
    """
    stream = sys.stderr
    if stream is None:  # a program without a console
        return
    text = f"{line}\n"
    encoding = getattr(stream, "encoding", None) or "utf-8"
    with contextlib.suppress(OSError, ValueError, RuntimeError):  # of a signal's handler inside a write: RuntimeError
        descriptor = _descriptor(stream)
        data = text.encode(encoding, "backslashreplace")
        if descriptor is None:
            stream.write(data.decode(encoding))
            stream.flush()
            return
        with contextlib.suppress(OSError, RuntimeError):
            stream.flush()  # what was written before comes first
        # past the stream: its buffers may cut a line, and keep one that a full disk did not take until Python ends,
        # which then changes the exit status
        while data:
            data = data[os.write(descriptor, data) :]


def on_terminal():
    """Whether somebody watches standard error, so that a bar can be drawn."""
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # closed
        return False


@contextlib.contextmanager
def progress(title, total):
    """Shows how far a pass over data is: a line, and on a terminal a bar below it that goes when it is full.

    Args:
      title: what is being done.
      total: samples at most, or None where it is not known.

    Yields:
      A callable to call once a sample.
    """
    say(title if total is None else f"{title} ({total:,})")
    if not on_terminal():
        yield lambda: None
        return
    from tqdm import tqdm

    with tqdm(total=total, unit=" samples", unit_scale=True, file=sys.stderr, leave=False, ncols=width()) as bar:
        yield bar.update


def width():
    """Columns that a bar may take."""
    with contextlib.suppress(OSError, ValueError):
        return min(os.get_terminal_size(sys.stderr.fileno()).columns or WIDTH, WIDTH)
    return WIDTH


def finish(status):
    """Empties the standard streams before a program ends; returns its exit status.

    What cannot be written any more is dropped: Python would try again at its end, complain, and end with 120.

    Args:
      status: int, what the program would end with.

    Returns:
      int: `status`, or 2 where it is 0 but output of the program was lost on a full disk.
    """
    for stream in (sys.stderr, sys.stdout):
        try:
            if stream is not None:
                stream.flush()
        except ValueError:  # closed
            pass
        except OSError as error:
            with contextlib.suppress(OSError, ValueError):
                nothing = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nothing, stream.fileno())
                os.close(nothing)
            if stream is sys.stdout and not isinstance(error, BrokenPipeError) and status == 0:
                say(f"error: cannot write to standard output ({error.strerror})")
                status = 2
    return status


def _descriptor(stream):
    """The file descriptor a stream of text ends in, or None: a notebook's stream has one that nobody looks at."""
    if not isinstance(stream, io.TextIOWrapper):
        return None
    try:
        return stream.fileno()
    except io.UnsupportedOperation:
        return None

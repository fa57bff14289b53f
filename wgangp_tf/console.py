"""What the user sees while something is done: lines on standard error, and on a terminal a bar.

Nothing here raises for the sake of a line: a reader who left, a full disk or a closed stream is no reason to stop.
"""

import contextlib
import os
import sys

from wgangp_tf import streams

_apart = None  # a stream of text on what standard error was, while that leads elsewhere
WIDTH = 80  # of a bar at most, where the terminal is wider: the eye has to find its way back


def say(line):
    """One line on standard error, in one write with its end: lines of several processes never meet on one.

    What the stream's encoding does not have is written as an escape.
    """
    streams.steady(_apart or sys.stderr).write(f"{line}\n")


def show(text=""):
    """A line, or several, of what a command was asked for, on standard output.

    The command goes on where it cannot be written, and ends with another status than 0; see `cli.main`. Where the
    product is a file, and the line only says where it is, it is a `print`: nothing is lost with it.
    """
    stream = streams.steady(sys.stdout)
    stream.needed = True
    stream.write(f"{text}\n")


def on_terminal():
    """Whether somebody watches standard error, so that a bar can be drawn."""
    return streams.steady(_apart or sys.stderr).isatty()


@contextlib.contextmanager
def apart(descriptor):
    """Lines that are said meanwhile are seen though the standard error of the process leads elsewhere.

    What a library writes is not ours to tell, an answer to Ctrl-C is.

    Args:
      descriptor: of what it was. It stays open. Where Python's standard error does not end in it (a notebook's), lines
        go there as ever.
    """
    global _apart
    stream = streams.steady(sys.stderr).stream
    if streams.descriptor(stream) != 2:
        yield
        return
    before = _apart
    with open(descriptor, "w", encoding=stream.encoding, errors=stream.errors, closefd=False) as _apart:
        try:
            yield
        finally:
            _apart = before


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

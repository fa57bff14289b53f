"""What the user sees while data is read: a bar on a terminal, one line elsewhere."""

import contextlib
import sys


def say(line):
    """One line on stderr, for a user who watches; a reader who left is no reason to stop."""
    with contextlib.suppress(BrokenPipeError):
        print(line, file=sys.stderr, flush=True)


@contextlib.contextmanager
def progress(title, total):
    """Shows how far a pass over the data is.

    Args:
      title: what is being done.
      total: samples at most, or None where it is not known.

    Yields:
      A callable to call once a sample.
    """
    if not sys.stderr.isatty():
        say(title if total is None else f"{title} ({total:,})")
        yield lambda: None
        return
    from tqdm import tqdm

    with tqdm(desc=title, total=total, unit=" samples", unit_scale=True, file=sys.stderr) as bar:
        yield bar.update
        bar.total = bar.n  # samples left out are not still to come
        bar.refresh()

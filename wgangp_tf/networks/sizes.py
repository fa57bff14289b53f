"""The sizes that samples go through on their way through convolutions, and the names of layers by them."""

_LEAST = 4  # what is not halved to less


def halved(height, width, times=None):
    """A picture's size and those it is halved to, rounding up: [(28, 28), (14, 14), (7, 7), (4, 4)].

    Args:
      height, width: of the picture in pixels.
      times: how often it is halved; while the short side stays at least 4 where left out.

    Returns:
      list of (height, width), the picture's own first.
    """
    sizes = [(height, width)]
    while len(sizes) <= times if times is not None else min(_half(sizes[-1])) >= _LEAST:
        sizes.append(_half(sizes[-1]))
    return sizes


def each_halved(size):
    """A size and those it is brought to where each axis is halved by itself, rounding up, while it stays at least 4.

    [(3, 20), (3, 10), (3, 5)]. Where no axis can be halved the size comes twice: convolutions have one level at least.

    Args:
      size: of any number of axes.

    Returns:
      list of tuples, the size itself first.
    """
    sizes = [tuple(size)]
    while True:
        halves = zip(sizes[-1], _half(sizes[-1]), strict=True)
        smaller = tuple(half if half >= _LEAST else side for side, half in halves)
        if smaller == sizes[-1]:
            return sizes if len(sizes) > 1 else sizes * 2
        sizes.append(smaller)


def strides(larger, smaller):
    """By how much each axis is halved from one size to the next: 2, or 1 where it stays."""
    return tuple(1 if have == want else 2 for have, want in zip(larger, smaller, strict=True))


def _half(size):
    return tuple(-(-side // 2) for side in size)


def label(size, number=0):
    """The name of a size, "48x80" or "128"; of the second block of that size "48x80b", then "48x80c", …

    Layers carry it, so that curves and checkpoints do not depend on what else a process has built.
    """
    return "x".join(map(str, size)) + (chr(ord("a") + number) if number else "")

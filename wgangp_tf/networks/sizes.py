"""The sizes that a picture goes through on its way through convolutions, and the names of layers by them."""


def halved(height, width, times=None):
    """A picture's size and those it is halved to, rounding up: [(28, 28), (14, 14), (7, 7), (4, 4)].

    Args:
      height, width: of the picture in pixels.
      times: how often it is halved; while the short side stays at least 4 where left out.

    Returns:
      list of (height, width), the picture's own first.
    """
    sizes = [(height, width)]
    while len(sizes) <= times if times is not None else min(_half(sizes[-1])) >= 4:
        sizes.append(_half(sizes[-1]))
    return sizes


def _half(size):
    return tuple(-(-side // 2) for side in size)


def label(size, number=0):
    """The name of a size, "48x80"; of the second block of that size "48x80b", then "48x80c", …

    Layers carry it, so that curves and checkpoints do not depend on what else a process has built.
    """
    return "x".join(map(str, size)) + (chr(ord("a") + number) if number else "")

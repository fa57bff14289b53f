"""Pictures changed at random on their way to the critic, real and generated ones alike.

A critic that knows its few training pictures by heart cannot know all their changed versions. The generator is not
taught to make changed pictures as long as all changes are differentiable, and the critic sees no picture without them
(Zhao et al. 2020, arXiv 2006.10738, section 3.2).

Each kind is a pure function of the pictures and of numbers in [0, 1), some for each picture. A number of 1/2 changes
nothing, exactly.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

# Share of pictures that is mirrored. Were it a half, the critic would see a picture and its mirror image equally often,
# and the generator could make either; so it must make the one that is seen more often.
_MIRRORED = 0.25
_PART_OF_SIDE = 8  # a picture is moved by at most this part of its side (Zhao et al. 2020, appendix)


def flip(pictures, numbers):
    """Pictures, some of them mirrored left to right.

    Args:
      pictures: float32 [batch, height, width, channels].
      numbers: float32 [batch, 1]; below 1/4 is mirrored.

    Returns:
      float32 of the same shape.
    """
    mirrored = tf.reshape(numbers < _MIRRORED, [-1, 1, 1, 1])
    return tf.where(mirrored, tf.reverse(pictures, [2]), pictures)


def translate(pictures, numbers):
    """Pictures moved by whole pixels, up to an eighth of their height and width, rounded.

    What comes in at the border is 0, the middle of [−1, 1], as in the paper's program: no edge of a picture is likely
    to look like that, so that the critic sees how far a picture was moved, and the generator need not make moved ones.

    Args:
      pictures: float32 [batch, height, width, channels].
      numbers: float32 [batch, 2] in [0, 1), of the way down and of the way to the right; all ways are equally likely.

    Returns:
      float32 of the same shape.
    """
    for axis in (1, 2):
        side = pictures.shape[axis]
        most = int(side / _PART_OF_SIDE + 0.5)
        way = tf.cast(tf.floor(numbers[:, axis - 1] * (2 * most + 1)), tf.int32) - most
        padding = [[most, most] if each == axis else [0, 0] for each in range(4)]
        places = most + tf.range(side) - way[:, None]
        pictures = tf.gather(tf.pad(pictures, padding), places, axis=axis, batch_dims=1)
    return pictures


def color(pictures, numbers):
    """Pictures of another brightness, saturation and contrast, in this order; values may leave [−1, 1].

    x + b; then m + s (x − m), m the mean over the channels of a pixel: nothing for pictures of one channel; then
    m + c (x − m), m the mean over a picture. b is in [−1/2, 1/2), s in [0, 2), c in [1/2, 3/2), as in the paper.

    Args:
      pictures: float32 [batch, height, width, channels].
      numbers: float32 [batch, 3] in [0, 1), of the three.

    Returns:
      float32 of the same shape.
    """
    brightness, saturation, contrast = (tf.reshape(numbers[:, k], [-1, 1, 1, 1]) for k in range(3))
    pictures = pictures + (brightness - 0.5)
    # written as a change, which is exactly 0 where the number is 1/2
    of_pixel = tf.reduce_mean(pictures, axis=3, keepdims=True)
    pictures = pictures + (2.0 * saturation - 1.0) * (pictures - of_pixel)
    of_picture = tf.reduce_mean(pictures, axis=[1, 2, 3], keepdims=True)
    return pictures + (contrast - 0.5) * (pictures - of_picture)


class Kind(NamedTuple):
    """A way to change pictures.

    Attributes:
      numbers: how many it takes for each picture.
      change: callable (pictures, numbers [batch, how many]) -> pictures.
    """

    numbers: int
    change: Callable


# in the order that they are done; each takes numbers of its own, so that it draws the same beside others and alone
KINDS = {"color": Kind(3, color), "flip": Kind(1, flip), "translate": Kind(2, translate)}
NUMBERS = sum(kind.numbers for kind in KINDS.values())


def augment(pictures, numbers, kinds):
    """Pictures changed in some ways.

    Args:
      pictures: [batch, height, width, channels].
      numbers: float32 [batch, NUMBERS] in [0, 1).
      kinds: names of `KINDS`, in any order.

    Returns:
      float32 of the same shape, differentiable in `pictures`.
    """
    pictures, first = tf.cast(pictures, tf.float32), 0
    for name, kind in KINDS.items():
        if name in kinds:
            pictures = kind.change(pictures, numbers[:, first : first + kind.numbers])
        first += kind.numbers
    return pictures


def names(kinds):
    """Names of `KINDS` as a tuple.

    Raises:
      ValueError: they are one name, whose letters would be taken for names, or no names.
    """
    if isinstance(kinds, str) or not isinstance(kinds, (list, tuple, set, frozenset)):
        raise ValueError(f"augment must be a tuple of names of {', '.join(KINDS)}. Received: augment={kinds!r}")
    return tuple(kinds)


def check(kinds, spec):
    """Raises a ValueError unless samples of a `samples.spec.Spec` can be changed in these ways."""
    for name in kinds:
        if name not in KINDS:
            raise ValueError(f"augment must be of {', '.join(KINDS)}. Received: {name!r}")
    if kinds and spec.kind != "images":
        raise ValueError(f"Only images can be augmented. Received: augment={','.join(kinds)} for {spec.kind}")

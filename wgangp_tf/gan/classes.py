"""Classes drawn as often as the data has them, and what labels must be."""

import numpy as np
import tensorflow as tf

from wgangp_tf.gan import asserted

ANY = -1  # a label that leaves the class to the data's frequencies


def shares(class_frequencies):
    """Shares of the classes, float64 [classes] summing to 1.

    Args:
      class_frequencies: numbers, how frequent each class is beside the others: shares, or counts.

    Raises:
      ValueError: they are no numbers, fewer than two, negative, not finite, or all zero.
    """
    try:
        found = np.asarray(class_frequencies, np.float64)
    except (TypeError, ValueError):  # words, or rows of several lengths
        found = np.empty(0)
    if found.ndim != 1 or len(found) < 2 or not np.isfinite(found).all() or found.min() < 0 or not found.any():
        raise ValueError(
            "class_frequencies must be one number a class, at least two of them, none negative. "
            f"Received: class_frequencies={class_frequencies}"
        )
    return found / found.sum()


def drawn(uniform, shares):
    """The class that each of uniform numbers stands for, classes as frequent as their shares.

    Args:
      uniform: float32 [n] in [0, 1).
      shares: float64 [classes], see `shares`.

    Returns:
      int32 [n]; a class of share 0 is never among them.
    """
    ends = np.cumsum(shares)
    ends[np.flatnonzero(shares)[-1] :] = 1.0  # rounding must not leave a gap, and the last classes may have no share
    # the number of classes that end before it; not a search, which not every device has
    return tf.reduce_sum(tf.cast(uniform[:, None] >= tf.constant(ends[:-1], tf.float32), tf.int32), axis=1)


def asked(labels, count, classes):
    """The labels that somebody asks samples of, int32 array [count].

    Args:
      labels: int [count], or one int for all; `ANY` leaves a class open.
      count: int.
      classes: int, how many there are; None where the networks take none.

    Raises:
      ValueError: they are not that many, no integers, out of range, or there are no classes.
    """
    if classes is None:
        raise ValueError("labels are for networks that take classes. Received: labels, and networks without")
    found = np.asarray(labels)
    if found.dtype.kind not in "iu" or found.shape not in ((), (count,)):
        raise ValueError(
            f"labels must be integers, one for each of {count} samples or one for all. "
            f"Received: {found.dtype.name} of shape {found.shape}"
        )
    out = found[(found < ANY) | (found >= classes)]
    if out.size:
        raise ValueError(f"labels must be in [0, {classes - 1}], or -1 for any. Received: {out.flat[0]}")
    return np.broadcast_to(found, (count,)).astype(np.int32)


def checked(labels, classes, least=0):
    """Labels, int32 [n], that a graph refuses to take where one is no class.

    Args:
      labels: integer tensor [n].
      classes: int, how many there are.
      least: int, the least label: `ANY` where the class may be left open.

    Raises:
      tf.errors.InvalidArgumentError: one is not in [least, classes), when it is known; never in what XLA compiles,
        which leaves assertions out.
    """
    labels = tf.cast(labels, tf.int32)
    told = f"labels must be integers in [{least}, {classes - 1}], one a sample. Received:"
    lowest, highest = tf.reduce_min(labels), tf.reduce_max(labels)
    within = tf.reduce_all((labels >= least) & (labels < classes))
    return asserted.holding(labels, within, told, tf.where(lowest < least, lowest, highest))

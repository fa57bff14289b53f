"""Random numbers as a pure function of what they are for: nothing to save, nothing shared by accident.

A draw is keyed by (seed of the run, use, step, critic update, replica), so that a continued run draws what the
uninterrupted one would have, and each replica draws its own. The algorithm is named in every draw, so that a seed means
the same on every device. Keys are the same under XLA too; floats are not, which TensorFlow makes otherwise there.
"""

import enum

import tensorflow as tf

ALGORITHM = "philox"


class Use(enum.IntEnum):
    """What a draw is for; two uses never share numbers. Append only: the values are part of a run's randomness."""

    CRITIC_LATENTS = 0
    INTERPOLATION = 1
    GENERATOR_LATENTS = 2
    VALIDATION = 3
    SAMPLE_GRID = 4  # not drawn with any more: pictures show the first samples of GENERATE
    GENERATE = 5
    FLIP = 6
    DEQUANTIZE = 7
    AROUND_REAL = 8
    VALIDATION_INTERPOLATION = 9
    VALIDATION_AROUND_REAL = 10
    VALIDATION_DEQUANTIZE = 11


def key(seed, use, *counters):
    """The seed of one stateless draw.

    Args:
      seed: int, of the run.
      use: `Use`.
      *counters: ints or integer scalars, such as step, critic update, replica.

    Returns:
      int32 [2], for `tf.random.stateless_*`.
    """
    folded = tf.stack([tf.cast(seed, tf.int32), tf.constant(int(use), tf.int32)])
    for counter in counters:
        folded = tf.random.experimental.stateless_fold_in(folded, tf.cast(counter, tf.int32), alg=ALGORITHM)
    return folded


def normal(shape, seed):
    """float32 draws from N(0, 1); the first rows do not depend on how many are drawn."""
    return tf.random.stateless_normal(shape, seed, alg=ALGORITHM)


def uniform(shape, seed):
    """float32 draws from U[0, 1); the first rows do not depend on how many are drawn."""
    return tf.random.stateless_uniform(shape, seed, alg=ALGORITHM)

"""Random numbers as a pure function of what they are for: nothing to save, nothing shared by accident.

A draw is keyed by (seed of the run, use, step, critic update or other counter), so that a continued run draws what the
uninterrupted one would have; replicas take their own samples' part of one draw (`gan.draws`). The algorithm is named in
every draw, so that a seed means the same on every device. Keys are the same under XLA too; floats are not, which
TensorFlow makes otherwise there.
"""

import enum
import hashlib

import tensorflow as tf

ALGORITHM = "philox"
VERSION = 2  # of the keys: the draws of a run of another version are others
_COUNTER, _REPLICA = 13, 14  # bits in a key; the five above them are the use's


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
    AUGMENT_REAL = 12
    AUGMENT_FAKE = 13
    GENERATOR_AUGMENT_REAL = 14
    GENERATOR_AUGMENT_FAKE = 15
    VALIDATION_AUGMENT_REAL = 16
    VALIDATION_AUGMENT_FAKE = 17
    GENERATOR_LABELS = 18
    GENERATE_LABELS = 19
    GENERATE_NOISE = 20


_OF_CHUNKS = (Use.GENERATE, Use.GENERATE_LABELS, Use.GENERATE_NOISE)


def key(seed, use, step=0, counter=0, replica=0):
    """The seed of one stateless draw.

    For one seed, distinct (use, step, counter, replica) have distinct keys, without exception: use, counter and
    replica are packed into one word of 32 bits, the step is the other. Both are then XORed with a hash of the seed of
    64 bits, so that other seeds have other keys by chance alone: two runs of S steps with N draws each share one with
    a probability of about S·N² / 2**64, a billionth for 200,000 steps of 300 draws.

    `Use.GENERATE`, `Use.GENERATE_LABELS` and `Use.GENERATE_NOISE` are keyed by TensorFlow's fold-in of (seed, use) with
    `step`, the number of a chunk, and take tensors for a seed: what a published SavedModel draws stays. Of one seed and
    use these keys are distinct too. (Fold-in keeps 32 bits of what it folds into: those of two uses are distinct by
    chance alone.)

    Args:
      seed: int of 32 bits, of the run; for those three also an integer tensor [].
      use: `Use`.
      step: int or integer tensor [], at least 0 and below 2**31.
      counter: the same, below 2**13: what tells several draws of a use in a step apart, such as the critic update.
      replica: the same, below 2**14.

    Returns:
      int32 [2], for `tf.random.stateless_*`.

    Raises:
      ValueError: an int is out of range.
    """
    for name, value, bits in (("step", step, 31), ("counter", counter, _COUNTER), ("replica", replica, _REPLICA)):
        if isinstance(value, int) and not 0 <= value < 2**bits:
            raise ValueError(f"{name} must be in [0, 2**{bits}). Received: {name}={value}")
    step = tf.cast(step, tf.int32)
    if use in _OF_CHUNKS:
        folded = tf.stack([tf.cast(seed, tf.int32), tf.constant(int(use), tf.int32)])
        return tf.random.experimental.stateless_fold_in(folded, step, alg=ALGORITHM)
    if not -(2**31) <= int(seed) < 2**32:
        raise ValueError(f"seed must have 32 bits. Received: seed={seed}")
    of_step, of_place = _hashed(int(seed) % 2**32)
    place = tf.cast(counter, tf.int32) * 2**_REPLICA + tf.cast(replica, tf.int32)
    above = _signed(int(use) << (_COUNTER + _REPLICA))
    place = tf.bitwise.bitwise_xor(place, tf.constant(above ^ of_place, tf.int32))
    return tf.stack([tf.bitwise.bitwise_xor(step, tf.constant(of_step, tf.int32)), place])


def folded(key, number):
    """The key of the number-th of several draws that have one key, int32 [2]."""
    return tf.random.experimental.stateless_fold_in(key, tf.cast(number, tf.int32), alg=ALGORITHM)


def _hashed(seed):
    """Two signed words of 32 bits that look random, from a seed in [0, 2**32)."""
    digest = hashlib.blake2b(seed.to_bytes(4, "little"), digest_size=8).digest()
    return [_signed(int.from_bytes(digest[place : place + 4], "little")) for place in (0, 4)]


def _signed(word):
    """The int32 of the same bits as a word in [0, 2**32)."""
    return word - 2**32 if word >= 2**31 else word


def normal(shape, seed):
    """float32 draws from N(0, 1); the first rows do not depend on how many are drawn."""
    return tf.random.stateless_normal(shape, seed, alg=ALGORITHM)


def uniform(shape, seed):
    """float32 draws from U[0, 1); the first rows do not depend on how many are drawn."""
    return tf.random.stateless_uniform(shape, seed, alg=ALGORITHM)

"""From a split to the batches of each step: which samples, in which order, is a function of the global step alone."""

import numpy as np
import tensorflow as tf

from wgangp_tf import randomness
from wgangp_tf.data import pictures
from wgangp_tf.data.order import Order
from wgangp_tf.randomness import Use

_AHEAD = 2  # reads made, and batches kept, at a time: tf.data's own choice keeps more of them the slower the disk is
# Small batches are read several at a time: a call of Python's costs 0.1 ms, however little it reads.
_MOST_READ_AT_ONCE = 16
_BYTES_READ_AT_ONCE = 2**18


def training_batches(
    split, *, seed, batch_size, n_critic, steps, start_step=0, replicas=1, flip=False, dequantize=False
):
    """One batch a step, from `start_step` to `steps`.

    Every epoch is a true permutation of the split, another one each epoch. Nothing needs to be saved to continue:
    the batch of a step is the same whether the run began at 0 or at that step.

    Args:
      split: `source.Split`.
      seed: int, of the run.
      batch_size: samples per critic update, over all replicas.
      n_critic: critic updates per step.
      steps: the step to end before.
      start_step: the first step.
      replicas: replicas a batch is cut over, contiguously; a divisor of `batch_size`. Each replica receives
        [n_critic, batch_size / replicas] samples, so that critic update k sees, over all replicas, the samples one
        device would see.
      flip: mirror each picture left to right with probability 1/2.
      dequantize: see `pictures.to_float`.

    Returns:
      tf.data.Dataset of float32 [n_critic * batch_size, *sample], or of {"samples": …, "labels": int32 […]}.
    """
    per_step = n_critic * batch_size
    order = Order(len(split), seed)
    row_bytes = np.dtype(split.samples.dtype).itemsize * int(np.prod(split.sample_shape))
    at_once = min(max(_BYTES_READ_AT_ONCE // (per_step * row_bytes), 1), _MOST_READ_AT_ONCE)
    layout = np.arange(per_step).reshape(n_critic, replicas, -1).transpose(1, 0, 2).reshape(-1)

    def arranged(values):
        return values if replicas == 1 else tf.gather(values, layout)

    def rows(step):
        count = min(at_once, steps - step)
        return order(step * per_step + np.arange(count * per_step)).reshape(count, per_step)

    def batch(step, found):
        samples = found["samples"]
        if samples.dtype == tf.uint8:
            if flip:
                samples = _flip(samples, randomness.key(seed, Use.FLIP, step))
            noise = randomness.key(seed, Use.DEQUANTIZE, step) if dequantize else None
            samples = pictures.to_float(samples, noise)
        samples = arranged(samples)
        return {"samples": samples, "labels": arranged(found["labels"])} if "labels" in found else samples

    numbers = tf.data.Dataset.range(start_step, steps)
    read = _reader(split, rows, [None, per_step])
    reads = tf.data.Dataset.range(start_step, steps, at_once).map(read, num_parallel_calls=_AHEAD, deterministic=True)
    batches = tf.data.Dataset.zip(numbers, reads.unbatch()).map(batch, num_parallel_calls=1)
    # `unbatch` forgets how many there are, and without it `fit` asks for one more
    counted = batches.apply(tf.data.experimental.assert_cardinality(max(steps - start_step, 0)))
    return _unsharded(counted.prefetch(_AHEAD))


def complete_batches(split, batch_size, dequantize=False, limit=None):
    """The samples of a split (at most `limit` of them, evenly spread) once, in order, the remainder included.

    Returns:
      tf.data.Dataset of float32 [at most batch_size, *sample].
    """
    count = len(split) if limit is None else min(limit, len(split))
    rows = np.arange(count) * len(split) // count  # spread: many a data set is sorted by class
    read = _reader(split, lambda start: rows[start : start + batch_size], [None])

    def batch(start):
        samples = read(start)["samples"]
        if samples.dtype == tf.uint8:
            noise = randomness.key(0, Use.DEQUANTIZE, start) if dequantize else None
            samples = pictures.to_float(samples, noise)
        return samples

    return _unsharded(tf.data.Dataset.range(0, count, batch_size).map(batch).prefetch(1))


def _reader(split, index, shape):
    """A function of a number: the rows of a split that a NumPy function has for it.

    Args:
      split: `source.Split`.
      index: callable of an int, rows of the split: int64 array of any shape.
      shape: of that array, None where it varies.

    Returns:
      Callable of an int64 tensor []: {"samples": tensor [*shape, *sample], "labels": int32 [*shape] where there are
      some}.
    """
    arrays = {"samples": split.samples} | ({} if split.labels is None else {"labels": split.labels})

    def read(number):
        rows = index(int(number))
        # flat, because readers of files take no other rows
        return [array[rows.ravel()].reshape(*rows.shape, *array.shape[1:]) for array in arrays.values()]

    def tensors(number):
        # one call for all: each waits for Python's lock; stateless, so that it stays parallel where determinism is
        # asked for
        dtypes = [tf.as_dtype(array.dtype) for array in arrays.values()]
        found = dict(zip(arrays, tf.numpy_function(read, [number], dtypes, stateful=False), strict=True))
        for name, array in arrays.items():
            found[name].set_shape([*shape, *array.shape[1:]])
        return found

    return tensors


def _flip(samples, seed):
    chosen = randomness.uniform([tf.shape(samples)[0], 1, 1, 1], seed) < 0.5
    return tf.where(chosen, tf.reverse(samples, [2]), samples)


def _unsharded(dataset):
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return dataset.with_options(options)

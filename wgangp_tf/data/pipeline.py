"""From a split to the batches of each step: which samples, in which order, is a function of the global step alone."""

import numpy as np
import tensorflow as tf

from wgangp_tf import randomness
from wgangp_tf.data import pictures
from wgangp_tf.data.order import Order
from wgangp_tf.randomness import Use

_AHEAD = 2  # batches made, and kept, at a time: tf.data's own choice keeps more of them the slower the disk is


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
    layout = np.arange(per_step).reshape(n_critic, replicas, -1).transpose(1, 0, 2).reshape(-1)

    def arranged(rows):
        return rows if replicas == 1 else tf.gather(rows, layout)

    def batch(step):
        positions = step * per_step + tf.range(per_step, dtype=tf.int64)
        index = _stateless(order, [positions], tf.int64, [per_step])
        samples = _gather(split.samples, index)
        if samples.dtype == tf.uint8:
            if flip:
                samples = _flip(samples, randomness.key(seed, Use.FLIP, step))
            noise = randomness.key(seed, Use.DEQUANTIZE, step) if dequantize else None
            samples = pictures.to_float(samples, noise)
        samples = arranged(samples)
        if split.labels is None:
            return samples
        return {"samples": samples, "labels": arranged(_gather(split.labels, index))}

    batches = tf.data.Dataset.range(start_step, steps).map(batch, num_parallel_calls=_AHEAD, deterministic=True)
    return _unsharded(batches.prefetch(_AHEAD))


def complete_batches(split, batch_size, dequantize=False, limit=None):
    """The samples of a split (at most `limit` of them, evenly spread) once, in order, the remainder included.

    Returns:
      tf.data.Dataset of float32 [at most batch_size, *sample].
    """
    count = len(split) if limit is None else min(limit, len(split))
    rows = np.arange(count) * len(split) // count  # spread: many a data set is sorted by class

    def batch(start):
        index = tf.constant(rows)[start : start + batch_size]
        samples = _gather(split.samples, index)
        if samples.dtype == tf.uint8:
            noise = randomness.key(0, Use.DEQUANTIZE, start) if dequantize else None
            samples = pictures.to_float(samples, noise)
        return samples

    return _unsharded(tf.data.Dataset.range(0, count, batch_size).map(batch).prefetch(1))


def _gather(array, index):
    """Rows of an array by index."""
    return _stateless(
        lambda i: np.ascontiguousarray(array[i]), [index], array.dtype, [index.shape[0], *array.shape[1:]]
    )


def _stateless(function, inputs, dtype, shape):
    """A NumPy function as an op; declared stateless, so that it stays parallel where determinism is asked for."""
    result = tf.numpy_function(function, inputs, tf.as_dtype(dtype), stateful=False)
    result.set_shape(shape)
    return result


def _flip(samples, seed):
    chosen = randomness.uniform([tf.shape(samples)[0], 1, 1, 1], seed) < 0.5
    return tf.where(chosen, tf.reverse(samples, [2]), samples)


def _unsharded(dataset):
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return dataset.with_options(options)

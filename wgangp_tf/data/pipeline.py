"""From a split to the batches of each step: which samples, in which order, is a function of the global step alone."""

import numpy as np
import tensorflow as tf

from wgangp_tf.data.order import Order

_AHEAD = 2  # reads made, and batches kept, at a time: tf.data's own choice keeps more of them the slower the disk is
# Small batches are read several at a time: a call of Python's costs 0.1 ms, however little it reads.
_MOST_READ_AT_ONCE = 16
_BYTES_READ_AT_ONCE = 2**18


def training_batches(split, *, seed, batch_size, n_critic, steps, start_step=0, replicas=1, local=None):
    """One batch a step, from `start_step` to `steps`, of samples as they are stored.

    Every epoch is a true permutation of the split, another one each epoch. Nothing needs to be saved to continue:
    the batch of a step is the same whether the run began at 0 or at that step.

    Args:
      split: `source.Split`.
      seed: int, of the run.
      batch_size: samples per critic update, over all replicas.
      n_critic: critic updates per step.
      steps: the step to end before.
      start_step: the first step.
      local: range of the replicas that are wanted, whose samples alone are read; None for all.
      replicas: replicas a batch is cut over, contiguously; a divisor of `batch_size`. Each replica receives
        [n_critic, batch_size / replicas] samples, so that critic update k sees, over all replicas, the samples one
        device would see; sample i of replica r is number i·replicas + r of them, as random draws are counted.

    Returns:
      tf.data.Dataset of [n_critic * batch_size, *sample] (of the share of the replicas that are wanted), or of
      {"samples": …, "labels": int32 […]}.
    """
    per_step = n_critic * batch_size
    order = Order(len(split), seed)
    row_bytes = np.dtype(split.samples.dtype).itemsize * int(np.prod(split.sample_shape))
    at_once = min(max(_BYTES_READ_AT_ONCE // (per_step * row_bytes), 1), _MOST_READ_AT_ONCE)
    layout = np.arange(per_step).reshape(n_critic, -1, replicas).transpose(2, 0, 1)
    layout = layout[slice(None) if local is None else slice(local.start, local.stop)].reshape(-1)

    def rows(step):
        count = min(at_once, steps - step)
        return order(step * per_step + np.arange(count * per_step)).reshape(count, per_step)[:, layout]

    def batch(found):
        return found if "labels" in found else found["samples"]

    read = _reader(split, rows, [None, len(layout)])
    reads = tf.data.Dataset.range(start_step, steps, at_once).map(read, num_parallel_calls=_AHEAD, deterministic=True)
    batches = reads.unbatch().map(batch, num_parallel_calls=1)
    # `unbatch` forgets how many there are, and without it `fit` asks for one more
    counted = batches.apply(tf.data.experimental.assert_cardinality(max(steps - start_step, 0)))
    return _unsharded(counted.prefetch(_AHEAD))


def complete_batches(split, batch_size, limit=None):
    """The samples of a split (at most `limit` of them, evenly spread) once, in order, the remainder included.

    Returns:
      List of arrays [at most batch_size, *sample] as they are stored, or of {"samples": …, "labels": int32 […]}.
    """
    count = len(split) if limit is None else min(limit, len(split))
    rows = np.arange(count) * len(split) // count  # spread: many a data set is sorted by class
    parts = [rows[start : start + batch_size] for start in range(0, count, batch_size)]
    if split.labels is None:
        return [split.samples[part] for part in parts]
    return [{"samples": split.samples[part], "labels": split.labels[part]} for part in parts]


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


def _unsharded(dataset):
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return dataset.with_options(options)

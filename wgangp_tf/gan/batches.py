"""What a batch of real samples must be, and its parts."""

from typing import Any, NamedTuple

import tensorflow as tf

from wgangp_tf.gan import asserted
from wgangp_tf.gan import classes as of_classes


class Batch(NamedTuple):
    """Samples and, where the data has them, their labels.

    Attributes:
      samples: float32 [batch, *sample], as the networks see them.
      labels: int32 [batch], or None.
    """

    samples: Any
    labels: Any = None

    @property
    def count(self):
        return tf.shape(self.samples)[0]


def read(batch, sample_shape, stored_as="float32", classes=None):
    """What `fit` hands over, as a `Batch` of samples as they are stored.

    Args:
      batch: tensor [n, *sample], or a dict with one as "samples" and perhaps int [n] "labels"; as Keras has it also
        (samples,), and for networks that take classes (samples, labels).
      sample_shape: of one sample, as it is stored.
      stored_as: "float32", or "uint8" where a codec decodes them.
      classes: int, how many there are, where the networks take classes: there must be labels then.

    Raises:
      ValueError: it is something else, has another shape, holds integers that nothing decodes, or lacks labels.
      tf.errors.InvalidArgumentError: a label is no class, when it is known.
    """
    batch = _one(batch, classes)
    if isinstance(batch, (tuple, list)) or (isinstance(batch, dict) and "samples" not in batch):
        received = f"dict with {', '.join(map(repr, batch))}" if isinstance(batch, dict) else _kinds(batch)
        raise ValueError(f'A batch must be a tensor of samples, or a dict with "samples". Received: {received}')
    labels = batch.get("labels") if isinstance(batch, dict) else None
    samples = tf.convert_to_tensor(batch["samples"] if isinstance(batch, dict) else batch)
    if not samples.dtype.is_floating and samples.dtype.name != stored_as:
        raise ValueError(f"Samples must be floats, images in [-1, 1]. Received: dtype={samples.dtype.name}")
    if samples.shape.rank is not None and not samples.shape[1:].is_compatible_with(sample_shape):
        axes = ", ".join(map(str, ("batch", *sample_shape)))
        raise ValueError(f"Samples must be [{axes}], as the generator makes them. Received: {tuple(samples.shape)}")
    if samples.dtype.is_floating:
        samples = tf.cast(samples, tf.float32)
    return Batch(samples, _labels(labels, samples, classes))


def _kinds(batch):
    return f"{type(batch).__name__} of {len(batch)}"


def _one(batch, classes):
    """What Keras packs as (x,), (x, y) or (x, y, sample_weight): x alone, or a dict where y are labels."""
    if not isinstance(batch, tuple):
        return batch
    x, y, weights = (*batch, None, None)[:3]
    if len(batch) > 3 or isinstance(x, (tuple, list)) or weights is not None:
        return batch
    if y is None:
        return x
    if classes is None:
        raise ValueError(
            "Labels are for networks that take classes, GAN(…, class_frequencies=…): give samples alone. "
            "Received: (samples, labels)"
        )
    return batch if isinstance(x, dict) else {"samples": x, "labels": y}


def _labels(labels, samples, classes):
    """int32 [batch], or None where there are none and none are needed."""
    if classes is None:
        return None if labels is None else tf.cast(labels, tf.int32)
    if labels is None:
        raise ValueError(
            'Networks that take classes learn from {"samples": …, "labels": int [batch]}. Received: samples alone'
        )
    labels = tf.convert_to_tensor(labels)
    if not labels.dtype.is_integer or not labels.shape.is_compatible_with(samples.shape[:1]):
        raise ValueError(
            f"Labels must be integers, one a sample, {samples.shape[:1]}. "
            f"Received: {labels.dtype.name} of shape {labels.shape}"
        )
    return of_classes.checked(labels, classes)


def labelled_like(batch, count):
    """Labels of `count` samples, int32 [count]: those of a `Batch`, over and over; None where it has none."""
    if batch.labels is None:
        return None
    return tf.gather(batch.labels, tf.range(count) % batch.count)


def critic_parts(real, n_critic, accumulate=1):
    """The real samples of each critic update, all different, in the parts that its gradient is summed over.

    Part k among P has the samples k, k + P, … of an update, as replicas have: the first ones of all parts are the first
    ones of the update.

    Args:
      real: `Batch` of n_critic × batch_size samples.
      n_critic: int.
      accumulate: int, parts of an update.

    Returns:
      List of n_critic lists of `accumulate` `Batch`, of batch_size / accumulate samples each.

    Raises:
      ValueError: the samples cannot be divided evenly; tf.errors.InvalidArgumentError where their number is known
        only when the step runs.
    """
    count, parts = real.samples.shape[0], n_critic * accumulate
    expected = f"A batch must hold n_critic x batch_size samples on each replica, a multiple of {parts}."
    if count is None:
        told = f"{expected} Drop the remainder. Received:"
        real = Batch(asserted.holding(real.samples, real.count % parts == 0, told, real.count, "samples"), real.labels)
    elif count == 0 or count % parts:
        raise ValueError(f"{expected} Received: {count} samples")
    samples = tf.split(real.samples, n_critic)
    labels = [None] * n_critic if real.labels is None else tf.split(real.labels, n_critic)
    return [_parts(Batch(*update), accumulate) for update in zip(samples, labels, strict=True)]


def _parts(update, count):
    """The `Batch` of an update in so many parts."""

    def cut(tensor):
        return tf.unstack(tf.reshape(tensor, [-1, count, *tensor.shape[1:]]), axis=1)

    if count == 1:
        return [update]
    labels = [None] * count if update.labels is None else cut(update.labels)
    return [Batch(*part) for part in zip(cut(update.samples), labels, strict=True)]

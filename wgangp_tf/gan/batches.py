"""What a batch of real samples must be, and its parts."""

import tensorflow as tf


def real_samples(batch):
    """The samples of a batch.

    Args:
      batch: float tensor [n, *sample], or a dict with one as "samples".

    Returns:
      float32 [n, *sample].

    Raises:
      ValueError: it is something else, or holds integers.
    """
    if isinstance(batch, (tuple, list)) or (isinstance(batch, dict) and "samples" not in batch):
        received = f"dict with {', '.join(map(repr, batch))}" if isinstance(batch, dict) else type(batch).__name__
        raise ValueError(f'A batch must be a tensor of samples, or a dict with "samples". Received: {received}')
    samples = tf.convert_to_tensor(batch["samples"] if isinstance(batch, dict) else batch)
    if not samples.dtype.is_floating:
        raise ValueError(f"Samples must be floats, images in [-1, 1]. Received: dtype={samples.dtype.name}")
    return tf.cast(samples, tf.float32)


def critic_parts(real, n_critic):
    """The real samples of each critic update, all different.

    Args:
      real: float32 [n_critic × batch_size, *sample].
      n_critic: int.

    Returns:
      List of n_critic tensors, float32 [batch_size, *sample].

    Raises:
      ValueError: the samples cannot be divided evenly; tf.errors.InvalidArgumentError where their number is known
        only when the step runs.
    """
    count = real.shape[0]
    expected = f"A batch must hold n_critic x batch_size samples on each replica, a multiple of {n_critic}."
    if count is None:
        even = tf.debugging.assert_equal(tf.shape(real)[0] % n_critic, 0, f"{expected} Drop the remainder.")
        with tf.control_dependencies([even]):
            real = tf.identity(real)
    elif count == 0 or count % n_critic:
        raise ValueError(f"{expected} Received: {count} samples")
    return tf.split(real, n_critic)

"""Features that a network computes."""

import numpy as np
import tensorflow as tf


class Batched:
    """See `features.Pixels`; float32, computed in batches of one size, the last filled up with zeros.

    So a sample's features depend on its place in the block at most, and the blocks of an `evaluator.Evaluator` do not
    depend on how the samples came.

    Attributes:
      name, digest, classes: see `features.Pixels`.
    """

    cheap = False

    def __init__(self, name, network, *, batch, digest, classes=None, device="/CPU:0"):
        """
        Args:
          name, digest, classes: see `features.Pixels`.
          network: callable of tensors, uint8 [batch, h, w, c] → (features float32 [batch, d], class probabilities
            float32 [batch, classes] or None).
          batch: int.
          device: a processor unless another is named: what is small is as quick there, and has float32's products,
            where a GPU's may be TF32's.
        """
        self.name, self.digest, self.classes = name, digest, classes
        self._batch, self._device = batch, device
        self._network = tf.function(network, autograph=False)

    def __call__(self, samples):
        samples = np.asarray(samples)
        found = [self._one(samples[k : k + self._batch]) for k in range(0, len(samples), self._batch)]
        rows, probabilities = zip(*found, strict=True)
        return np.concatenate(rows), None if self.classes is None else np.concatenate(probabilities)

    def _one(self, samples):
        filled = np.zeros((self._batch, *samples.shape[1:]), samples.dtype)
        filled[: len(samples)] = samples
        with tf.device(self._device):
            rows, probabilities = self._network(tf.constant(filled))
        return rows.numpy()[: len(samples)], None if probabilities is None else probabilities.numpy()[: len(samples)]

"""Samples between three places: as they are stored, as the networks see them (float32), and in the user's units."""

import tensorflow as tf

# below 1 by more than float32 can tell beside a level of 255: more noise would round up to the next level
_MOST_NOISE = 1.0 - 2.0**-16


class Codec:
    """Carries samples of a `Spec` there and back, in TensorFlow, so that it runs on the device and in a SavedModel."""

    def __init__(self, spec, flip=False):
        """
        Args:
          spec: `Spec`.
          flip: whether training mirrors each picture left to right with probability 1/2.

        Raises:
          ValueError: `flip` for samples that are no pictures.
        """
        if flip and spec.kind != "images":
            raise ValueError(f"Only images can be mirrored. Received: flip={flip} for {spec.kind}")
        self.spec = spec
        self.flip = flip

    def decode(self, stored, noise=None, mirrored=None):
        """Stored samples as the networks see them.

        Args:
          stored: [batch, *sample as stored] of the spec's dtype; float32 for pictures is passed as it is.
          noise: float32 of the same shape in [0, 1), for dequantised samples; None for half a level.
          mirrored: bool [batch], which pictures are mirrored; None for none.

        Returns:
          float32 [batch, *sample]: x/127.5 − 1 for uint8 pictures; 2·(x/256 − 1/2) + noise/128 for dequantised ones
          (Gulrajani et al. 2017, the CIFAR-10 ResNet script); (x − offset)/factor where there is a scale.
        """
        values = tf.cast(stored, tf.float32)
        if not self.spec.channel_axis:
            values = values[..., tf.newaxis]
        if stored.dtype == tf.uint8 and self.spec.encoding == "dequantized":
            noise = 0.5 if noise is None else tf.minimum(noise, _MOST_NOISE)
            values = values / 128.0 - 1.0 + noise / 128.0
        elif stored.dtype == tf.uint8:
            values = values / 127.5 - 1.0
        elif self.spec.scale is not None:
            factor, offset = self._scale()
            values = (values - offset) / factor
        if mirrored is not None:
            values = tf.where(tf.reshape(mirrored, [-1, 1, 1, 1]), tf.reverse(values, [2]), values)
        return values

    def encode(self, samples):
        """The networks' samples in the user's units, the inverse of `decode`.

        Args:
          samples: float32 [batch, *sample]; values outside [−1, 1] of pictures, or beyond the spec's reach, are cut.

        Returns:
          [batch, *sample as stored], uint8 for pictures, float32 otherwise.
        """
        if self.spec.encoding == "float32":
            return self._encode_floats(samples)
        dequantized = self.spec.encoding == "dequantized"
        levels = tf.floor((samples + 1.0) * 128.0) if dequantized else tf.round((samples + 1.0) * 127.5)
        return tf.cast(tf.clip_by_value(levels, 0.0, 255.0), tf.uint8)

    def _encode_floats(self, samples):
        values = tf.identity(samples)
        if self.spec.reach is not None:
            values = tf.clip_by_value(values, -self.spec.reach, self.spec.reach)
        if self.spec.scale is not None:
            factor, offset = self._scale()
            values = values * factor + offset
        return values if self.spec.channel_axis else values[..., 0]

    def _scale(self):
        scale = self.spec.scale
        return (tf.reshape(tf.constant(part, tf.float32), scale.shape) for part in (scale.factor, scale.offset))

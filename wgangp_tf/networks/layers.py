"""Normalisation by name, and the initialisers of the paper's scripts."""

import math

import keras

_EPSILON = 1e-5


def normalization(name, rank, layer_name=None):
    """A normalisation layer.

    Args:
      name: "none", "layer" (statistics over all axes of a sample, scale and offset per channel: the paper's
        replacement for batch normalisation in the critic), "instance" (statistics per sample and channel) or "batch".
      rank: axes of a sample; 1 for vectors, 3 for images.
      layer_name: of the layer.

    Returns:
      A Keras layer, or None for "none".

    Raises:
      ValueError: "instance" on vectors, whose channels are single numbers.
    """
    if name == "none":
        return None
    if name == "batch":
        return keras.layers.BatchNormalization(momentum=0.9, epsilon=_EPSILON, name=layer_name)
    if name == "layer":
        if rank == 1:
            return keras.layers.LayerNormalization(epsilon=_EPSILON, name=layer_name)
        # not LayerNormalization(axis=[1, 2, 3]), which has a scale for each element
        return keras.layers.GroupNormalization(groups=1, epsilon=_EPSILON, name=layer_name)
    if rank == 1:
        raise ValueError("instance normalization needs images. Received: vectors")
    return keras.layers.GroupNormalization(groups=-1, epsilon=_EPSILON, name=layer_name)


def normalized(x, name, layer_name=None):
    """`x` [batch, *sample] through the normalisation of that name."""
    layer = normalization(name, len(x.shape) - 1, layer_name)
    return x if layer is None else layer(x)


def convolution_initializer(channels_in, channels_out, kernel, stride, transposed=False):
    """U(−σ√3, σ√3) with σ = √(4 / (fan_in + fan_out)), strides counted (the paper's scripts, "he" initialisation)."""
    area = kernel**2
    fan_in = channels_in * area / (stride**2 if transposed else 1)
    fan_out = channels_out * area / (1 if transposed else stride**2)
    limit = math.sqrt(3 * 4 / (fan_in + fan_out))
    return keras.initializers.RandomUniform(-limit, limit)

"""Operations of a sample through a Keras network, layer by layer: another count than that of `wgangp_tf`."""

import math

import keras
from keras import layers


def forward_operations(network):
    """A multiplication and an addition for each weight and each place that it is used at: int."""
    return sum(_of_layer(layer) for layer in network.layers)


def _of_layer(layer):
    if isinstance(layer, keras.Model):
        return forward_operations(layer)
    if isinstance(layer, layers.Conv2DTranspose):  # before Conv2D, whose child it may be
        return 2 * math.prod(layer.input.shape[1:3]) * math.prod(layer.kernel.shape)
    if isinstance(layer, layers.Conv2D):
        return 2 * math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape)
    if isinstance(layer, layers.Dense):
        return 2 * math.prod(layer.kernel.shape)
    return 0

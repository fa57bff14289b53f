"""Convolutions that Keras has not: joined with a change of size, and in groups. All may be differentiated twice."""

import keras
import numpy as np
from keras import layers


class _Convolution(layers.Layer):
    """The weights of a 3x3 convolution with biases.

    Args:
      channels: of the result.
      kernel_initializer: of the kernel.
      groups: that the channels fall into, each convolved by itself.
    """

    def __init__(self, channels, kernel_initializer, groups=1, **keywords):
        super().__init__(**keywords)
        self.channels, self.kernel_initializer, self.groups = channels, kernel_initializer, groups

    def build(self, shape):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(3, 3, shape[-1] // self.groups, self.channels),
            initializer=self.kernel_initializer,
        )
        self.bias = self.add_weight(name="bias", shape=(self.channels,), initializer="zeros")


class PooledConvolution(_Convolution):
    """A 3x3 convolution followed by the mean of each 2x2 pixels, as one 4x4 convolution of stride 2.

    The same function for less than half the work, of sizes that are even; an odd one is halved rounding up.
    """

    def call(self, x):
        return keras.ops.conv(x, _spread(self.kernel) / 4, strides=2, padding="same") + self.bias


class DoubledConvolution(_Convolution):
    """Each pixel repeated 2x2, followed by a 3x3 convolution, as one transposed 4x4 convolution of stride 2.

    The same function for less than half the work. Each pixel of the larger picture sees all nine weights, where
    transposed convolutions with a kernel of their own see more of it at some pixels than at others and leave stripes.
    """

    def call(self, x):
        kernel = keras.ops.transpose(keras.ops.flip(_spread(self.kernel), axis=(0, 1)), (0, 1, 3, 2))
        return keras.ops.conv_transpose(x, kernel, strides=2, padding="same") + self.bias


def _spread(kernel):
    """The sum of a 3x3 kernel's four places within 4x4."""
    places = [((row, 1 - row), (column, 1 - column), (0, 0), (0, 0)) for row in (0, 1) for column in (0, 1)]
    return sum(keras.ops.pad(kernel, place) for place in places)


class GroupedConvolution(_Convolution):
    """A 3x3 convolution within groups of channels.

    Keras' own compiles groups with XLA, and without oneDNN TensorFlow has no gradient of them on a processor: here each
    group is a convolution.
    """

    def call(self, x):
        split = keras.ops.split
        pairs = zip(split(x, self.groups, axis=-1), split(self.kernel, self.groups, axis=-1), strict=True)
        return keras.ops.concatenate([keras.ops.conv(a, b, padding="same") for a, b in pairs], axis=-1) + self.bias


class SmoothlyHalved(layers.Layer):
    """Half the size, rounding up: each pixel the mean of 4x4 with weights (1, 3, 3, 1) / 8 along each axis.

    These are the weights with which linear interpolation doubles a size. Beyond its edges the picture is zero.
    """

    def call(self, x):
        line = np.array([1, 3, 3, 1]) / 8
        weights = np.repeat(np.outer(line, line)[:, :, None, None], x.shape[-1], axis=2)
        return keras.ops.depthwise_conv(x, keras.ops.cast(weights, x.dtype), strides=2, padding="same")

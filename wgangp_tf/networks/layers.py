"""The layers that networks are made of: drawn, normalised and named alike; and normalisation by name."""

import dataclasses

import keras
from keras import layers

from wgangp_tf.networks import initializers, normalizations, rectifiers
from wgangp_tf.networks.sizes import label

_EPSILON = 1e-5
_SLOPE = 0.2


@dataclasses.dataclass(frozen=True)
class Parts:
    """The layers of one network: each method takes x [batch, *sample] and a name, and gives what its layer makes of x.

    Attributes:
      initializer: key of the table in `initializers`.
      normalization: see `normalization`.
      bias: whether dense layers and convolutions have biases where not said otherwise.
    """

    initializer: str = "paper"
    normalization: str = "none"
    bias: bool = True

    def dense(self, x, units, name, *, he=False, dtype=None):
        kernel = initializers.dense(self.initializer, x.shape[-1], units, he=he)
        return layers.Dense(units, use_bias=self.bias, kernel_initializer=kernel, dtype=dtype, name=name)(x)

    def convolution(self, x, channels, kernel, name, *, stride=1, he=True, gain=1.0, bias=None):
        drawn = self.kernel(x.shape[-1], channels, kernel, stride=stride, he=he, gain=gain)
        bias = self.bias if bias is None else bias
        if kernel == 1 and stride > 1:
            # the same in two layers: by one, the gradient of its kernel writes beyond its memory (TensorFlow 2.21 with
            # oneDNN, on a processor)
            x = layers.AveragePooling2D(1, strides=stride, padding="same", name=f"{name}_every_{stride}")(x)
            stride = 1
        return layers.Conv2D(
            channels, kernel, strides=stride, padding="same", use_bias=bias, kernel_initializer=drawn, name=name
        )(x)

    def doubled_convolution(self, x, channels, kernel, size, name):
        """A transposed convolution of stride 2, cut to `size`, which is twice that of x or one pixel less."""
        drawn = self.kernel(x.shape[-1], channels, kernel, stride=2, transposed=True)
        return cropped(
            layers.Conv2DTranspose(
                channels, kernel, strides=2, padding="same", use_bias=self.bias, kernel_initializer=drawn, name=name
            )(x),
            size,
            f"crop_{label(size)}",
        )

    def kernel(self, channels_in, channels_out, kernel, **how):
        """The initializer of a convolution's kernel, see `initializers.convolution`."""
        return initializers.convolution(self.initializer, channels_in, channels_out, kernel, **how)

    def normalized(self, x, name):
        return normalized(x, self.normalization, name)

    def maps(self, latents, size, channels):
        """A dense layer of the latents, as maps [batch, height, width, channels]."""
        height, width = size
        x = self.dense(latents, height * width * channels, "dense")
        return layers.Reshape((height, width, channels), name="maps")(x)

    def scores(self, x):
        """One score a sample, float32 [batch, 1]."""
        return self.dense(x, 1, "scores", dtype="float32")


def latents(latent_dim):
    return keras.Input((latent_dim,), name="latents")


def pictures(x):
    """x through tanh, float32."""
    return layers.Activation("tanh", dtype="float32", name="tanh")(x)


def leaky_relu(x, name):
    return rectifiers.LeakyReLU(_SLOPE, name=name)(x)


def relu(x, name):
    return rectifiers.ReLU(name=name)(x)


def doubled(x, size, name, interpolation="nearest"):
    """x at twice its size, cut to `size`."""
    return cropped(layers.UpSampling2D(2, interpolation=interpolation, name=name)(x), size, f"{name}_crop")


def pooled(x, name):
    """The mean of each 2x2 pixels: half the size, rounding up; at an odd edge the mean of those there are."""
    return layers.AveragePooling2D(2, padding="same", name=name)(x)


def cropped(x, size, name):
    """x without the last row and column where it has more than `size`."""
    excess = tuple((0, have - want) for have, want in zip(x.shape[1:3], size, strict=True))
    if not any(side for _, side in excess):
        return x
    return layers.Cropping2D(excess, name=name)(x)


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
            return normalizations.LayerNormalization(epsilon=_EPSILON, name=layer_name)
        # not LayerNormalization(axis=[1, 2, 3]), which has a scale for each element
        return normalizations.GroupNormalization(groups=1, epsilon=_EPSILON, name=layer_name)
    if rank == 1:
        raise ValueError("instance normalization needs images. Received: vectors")
    return normalizations.GroupNormalization(groups=-1, epsilon=_EPSILON, name=layer_name)


def normalized(x, name, layer_name=None):
    """`x` [batch, *sample] through the normalisation of that name."""
    layer = normalization(name, len(x.shape) - 1, layer_name)
    return x if layer is None else layer(x)

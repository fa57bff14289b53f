"""The layers that networks are made of: drawn, normalised and named alike; and normalisation by name."""

import dataclasses
import math

import keras
from keras import layers

from wgangp_tf.networks import initializers, normalizations, rectifiers
from wgangp_tf.networks.sizes import label, strides

_EPSILON = 1e-5
_SLOPE = 0.2
# by the axes that a kernel is moved along: signals, pictures, volumes
_CONVOLUTIONS = {1: layers.Conv1D, 2: layers.Conv2D, 3: layers.Conv3D}
_TRANSPOSED = {1: layers.Conv1DTranspose, 2: layers.Conv2DTranspose, 3: layers.Conv3DTranspose}


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
        """A convolution of signals, pictures or volumes, which x says; `stride` is one for all axes or for each."""
        axes = len(x.shape) - 2
        drawn = self.kernel(x.shape[-1], channels, kernel, stride=stride, axes=axes, he=he, gain=gain)
        bias = self.bias if bias is None else bias
        if kernel == 1 and stride != 1:
            # the same in two layers: by one, the gradient of its kernel writes beyond its memory (TensorFlow 2.21 with
            # oneDNN, on a processor)
            x = layers.AveragePooling2D(1, strides=stride, padding="same", name=f"{name}_every_{stride}")(x)
            stride = 1
        return _CONVOLUTIONS[axes](
            channels, kernel, strides=stride, padding="same", use_bias=bias, kernel_initializer=drawn, name=name
        )(x)

    def doubled_convolution(self, x, channels, kernel, size, name, dtype=None):
        """A transposed convolution, cut to `size`: along each axis as x, or twice that, or one less than twice."""
        stride = strides(size, x.shape[1:-1])
        drawn = self.kernel(x.shape[-1], channels, kernel, stride=stride, axes=len(size), transposed=True)
        larger = _TRANSPOSED[len(size)](
            channels,
            kernel,
            strides=stride,
            padding="same",
            use_bias=self.bias,
            kernel_initializer=drawn,
            dtype=dtype,
            name=name,
        )
        return cropped(larger(x), size, f"crop_{label(size)}", dtype)

    def kernel(self, channels_in, channels_out, kernel, **how):
        """The initializer of a convolution's kernel, see `initializers.convolution`."""
        return initializers.convolution(self.initializer, channels_in, channels_out, kernel, **how)

    def inputs(self, x):
        """What a network takes whose samples or latents are x: x, and where it takes classes, their labels."""
        return x

    def embedded(self, z):
        """Latents, with what they say of the class beside them where there are classes."""
        return z

    def normalized(self, x, name):
        return normalized(x, self.normalization, name)

    def maps(self, latents, size, channels):
        """A dense layer of the latents, as maps [batch, *size, channels]."""
        x = self.dense(latents, math.prod(size) * channels, "dense")
        return layers.Reshape((*size, channels), name="maps")(x)

    def scores(self, x):
        """One score a sample, float32 [batch, 1]."""
        return self.dense(x, 1, "scores", dtype="float32")


def latents(latent_dim):
    return keras.Input((latent_dim,), name="latents")


def pictures(x):
    """x through tanh, float32."""
    return layers.Activation("tanh", dtype="float32", name="tanh")(x)


def samples(x, spec):
    """x as samples of a `Spec`, float32: through tanh where they have bounds, which it reaches, else as it is."""
    return pictures(x) if spec.bounded else layers.Activation("linear", dtype="float32", name="linear")(x)


def exact(spec):
    """The type that the layer before `samples` computes in: what no tanh brings into float32 is computed in it."""
    return None if spec.bounded else "float32"


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


def cropped(x, size, name, dtype=None):
    """x [batch, *larger, channels] without what it has at the end of an axis beyond `size`."""
    excess = tuple((0, have - want) for have, want in zip(x.shape[1:-1], size, strict=True))
    if not any(side for _, side in excess):
        return x
    if len(size) == 1:
        return layers.Cropping1D(excess[0], dtype=dtype, name=name)(x)
    return (layers.Cropping2D if len(size) == 2 else layers.Cropping3D)(excess, dtype=dtype, name=name)(x)


def normalization(name, rank, layer_name=None, plain=False):
    """A normalisation layer.

    Args:
      name: "none", "layer" (statistics over all axes of a sample, scale and offset per channel: the paper's
        replacement for batch normalisation in the critic), "instance" (statistics per sample and channel) or "batch".
      rank: axes of a sample; 1 for vectors, 2 for signals, 3 for pictures, 4 for volumes.
      layer_name: of the layer.
      plain: whether it has neither scales nor offsets, which are then somebody else's.

    Returns:
      A Keras layer, or None for "none".

    Raises:
      ValueError: "instance" on vectors, whose channels are single numbers.
    """
    if name == "none":
        return None
    how = {"epsilon": _EPSILON, "name": layer_name} | ({"center": False, "scale": False} if plain else {})
    if name == "batch":
        return keras.layers.BatchNormalization(momentum=0.9, **how)
    if name == "layer":
        if rank == 1:
            return normalizations.LayerNormalization(**how)
        # not LayerNormalization(axis=[1, 2, 3]), which has a scale for each element
        return normalizations.GroupNormalization(groups=1, **how)
    if rank == 1:
        raise ValueError("instance normalization needs images. Received: vectors")
    return normalizations.GroupNormalization(groups=-1, **how)


def normalized(x, name, layer_name=None, plain=False):
    """`x` [batch, *sample] through the normalisation of that name."""
    layer = normalization(name, len(x.shape) - 1, layer_name, plain)
    return x if layer is None else layer(x)

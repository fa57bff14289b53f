"""Strided convolutions, after DCGAN as the WGAN-GP paper's scripts use it, for images of any size; and variants of it.

The picture is halved, rounding up, while its short side stays at least 4; the generator doubles and crops along the
same sizes (28 ← 14 ← 7 ← 4, as the paper's MNIST network does). Channels double with each halving, from `width` at
the picture to at most 8 × `width`.
"""

import keras
from keras import layers

from wgangp_tf.networks.layers import Parts, latents, leaky_relu, pictures, relu
from wgangp_tf.networks.sizes import halved, label

_MOST = 8  # times the width


def build(
    spec,
    *,
    latent_dim,
    width,
    generator_normalization,
    critic_normalization,
    initializer,
    kernel=5,
    bias=True,
    nonlinearity="relu",
    constant=False,
):
    """See `registry.build`.

    Args:
      kernel: height and width of each convolution.
      bias: whether convolutions and dense layers have biases.
      nonlinearity: key of `NONLINEARITIES`, in both networks.
      constant: whether all maps of the generator have `width` channels.
    """
    generator = Parts(initializer, generator_normalization, bias)
    critic = Parts(initializer, critic_normalization, bias)
    return (
        _generator(generator, spec.shape, latent_dim, width, kernel, nonlinearity, 1 if constant else _MOST),
        critic_of(critic, spec.shape, width, kernel, nonlinearity),
    )


def _depths(width, count, most=_MOST):
    """Channels from the largest halved size to the smallest."""
    return [width * min(2**level, most) for level in range(count)]


def _generator(parts, shape, latent_dim, width, kernel, nonlinearity, most):
    *size, channels = shape
    sizes = halved(*size)
    depths = [channels, *_depths(width, len(sizes) - 1, most)]
    activate, _, wider = NONLINEARITIES[nonlinearity]
    z = latents(latent_dim)
    x = parts.maps(z, sizes[-1], wider * depths[-1])
    for level in reversed(range(len(sizes) - 1)):
        have = label(sizes[level + 1])
        x = activate(parts.normalized(x, f"normalization_{have}"), f"{nonlinearity}_{have}")
        wanted = depths[level] * (wider if level else 1)
        x = parts.doubled_convolution(x, wanted, kernel, sizes[level], f"convolution_{label(sizes[level])}")
    return keras.Model(z, pictures(x), name="generator")


def critic_of(parts, shape, width, kernel=5, nonlinearity="relu"):
    """The critic alone, for those that pair it with another generator.

    Args:
      parts: `layers.Parts`.
      shape: of a sample.
      width, kernel, nonlinearity: see `build`.

    Returns:
      Built Keras model, [n, *shape] -> [n, 1].
    """
    _, activate, wider = NONLINEARITIES[nonlinearity]
    sizes = halved(*shape[:2])
    x = samples = keras.Input(shape, name="samples")
    for level, (size, depth) in enumerate(zip(sizes[1:], _depths(width, len(sizes) - 1), strict=True)):
        have = label(size)
        x = parts.convolution(x, wider * depth, kernel, f"convolution_{have}", stride=2)
        if level:  # the first convolution sees the picture itself, whose statistics say what it shows
            x = parts.normalized(x, f"normalization_{have}")
        x = activate(x, f"{nonlinearity}_{have}")
    return keras.Model(samples, parts.scores(layers.Flatten(name="flat")(x)), name="critic")


class _Gate(layers.Layer):
    """σ(a)·tanh(b) of the two halves of the channels, as PixelCNN has it."""

    def call(self, x):
        a, b = keras.ops.split(x, 2, axis=-1)
        return keras.ops.sigmoid(a) * keras.ops.tanh(b)


def _tanh(x, name):
    return layers.Activation("tanh", name=name)(x)


def _gated(x, name):
    return _Gate(name=name)(x)


# (of the generator, of the critic, how many times the channels it takes)
NONLINEARITIES = {"relu": (relu, leaky_relu, 1), "tanh": (_tanh, _tanh, 1), "gated": (_gated, _gated, 2)}

"""Strided convolutions, after DCGAN as the WGAN-GP paper's scripts use it, for samples of any size; and variants of it.

The picture is halved, rounding up, while its short side stays at least 4; the generator doubles and crops along the
same sizes (28 ← 14 ← 7 ← 4, as the paper's MNIST network does). Channels double with each halving, from `width` at
the picture to at most 8 × `width`.

Signals [length, channels] and volumes [depth, height, width, channels] go the same way in one dimension and in three,
vectors as signals of one channel. There, and in arrays of two dimensions and pictures below 7x7, each axis is halved by
itself while it stays at least 4: a volume of 5 x 64 x 64 is 5 x 4 x 4 at the end. What ends in no tanh ends as it is.
"""

import keras
from keras import layers

from wgangp_tf.networks.by_class import pair
from wgangp_tf.networks.layers import Parts, exact, latents, leaky_relu, relu, samples
from wgangp_tf.networks.sizes import each_halved, halved, label, strides

_MOST = 8  # times the width
_LEAST_PICTURE = 7  # pixels of the short side: less cannot be halved to 4


def build(
    spec,
    *,
    latent_dim,
    width,
    generator_normalization,
    critic_normalization,
    initializer,
    condition=None,
    kernel=5,
    bias=True,
    nonlinearity="relu",
    constant=False,
):
    """See `registry.build`.

    Args:
      kernel: length of each convolution along each axis.
      bias: whether convolutions and dense layers have biases.
      nonlinearity: key of `NONLINEARITIES`, in both networks.
      constant: whether all maps of the generator have `width` channels.
    """
    generator, critic = pair(
        condition, Parts(initializer, generator_normalization, bias), Parts(initializer, critic_normalization, bias)
    )
    return (
        _generator(generator, spec, latent_dim, width, kernel, nonlinearity, 1 if constant else _MOST),
        critic_of(critic, spec, width, kernel, nonlinearity),
    )


def _depths(width, count, most=_MOST):
    """Channels from the largest halved size to the smallest."""
    return [width * min(2**level, most) for level in range(count)]


def _maps(spec):
    """(the sizes that a sample goes through, its channels); a vector is a signal of one channel."""
    *size, channels = spec.shape if len(spec.shape) > 1 else (*spec.shape, 1)
    of_papers = spec.kind == "images" and min(size) >= _LEAST_PICTURE
    return halved(*size) if of_papers else each_halved(size), channels


def _generator(parts, spec, latent_dim, width, kernel, nonlinearity, most):
    sizes, channels = _maps(spec)
    depths = [channels, *_depths(width, len(sizes) - 1, most)]
    activate, _, wider = NONLINEARITIES[nonlinearity]
    z = latents(latent_dim)
    x = parts.maps(parts.embedded(z), sizes[-1], wider * depths[-1])
    for level in reversed(range(len(sizes) - 1)):
        have = label(sizes[level + 1])
        x = activate(parts.normalized(x, f"normalization_{have}"), f"{nonlinearity}_{have}")
        wanted, dtype = depths[level] * (wider if level else 1), None if level else exact(spec)
        x = parts.doubled_convolution(x, wanted, kernel, sizes[level], f"convolution_{label(sizes[level])}", dtype)
    if len(spec.shape) == 1:
        x = layers.Reshape(spec.shape, dtype=exact(spec), name="vector")(x)
    return keras.Model(parts.inputs(z), samples(x, spec), name="generator")


def critic_of(parts, spec, width, kernel=5, nonlinearity="relu"):
    """The critic alone, for those that pair it with another generator.

    Args:
      parts: `layers.Parts`.
      spec: `samples.spec.Spec`.
      width, kernel, nonlinearity: see `build`.

    Returns:
      Built Keras model, [n, *sample] (and labels [n], where the parts take them) -> [n, 1].
    """
    _, activate, wider = NONLINEARITIES[nonlinearity]
    sizes, _ = _maps(spec)
    x = given = keras.Input(spec.shape, name="samples")
    if len(spec.shape) == 1:
        x = layers.Reshape((*spec.shape, 1), name="signal")(x)
    for level, (size, depth) in enumerate(zip(sizes[1:], _depths(width, len(sizes) - 1), strict=True)):
        have = label(size)
        x = parts.convolution(x, wider * depth, kernel, f"convolution_{have}", stride=strides(sizes[level], size))
        if level:  # the first convolution sees the sample itself, whose statistics say what it shows
            x = parts.normalized(x, f"normalization_{have}")
        x = activate(x, f"{nonlinearity}_{have}")
    return keras.Model(parts.inputs(given), parts.scores(layers.Flatten(name="flat")(x)), name="critic")


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

"""Residual networks for pictures of any size that people bring, made to be cheap.

The picture is halved, rounding up, while its short side stays at least 4; channels double with each halving, from
`width` at the picture to at most 8 × `width`. Sizes double by repeating pixels before a convolution and halve by means
of 2x2 behind one: strided transposed convolutions leave stripes. A shortcut, which no convolution smooths, doubles by
linear interpolation, which leaves even surfaces smoother than repeated pixels do.

Where the paper's blocks have both 3x3 convolutions at the larger of their two sizes, these have one at each, the one
that changes the size in the form that costs least (`convolutions`), and normalise at the smaller size.
"""

import keras
from keras import layers

from wgangp_tf.networks.by_class import pair
from wgangp_tf.networks.convolutions import DoubledConvolution, PooledConvolution
from wgangp_tf.networks.layers import Parts, cropped, doubled, latents, pictures, pooled, relu
from wgangp_tf.networks.sizes import halved, label


def build(spec, *, latent_dim, width, generator_normalization, critic_normalization, initializer, condition=None):
    """See `registry.build`."""
    sizes = halved(*spec.shape[:2])
    depths = [width * min(2**level, 8) for level in range(len(sizes))]
    generator, critic = pair(
        condition, Parts(initializer, generator_normalization), Parts(initializer, critic_normalization)
    )
    return (
        _generator(generator, spec.shape, sizes, depths, latent_dim),
        _critic(critic, spec.shape, sizes, depths),
    )


def _generator(parts, shape, sizes, depths, latent_dim):
    z = latents(latent_dim)
    x = parts.maps(parts.embedded(z), sizes[-1], depths[-1])
    for size, depth in reversed(list(zip(sizes[:-1], depths, strict=False))):
        x = _up(parts, x, depth, size)
    x = relu(parts.normalized(x, "normalization"), "relu")
    return keras.Model(
        parts.inputs(z), pictures(parts.convolution(x, shape[-1], 3, "convolution", he=False)), name="generator"
    )


def _up(parts, x, channels, size):
    name = label(size)
    y = relu(parts.normalized(x, f"normalization_{name}_1"), f"relu_{name}_1")
    y = parts.convolution(y, channels, 3, f"convolution_{name}_1")
    y = relu(parts.normalized(y, f"normalization_{name}_2"), f"relu_{name}_2")
    y = DoubledConvolution(channels, parts.kernel(channels, channels, 3), name=f"convolution_{name}_2")(y)
    y = cropped(y, size, f"crop_{name}")
    shortcut = x if x.shape[-1] == channels else parts.convolution(x, channels, 1, f"shortcut_{name}", he=False)
    shortcut = doubled(shortcut, size, f"shortcut_double_{name}", interpolation="bilinear")
    return layers.Add(name=f"sum_{name}")([shortcut, y])


def _critic(parts, shape, sizes, depths):
    samples = keras.Input(shape, name="samples")
    # what it sees is the picture itself, whose statistics say what it shows: not normalised
    x = parts.convolution(samples, depths[0], 3, f"convolution_{label(sizes[0])}")
    for level, (size, depth) in enumerate(zip(sizes[1:], depths[1:], strict=True)):
        x = _down(parts, x, depth, size, normalize=level > 0)
    x = layers.Flatten(name="flat")(relu(x, "relu"))
    return keras.Model(parts.inputs(samples), parts.scores(x), name="critic")


def _down(parts, x, channels, size, normalize):
    name, have = label(size), x.shape[-1]
    y = parts.normalized(x, f"normalization_{name}_1") if normalize else x
    y = PooledConvolution(have, parts.kernel(have, have, 3), name=f"convolution_{name}_1")(relu(y, f"relu_{name}_1"))
    y = parts.normalized(y, f"normalization_{name}_2")
    y = parts.convolution(relu(y, f"relu_{name}_2"), channels, 3, f"convolution_{name}_2")
    shortcut = pooled(x, f"shortcut_pool_{name}")
    if have != channels:
        shortcut = parts.convolution(shortcut, channels, 1, f"shortcut_{name}", he=False)
    return layers.Add(name=f"sum_{name}")([shortcut, y])

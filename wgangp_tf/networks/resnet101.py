"""The 101-layer ResNets, one of the paper's six hard architectures; of any size and with any number of blocks here.

The picture is halved, rounding up, while its short side stays at least 4; channels double with each halving, from half
of `width` at the picture to at most 8 × `width`. Normalisation stands at the end of a block, not at its beginning.

Source: Gulrajani et al. 2017, section 5.1, and its script for 64x64 pictures.
"""

import keras
from keras import layers

from wgangp_tf.networks.layers import Parts, cropped, latents, pictures, relu
from wgangp_tf.networks.sizes import halved, label

_SHARE = 0.3  # of a block beside its shortcut
_OUTPUT = 1 / 5  # factor of what each network ends in


def build(spec, *, latent_dim, width, generator_normalization, critic_normalization, initializer, blocks=6):
    """See `registry.build`.

    Args:
      blocks: at each size, beside those that change it; one less at the picture's own.
    """
    sizes = halved(*spec.shape[:2])
    depths = [max(1, width * min(2**level, 16) // 2) for level in range(len(sizes))]
    counts = [blocks - 1] + [blocks] * (len(sizes) - 1)
    return (
        _generator(Parts(initializer, generator_normalization), spec.shape, sizes, depths, counts, latent_dim),
        _critic(Parts(initializer, critic_normalization), spec.shape, sizes, depths, counts),
    )


def _generator(parts, shape, sizes, depths, counts, latent_dim):
    z = latents(latent_dim)
    x = parts.maps(z, sizes[-1], depths[-1])
    x = _stage(parts, x, sizes[-1], counts[-1])
    for size, depth, count in reversed(list(zip(sizes[:-1], depths, counts, strict=False))):
        x = _up(parts, x, depth, size)
        x = _stage(parts, x, size, count)
    x = parts.convolution(x, shape[-1], 1, "convolution", he=False)
    return keras.Model(z, pictures(layers.Rescaling(_OUTPUT, dtype="float32", name="scaled")(x)), name="generator")


def _critic(parts, shape, sizes, depths, counts):
    samples = keras.Input(shape, name="samples")
    x = parts.convolution(samples, depths[0], 1, "convolution", he=False)
    x = _stage(parts, x, sizes[0], counts[0])
    for size, depth, count in zip(sizes[1:], depths[1:], counts[1:], strict=True):
        x = _down(parts, x, depth, size)
        x = _stage(parts, x, size, count)
    scores = parts.scores(layers.Flatten(name="flat")(x))
    return keras.Model(samples, layers.Rescaling(_OUTPUT, dtype="float32", name="scaled")(scores), name="critic")


def _stage(parts, x, size, count):
    """Blocks that change neither size nor channels."""
    channels = x.shape[-1]
    for number in range(1, count + 1):
        name = label(size, number)
        y = _narrowed(parts, x, name)
        y = parts.convolution(y, y.shape[-1], 3, f"convolution_{name}_2")
        x = _widened(parts, x, y, channels, name)
    return x


def _up(parts, x, channels, size):
    """A block that doubles the size; its shortcut lays four channels out as 2x2 pixels."""
    name, (height, width) = label(size), x.shape[1:3]
    shortcut = parts.convolution(x, 4 * channels, 1, f"shortcut_{name}", he=False)
    shortcut = layers.Reshape((height, width, 2, 2, channels), name=f"shortcut_parts_{name}")(shortcut)
    shortcut = layers.Permute((1, 3, 2, 4, 5), name=f"shortcut_order_{name}")(shortcut)
    shortcut = layers.Reshape((2 * height, 2 * width, channels), name=f"shortcut_double_{name}")(shortcut)
    y = parts.doubled_convolution(_narrowed(parts, x, name), max(1, channels // 2), 3, size, f"convolution_{name}_2")
    return _widened(parts, cropped(shortcut, size, f"shortcut_crop_{name}"), y, channels, name)


def _down(parts, x, channels, size):
    name = label(size)
    shortcut = parts.convolution(x, channels, 1, f"shortcut_{name}", stride=2, he=False)
    y = parts.convolution(_narrowed(parts, x, name), max(1, channels // 2), 3, f"convolution_{name}_2", stride=2)
    return _widened(parts, shortcut, y, channels, name)


def _narrowed(parts, x, name):
    half = max(1, x.shape[-1] // 2)
    x = parts.convolution(relu(x, f"relu_{name}_1"), half, 1, f"convolution_{name}_1")
    return relu(x, f"relu_{name}_2")


def _widened(parts, shortcut, x, channels, name):
    x = parts.convolution(relu(x, f"relu_{name}_3"), channels, 1, f"convolution_{name}_3", bias=False)
    x = parts.normalized(x, f"normalization_{name}")
    x = layers.Rescaling(_SHARE, name=f"share_{name}")(x)
    return layers.Add(name=f"sum_{name}")([shortcut, x])

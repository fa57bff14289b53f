"""Residual networks without normalisation, for pictures of any size.

Sizes and channels are those of `resnet`. Sizes change smoothly: twice the size by linear interpolation, half of it by
the same weights. At each size there are blocks of three convolutions, 1x1, 3x3 in groups of channels, 1x1, with leaky
ReLUs between them. The last of the three begins at zero and the others are drawn smaller the more blocks there are
(Zhang et al. 2019, "Fixup Initialization"), so that at first the networks are linear but for the generator's tanh:
that takes the place of normalisation.

Source: Huang et al. 2024, "The GAN is dead; long live the GAN! A Modern GAN Baseline" (R3GAN). Otherwise than there
the generator begins with a dense layer and ends in tanh, there is one block at each size instead of two, and the middle
of a block is as wide as its ends instead of twice as wide: half the work, so that a processor can train it.
"""

import keras
from keras import layers

from wgangp_tf.networks.convolutions import GroupedConvolution, SmoothlyHalved
from wgangp_tf.networks.layers import Parts, doubled, latents, leaky_relu, pictures
from wgangp_tf.networks.sizes import halved, label

_GROUP = 16  # channels of a group
_MOST_GROUPS = 8  # each is an operation of its own


def build(
    spec, *, latent_dim, width, generator_normalization, critic_normalization, initializer, blocks=1, expansion=1
):
    """See `registry.build`; there is no normalisation to choose.

    Args:
      blocks: at each size.
      expansion: channels in the middle of a block, as a multiple of those around it.
    """
    del generator_normalization, critic_normalization
    sizes = halved(*spec.shape[:2])
    depths = [width * min(2**level, 8) for level in range(len(sizes))]
    parts = Parts(initializer)
    return (
        _generator(parts, spec.shape, sizes, depths, blocks, expansion, latent_dim),
        _critic(parts, spec.shape, sizes, depths, blocks, expansion),
    )


def _generator(parts, shape, sizes, depths, blocks, expansion, latent_dim):
    z = latents(latent_dim)
    x = parts.maps(z, sizes[-1], depths[-1])
    x = _stage(parts, x, sizes[-1], blocks, expansion, blocks * len(sizes))
    for size, depth in reversed(list(zip(sizes[:-1], depths, strict=False))):
        x = _changed(parts, x, depth, size)
        x = doubled(x, size, f"double_{label(size)}", interpolation="bilinear")
        x = _stage(parts, x, size, blocks, expansion, blocks * len(sizes))
    return keras.Model(z, pictures(parts.convolution(x, shape[-1], 1, "convolution", he=False)), name="generator")


def _critic(parts, shape, sizes, depths, blocks, expansion):
    samples = keras.Input(shape, name="samples")
    x = parts.convolution(samples, depths[0], 1, "convolution", he=False)
    x = _stage(parts, x, sizes[0], blocks, expansion, blocks * len(sizes))
    for size, depth in zip(sizes[1:], depths[1:], strict=True):
        x = _changed(parts, SmoothlyHalved(name=f"half_{label(size)}")(x), depth, size)
        x = _stage(parts, x, size, blocks, expansion, blocks * len(sizes))
    return keras.Model(samples, parts.scores(layers.Flatten(name="flat")(x)), name="critic")


def _changed(parts, x, channels, size):
    """x with so many channels."""
    if x.shape[-1] == channels:
        return x
    return parts.convolution(x, channels, 1, f"channels_{label(size)}", he=False, bias=False)


def _stage(parts, x, size, blocks, expansion, blocks_of_all):
    # three layers a block: so much less variance for each keeps that of the sum over all blocks
    gain = blocks_of_all ** (-1 / 4)
    for number in range(blocks):
        name, channels = label(size, number), x.shape[-1]
        wide = expansion * channels
        y = leaky_relu(parts.convolution(x, wide, 1, f"convolution_{name}_1", gain=gain), f"relu_{name}_1")
        groups = _groups(wide)
        kernel = parts.kernel(wide // groups, wide // groups, 3, gain=gain)
        y = leaky_relu(GroupedConvolution(wide, kernel, groups, name=f"convolution_{name}_2")(y), f"relu_{name}_2")
        last = layers.Conv2D(channels, 1, use_bias=False, kernel_initializer="zeros", name=f"convolution_{name}_3")
        x = layers.Add(name=f"sum_{name}")([x, last(y)])
    return x


def _groups(channels):
    """The most equal groups that the channels fall into."""
    counts = range(2, min(channels // _GROUP, _MOST_GROUPS) + 1)
    return max((count for count in counts if channels % count == 0), default=1)

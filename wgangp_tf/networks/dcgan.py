"""Strided 5×5 convolutions, after DCGAN as the WGAN-GP paper's scripts use it, for images of any size.

The picture is halved, rounding up, while its short side stays at least 4; the generator doubles and crops along the
same sizes (28 ← 14 ← 7 ← 4, as the paper's MNIST network does). Channels double with each halving, from `width` at
the picture to at most 8 × `width`.
"""

import keras
from keras import layers

from wgangp_tf.networks.layers import convolution_initializer, normalized

_KERNEL = 5
_SLOPE = 0.2


def build(spec, *, latent_dim, width, generator_normalization, critic_normalization):
    """See `registry.build`."""
    height, image_width, channels = spec.shape
    sizes = _sizes(height, image_width)
    depths = [channels, *(width * min(2**level, 8) for level in range(len(sizes) - 1))]
    return (
        _generator(sizes, depths, latent_dim, generator_normalization),
        _critic(sizes, depths, critic_normalization),
    )


def _sizes(height, width):
    """The picture's size and those it is halved to: [(28, 28), (14, 14), (7, 7), (4, 4)]."""
    sizes = [(height, width)]
    while min(_half(sizes[-1])) >= 4:
        sizes.append(_half(sizes[-1]))
    return sizes


def _half(size):
    return tuple(-(-side // 2) for side in size)


def _generator(sizes, depths, latent_dim, normalization):
    latents = keras.Input((latent_dim,), name="latents")
    (height, width), depth = sizes[-1], depths[-1]
    x = layers.Dense(height * width * depth, kernel_initializer="glorot_uniform", name="dense")(latents)
    x = layers.Reshape((height, width, depth), name="maps")(x)
    # named by their size, so that curves and checkpoints do not depend on what else a process has built
    for level in reversed(range(len(sizes) - 1)):
        have = _name(sizes[level + 1])
        x = layers.ReLU(name=f"relu_{have}")(normalized(x, normalization, f"normalization_{have}"))
        x = layers.Conv2DTranspose(
            depths[level],
            _KERNEL,
            strides=2,
            padding="same",
            kernel_initializer=convolution_initializer(depths[level + 1], depths[level], _KERNEL, 2, transposed=True),
            name=f"convolution_{_name(sizes[level])}",
        )(x)
        excess = tuple((0, have - want) for have, want in zip(x.shape[1:3], sizes[level], strict=True))
        if any(side for _, side in excess):
            x = layers.Cropping2D(excess, name=f"crop_{_name(sizes[level])}")(x)
    return keras.Model(latents, layers.Activation("tanh", dtype="float32", name="tanh")(x), name="generator")


def _critic(sizes, depths, normalization):
    images = keras.Input((*sizes[0], depths[0]), name="samples")
    x = images
    for level, size in enumerate(sizes[1:]):
        x = layers.Conv2D(
            depths[level + 1],
            _KERNEL,
            strides=2,
            padding="same",
            kernel_initializer=convolution_initializer(depths[level], depths[level + 1], _KERNEL, 2),
            name=f"convolution_{_name(size)}",
        )(x)
        if level:  # the first convolution sees the picture itself, whose statistics say what it shows
            x = normalized(x, normalization, f"normalization_{_name(size)}")
        x = layers.LeakyReLU(_SLOPE, name=f"relu_{_name(size)}")(x)
    x = layers.Flatten(name="flat")(x)
    scores = layers.Dense(1, kernel_initializer="glorot_uniform", dtype="float32", name="scores")(x)
    return keras.Model(images, scores, name="critic")


def _name(size):
    return "x".join(map(str, size))

"""The ResNet of the paper's authors for 128x128 pictures, of any size here.

The picture is halved, rounding up, while its short side stays at least 4. The generator's channels double with each
halving but the first, from `width` to at most 8 × `width`; the critic, which stops one size earlier, has twice as many.

Source: Gulrajani et al. 2017, Figure 4, as its authors' repository of experiments has it for 128x128 pictures.
"""

import keras
from keras import layers

from wgangp_tf.networks import residual
from wgangp_tf.networks.layers import Parts, doubled, latents, pictures, relu
from wgangp_tf.networks.sizes import halved, label

_GAIN = 0.5  # of weights behind a doubling


def build(spec, *, latent_dim, width, generator_normalization, critic_normalization, initializer):
    """See `registry.build`."""
    sizes = halved(*spec.shape[:2])
    return (
        _generator(Parts(initializer, generator_normalization), spec.shape, sizes, latent_dim, width),
        _critic(Parts(initializer, critic_normalization), spec.shape, sizes, width),
    )


def _generator(parts, shape, sizes, latent_dim, width):
    depths = [width * min(2**level, 8) for level in range(len(sizes) - 1)]
    z = latents(latent_dim)
    x = parts.maps(z, sizes[-1], depths[-1])
    for size, depth in reversed(list(zip(sizes[1:-1], depths, strict=False))):
        x = residual.up(parts, x, depth, size, label(size), gain=_GAIN)
    x = relu(parts.normalized(x, "normalization"), "relu")
    x = parts.convolution(doubled(x, sizes[0], "double"), shape[-1], 5, "convolution", he=False, gain=_GAIN)
    return keras.Model(z, pictures(x), name="generator")


def _critic(parts, shape, sizes, width):
    samples = keras.Input(shape, name="samples")
    first, *others = sizes[1:-1] or sizes[1:]
    x = parts.convolution(samples, 2 * width, 5, f"convolution_{label(first)}", stride=2)
    for level, size in enumerate(others, start=2):
        x = residual.down(parts, x, width * min(2**level, 16), label(size), strided=True)
    for number in (1, 2):
        x = residual.same(parts, x, label([first, *others][-1], number))
    return keras.Model(samples, parts.scores(layers.GlobalAveragePooling2D(name="mean")(x)), name="critic")

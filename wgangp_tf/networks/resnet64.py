"""The paper's ResNet for 64x64 pictures, "for actually generating decent samples" as its script says; of any size here.

The picture is halved, rounding up, while its short side stays at least 4; channels double with each halving, from
`width` at the picture to at most 8 × `width`.

Source: Gulrajani et al. 2017, and its script for 64x64 pictures.
"""

import keras
from keras import layers

from wgangp_tf.networks import residual
from wgangp_tf.networks.by_class import pair
from wgangp_tf.networks.layers import Parts, latents, pictures, relu
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
        x = residual.up(parts, x, depth, size, label(size), first_bias=False)
    x = relu(parts.normalized(x, "normalization"), "relu")
    return keras.Model(parts.inputs(z), pictures(parts.convolution(x, shape[-1], 3, "convolution")), name="generator")


def _critic(parts, shape, sizes, depths):
    samples = keras.Input(shape, name="samples")
    x = parts.convolution(samples, depths[0], 3, f"convolution_{label(sizes[0])}", he=False)
    for size, depth in zip(sizes[1:], depths[1:], strict=True):
        x = residual.down(parts, x, depth, label(size), first_bias=False)
    return keras.Model(parts.inputs(samples), parts.scores(layers.Flatten(name="flat")(x)), name="critic")

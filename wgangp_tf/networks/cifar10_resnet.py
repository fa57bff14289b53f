"""The paper's ResNet for CIFAR-10: three doublings, the same number of channels everywhere, for images of any size.

Source: Gulrajani et al. 2017, appendix F, and its script, whose generator doubles the size before the first
convolution of a block where the appendix says the second.
"""

import keras
from keras import layers

from wgangp_tf.networks import residual
from wgangp_tf.networks.by_class import pair
from wgangp_tf.networks.layers import Parts, latents, pictures, relu
from wgangp_tf.networks.sizes import halved, label


def build(spec, *, latent_dim, width, generator_normalization, critic_normalization, initializer, condition=None):
    """See `registry.build`."""
    generator, critic = pair(
        condition, Parts(initializer, generator_normalization), Parts(initializer, critic_normalization)
    )
    return _generator(generator, spec.shape, latent_dim, width), _critic(critic, spec.shape, width)


def _generator(parts, shape, latent_dim, width):
    *size, channels = shape
    sizes = halved(*size, times=3)
    z = latents(latent_dim)
    x = parts.maps(parts.embedded(z), sizes[-1], width)
    for size in reversed(sizes[:-1]):
        x = residual.up(parts, x, width, size, label(size))
    x = relu(parts.normalized(x, "normalization"), "relu")
    return keras.Model(
        parts.inputs(z), pictures(parts.convolution(x, channels, 3, "convolution", he=False)), name="generator"
    )


def _critic(parts, shape, width):
    half, quarter = halved(*shape[:2], times=2)[1:]
    samples = keras.Input(shape, name="samples")
    x = residual.first(parts, samples, width, label(half))
    x = residual.down(parts, x, width, label(quarter))
    for number in (1, 2):
        x = residual.same(parts, x, label(quarter, number))
    x = layers.GlobalAveragePooling2D(name="mean")(relu(x, "relu"))
    return keras.Model(parts.inputs(samples), parts.scores(x), name="critic")

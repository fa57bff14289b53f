"""A generator of four dense layers against the critic of DCGAN: one of the paper's six hard architectures."""

from wgangp_tf.networks import dcgan, mlp
from wgangp_tf.networks.by_class import pair
from wgangp_tf.networks.layers import Parts

_DEPTH = 4
_UNITS = 8  # times the width of the critic: 512 beside 64


def build(spec, *, latent_dim, width, generator_normalization, critic_normalization, initializer, condition=None):
    """See `registry.build`."""
    generator, critic = pair(
        condition, Parts(initializer, generator_normalization), Parts(initializer, critic_normalization)
    )
    return (
        mlp.generator_of(generator, spec, latent_dim, _UNITS * width, _DEPTH),
        dcgan.critic_of(critic, spec, width),
    )

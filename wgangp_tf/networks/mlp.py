"""Dense networks, after the paper's toy experiments: vectors, points, small images."""

import math

import keras
from keras import layers

from wgangp_tf.networks.by_class import pair
from wgangp_tf.networks.layers import Parts, exact, latents, pictures, relu


def build(
    spec, *, latent_dim, width, generator_normalization, critic_normalization, initializer, condition=None, depth=3
):
    """See `registry.build`. What has bounds, such as pictures, ends in tanh, anything else is linear.

    Args:
      depth: how many hidden layers each network has.
    """
    generator, critic = pair(
        condition, Parts(initializer, generator_normalization), Parts(initializer, critic_normalization)
    )
    return generator_of(generator, spec, latent_dim, width, depth), _critic(critic, spec, width, depth)


def generator_of(parts, spec, latent_dim, width, depth):
    """The generator alone, for those that pair it with another critic.

    Args:
      parts: `layers.Parts`.
      spec: `samples.spec.Spec`.
      latent_dim, width, depth: see `build`.

    Returns:
      Built Keras model, [n, latent_dim] (and labels [n], where the parts take them) -> [n, *shape].
    """
    z = latents(latent_dim)
    x = parts.dense(_hidden(parts, parts.embedded(z), width, depth), math.prod(spec.shape), "output", dtype=exact(spec))
    if spec.bounded:
        x = pictures(x)
    return keras.Model(
        parts.inputs(z), layers.Reshape(spec.shape, dtype="float32", name="samples")(x), name="generator"
    )


def _critic(parts, spec, width, depth):
    samples = keras.Input(spec.shape, name="samples")
    x = _hidden(parts, layers.Flatten(name="flat")(samples), width, depth)
    return keras.Model(parts.inputs(samples), parts.scores(x), name="critic")


def _hidden(parts, x, width, depth):
    # named, so that curves and checkpoints do not depend on what else a process has built
    for number in range(1, depth + 1):
        x = parts.dense(x, width, f"dense_{number}", he=True)
        x = relu(parts.normalized(x, f"normalization_{number}"), f"relu_{number}")
    return x

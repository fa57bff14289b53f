"""Dense networks, after the paper's toy experiments: vectors, points, small images."""

import math

import keras
from keras import layers

from wgangp_tf.networks.layers import normalized


def build(spec, *, latent_dim, width, generator_normalization, critic_normalization, depth=3):
    """See `registry.build`. Images end in tanh, anything else is linear.

    Args:
      depth: how many hidden layers each network has.
    """
    return (
        _generator(spec, latent_dim, width, generator_normalization, depth),
        _critic(spec, width, critic_normalization, depth),
    )


def _generator(spec, latent_dim, width, normalization, depth):
    latents = keras.Input((latent_dim,), name="latents")
    x = _hidden(latents, width, normalization, depth)
    x = layers.Dense(math.prod(spec.shape), kernel_initializer="glorot_uniform", name="output")(x)
    if spec.kind == "images":
        x = layers.Activation("tanh", dtype="float32", name="tanh")(x)
    x = layers.Reshape(spec.shape, dtype="float32", name="samples")(x)
    return keras.Model(latents, x, name="generator")


def _critic(spec, width, normalization, depth):
    samples = keras.Input(spec.shape, name="samples")
    x = _hidden(layers.Flatten(name="flat")(samples), width, normalization, depth)
    scores = layers.Dense(1, kernel_initializer="glorot_uniform", dtype="float32", name="scores")(x)
    return keras.Model(samples, scores, name="critic")


def _hidden(x, width, normalization, depth):
    # named, so that curves and checkpoints do not depend on what else a process has built
    for number in range(1, depth + 1):
        x = layers.Dense(width, kernel_initializer="he_uniform", name=f"dense_{number}")(x)
        x = normalized(x, normalization, f"normalization_{number}")
        x = layers.ReLU(name=f"relu_{number}")(x)
    return x

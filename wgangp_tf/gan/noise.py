"""Random layers of a generator that draw also when samples are drawn: their numbers are a function of (seed, k) too.

A `Dropout` that is called with `training=True`, or a layer with a `keras.random.SeedGenerator`, keeps a state that each
draw moves on: the same call gives other samples. Where samples are made by number, the states are set to keys instead.
"""

import warnings

import keras
import numpy as np
import tensorflow as tf

from wgangp_tf import randomness

_SAMPLES = 4


def states(network):
    """The states of the seed generators of a network, Keras variables int [2], in their order."""
    found = {}
    for layer in network._flatten_layers():
        for generator in layer._seed_generators:
            found[id(generator.state)] = generator.state
    return list(found.values())


def keyed(variables, seed, chunk, part=0):
    """[(state, key)] for the samples of one part of one chunk; see `sampling`.

    Args:
      variables: what `states` gives.
      seed: int or integer tensor [].
      chunk, part: ints or integer tensors [].
    """
    key = randomness.key(seed, randomness.Use.GENERATE_NOISE, chunk)
    key = randomness.folded(key, part)
    return [(state, tf.cast(randomness.folded(key, place), state.dtype)) for place, state in enumerate(variables)]


def warn_of_unkeyed(network, latent_dim, classes):
    """Warns of a generator that draws numbers when samples are drawn which nothing here can hold.

    Args:
      network: built Keras model, float32 [batch, latent_dim] -> [batch, *sample].
      latent_dim: int.
      classes: int, how many it takes labels of; None where it takes none.
    """
    latents = tf.constant(np.random.default_rng(0).normal(size=(_SAMPLES, latent_dim)), tf.float32)
    inputs = latents if classes is None else [latents, tf.range(_SAMPLES) % classes]

    def made():
        with keras.StatelessScope(keyed(states(network), 0, 0)):
            return np.asarray(tf.cast(network(inputs, training=False), tf.float32))

    first = made()
    if not all(np.array_equal(first, made(), equal_nan=True) for _ in range(2)):
        warnings.warn(
            "the generator draws random numbers of its own when samples are drawn: a seed does not make the same "
            "samples again, and an export makes others. Draw with a keras.random.SeedGenerator that is an attribute of "
            "the layer, whose numbers are a function of the seed here",
            stacklevel=5,
        )

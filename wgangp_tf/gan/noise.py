"""Random layers of a generator that draw also when samples are drawn: their numbers are a function of (seed, k) too.

A `Dropout` that is called with `training=True`, or a layer with a `keras.random.SeedGenerator`, keeps a state that each
draw moves on: the same call gives other samples. Where samples are made by number, the states are set to keys instead.
"""

import keras
import tensorflow as tf

from wgangp_tf import randomness
from wgangp_tf.gan import callers

_SAMPLES = 4
# how the names of TensorFlow's operations begin that draw from a state: `tf.random.normal`, `tf.random.Generator`, …
_STATEFUL = (
    "Multinomial",
    "ParameterizedTruncatedNormal",
    "Random",
    "Rng",
    "StatefulRandom",
    "StatefulStandardNormal",
    "StatefulTruncatedNormal",
    "StatefulUniform",
    "TruncatedNormal",
)


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

    Its graph is looked at and not run: that draws nothing, so the user's own random numbers stay what they were.

    Args:
      network: built Keras model, float32 [batch, latent_dim] -> [batch, *sample].
      latent_dim: int.
      classes: int, how many it takes labels of; None where it takes none.
    """
    known = {id(variable) for variable in (*network.variables, *states(network))}
    moved = set()

    def made():
        latents = tf.zeros([_SAMPLES, latent_dim])
        with keras.StatelessScope() as scope:
            network(latents if classes is None else [latents, tf.zeros([_SAMPLES], tf.int32)], training=False)
        moved.update(set(scope.state_mapping) - known)  # `keras.random` without a seed moves a state of Keras' own

    graph = tf.function(made, autograph=False).get_concrete_function().graph
    if moved or any(kind.startswith(_STATEFUL) for kind in _operations(graph.as_graph_def())):
        callers.warn(
            "the generator draws random numbers of its own when samples are drawn: a seed does not make the same "
            "samples again, and an export makes others. Draw with a keras.random.SeedGenerator that is an attribute of "
            "the layer, whose numbers are a function of the seed here"
        )


def _operations(definition):
    """Names of the kinds of operations in a GraphDef and in the functions it calls."""
    nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
    return {node.op for node in nodes}

"""Random layers of a generator that draw also when samples are drawn: their numbers are a function of (seed, k) too.

A `Dropout` that is called with `training=True`, a layer with a `keras.random.SeedGenerator`, or `keras.random` without
a seed, which draws from a generator of Keras' own, keeps a state that each draw moves on: the same call gives other
samples. Where samples are made by number, the states are set to keys instead.
"""

import keras
import numpy as np
import tensorflow as tf

from wgangp_tf import randomness
from wgangp_tf.gan import callers

_SAMPLES = 4
_STATE = "seed_generator_state"  # what Keras calls that of a seed generator
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


class Keyed(keras.StatelessScope):
    """A scope in which whatever seed generator is drawn from begins at a key of its own.

    Those of a network's layers are known beforehand, in an order that their draws do not change. Others, the one of
    Keras' own or one that no layer holds, are numbered as they come.

    Attributes:
      met: ids of the states of those others.
    """

    def __init__(self, network, place, values=()):
        """
        Args:
          network: built Keras model, which is called in the scope.
          place: (seed, chunk, part), ints or integer tensors []; see `sampling`.
          values: [(variable, value)] of what else has another value in the scope.
        """
        known = states(network)
        self._key, self._count, self.met = _key(*place), len(known), set()
        super().__init__([*values, *((state, self._of(state, number)) for number, state in enumerate(known))])

    def get_current_value(self, variable):
        if id(variable) not in self.state_mapping and variable.name == _STATE:
            self.state_mapping[id(variable)] = self._of(variable, self._count + len(self.met))
            self.met.add(id(variable))
        return super().get_current_value(variable)

    def _of(self, state, number):
        return tf.cast(randomness.folded(self._key, number), state.dtype)


def _key(seed, chunk, part):
    return randomness.folded(randomness.key(seed, randomness.Use.GENERATE_NOISE, chunk), part)


def states(network):
    """The states of the seed generators of a network, Keras variables int [2], in their order."""
    found = {}
    for layer in network._flatten_layers():
        for generator in layer._seed_generators:
            found[id(generator.state)] = generator.state
    return list(found.values())


def warn_of_unkeyed(network, latent_dim, classes):
    """Warns of a generator that draws numbers when samples are drawn which nothing here can hold.

    Its graph is looked at and not run, and what that draws of NumPy's is put back: the user's own random numbers stay
    what they were.

    Args:
      network: built Keras model, float32 [batch, latent_dim] -> [batch, *sample].
      latent_dim: int.
      classes: int, how many it takes labels of; None where it takes none.
    """
    known = {id(variable) for variable in (*network.variables, *states(network))}
    moved = set()

    def made():
        latents = tf.zeros([_SAMPLES, latent_dim])
        with Keyed(network, (0, 0, 0)) as scope:
            network(latents if classes is None else [latents, tf.zeros([_SAMPLES], tf.int32)], training=False)
        moved.update(set(scope.state_mapping) - known - scope.met)

    before = np.random.get_state()  # a draw from it while a graph is made is in the graph for good, another in each
    try:
        graph = tf.function(made, autograph=False).get_concrete_function().graph
        drawn = not all(map(np.array_equal, before, np.random.get_state()))
    finally:
        np.random.set_state(before)
    if moved or drawn or any(kind.startswith(_STATEFUL) for kind in _operations(graph.as_graph_def())):
        callers.warn(
            "the generator draws random numbers of its own when samples are drawn: a seed does not make the same "
            "samples again, and an export makes others. Draw with keras.random, whose numbers are a function of the "
            "seed here"
        )


def _operations(definition):
    """Names of the kinds of operations in a GraphDef and in the functions it calls."""
    nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
    return {node.op for node in nodes}

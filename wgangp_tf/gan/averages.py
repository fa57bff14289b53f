"""The generator's weights, averaged over training: smoother samples than any single step's."""

import keras
import tensorflow as tf

from wgangp_tf.gan import noise


class WeightAverages:
    """Exponential averages of all weights of a network, moving statistics included.

    The decay is ramped, min(decay, (1 + step) / (10 + step)): a fixed one is mostly the initial weights for the first
    1 / (1 − decay) steps.
    """

    def __init__(self, network, decay, add_weight):
        """
        Args:
          network: built Keras model.
          decay: float in (0, 1).
          add_weight: `add_weight` of the model that owns the averages, so that it tracks and saves them.
        """
        self._network = network
        self._decay = decay
        self.weights = [_copy(weight, add_weight) for weight in network.weights]

    def begin(self):
        """The averages as at step 0: the present weights."""
        for average, weight in zip(self.weights, self._network.weights, strict=True):
            average.assign(weight.value)

    def update(self, step):
        """Moves each average towards its weight; `step` counts from 0."""
        step = tf.cast(step, tf.float32)
        decay = tf.minimum(self._decay, (1.0 + step) / (10.0 + step))
        for average, weight in zip(self.weights, self._network.weights, strict=True):
            average.assign(average + tf.cast(1.0 - decay, average.dtype) * (weight.value - average))

    def call(self, inputs, place=None):
        """The network's output at the averaged weights, in inference.

        Args:
          inputs: of the network.
          place: see `noise.Keyed`, of noise of the network's own; None for the draws that come next.
        """
        values = [average.value for average in self.weights]
        values = list(zip(self._network.weights, values, strict=True))
        with keras.StatelessScope(values) if place is None else noise.Keyed(self._network, place, values):
            return self._network(inputs, training=False)


def _copy(weight, add_weight):
    return add_weight(
        name=f"average_{weight.path.replace('/', '_')}",
        shape=weight.shape,
        dtype=weight.dtype,
        initializer=_Values(weight),
        trainable=False,
        aggregation="only_first_replica",
    )


class _Values(keras.initializers.Initializer):
    """The present values of a weight."""

    def __init__(self, weight):
        self._weight = weight

    def __call__(self, shape, dtype=None):
        return tf.cast(self._weight.value, dtype)

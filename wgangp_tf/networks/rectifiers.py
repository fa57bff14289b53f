"""ReLU and leaky ReLU whose second derivative costs nothing.

A gradient penalty differentiates the critic twice. The second derivative of a ReLU is 0 wherever it has one, and
TensorFlow's own operations say so by tensors of zeros, which then go back through every layer below: two products a
layer of each penalty for nothing (TensorFlow 2.21). Here that way is cut; what is left are the same operations, so that
each number is the same to the last bit.
"""

import keras
import tensorflow as tf
from keras import layers


@keras.saving.register_keras_serializable(package="wgangp_tf")
class ReLU(layers.ReLU):
    """max(0, x)."""

    def call(self, inputs, training=False):
        # what samples are drawn with stays a plain operation: a SavedModel cannot hold a gradient of one's own
        return _relu(inputs) if training else super().call(inputs)


@keras.saving.register_keras_serializable(package="wgangp_tf")
class LeakyReLU(layers.LeakyReLU):
    """x where it is above 0, `negative_slope` · x elsewhere."""

    def call(self, inputs, training=False):
        return _leaky_relu(inputs, float(self.negative_slope)) if training else super().call(inputs)


@tf.custom_gradient
def _relu(x):
    y = tf.nn.relu(x)

    def gradient(upstream):
        return tf.raw_ops.ReluGrad(gradients=upstream, features=tf.stop_gradient(y))

    return y, gradient


def _leaky_relu(x, slope):
    @tf.custom_gradient
    def of_slope(x):
        def gradient(upstream):
            return tf.raw_ops.LeakyReluGrad(gradients=upstream, features=tf.stop_gradient(x), alpha=slope)

        return tf.nn.leaky_relu(x, slope), gradient

    return of_slope(x)

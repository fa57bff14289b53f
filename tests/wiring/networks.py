"""Networks whose every step is arithmetic: what `--network=tests.wiring.networks:…` names.

Their weights begin at written values, so that a run of them is known in advance, number by number.
"""

import math

import keras
import numpy as np
from keras import layers

FIRST_PIXEL = 0.25  # of what `constant` gives before it is trained
FIRST_NORM = 0.5  # of the critic's gradient before it is trained


def critic_weights(size):
    """The weights w of the critic before it is trained: positive, all different, float64 [size]."""
    ramp = 1 + np.arange(size) / size
    return FIRST_NORM * ramp / np.linalg.norm(ramp)


class Offset(layers.Layer):
    """Adds a trainable vector."""

    def build(self, shape):
        self.offset = self.add_weight(shape=shape[1:], initializer=keras.initializers.Constant(FIRST_PIXEL))

    def call(self, inputs):
        return inputs + self.offset


class Quadratic(layers.Layer):
    """D(x) = w · x + q · x² / 2 + c, whose gradient at x is w + q x."""

    def build(self, shape):
        self.w = self.add_weight(shape=shape[1:])
        self.q = self.add_weight(shape=shape[1:])
        self.c = self.add_weight(shape=())

    def call(self, x):
        return keras.ops.sum(self.w * x + self.q * x * x / 2, axis=-1, keepdims=True) + self.c


def constant(sample_shape, latent_dim, width):
    """A generator that gives one sample, whatever the latents, and a critic D(x) = w · x."""
    del width
    latents = keras.Input((latent_dim,))
    nothing = layers.Dense(math.prod(sample_shape), use_bias=False, kernel_initializer="zeros", trainable=False)(
        latents
    )
    return keras.Model(latents, layers.Reshape(sample_shape)(Offset()(nothing))), linear_critic(sample_shape)


def noise(sample_shape, latent_dim, width):
    """A generator whose pixels are the sum of the latents over 10, and a critic D(x) = w · x."""
    del width
    latents = keras.Input((latent_dim,))
    sums = layers.Dense(math.prod(sample_shape), use_bias=False, kernel_initializer=keras.initializers.Constant(0.1))(
        latents
    )
    return keras.Model(latents, layers.Reshape(sample_shape)(sums)), linear_critic(sample_shape)


def linear_critic(sample_shape):
    samples = keras.Input(sample_shape)
    score = layers.Dense(1, use_bias=False)
    network = keras.Model(samples, score(layers.Flatten()(samples)))
    score.kernel.assign(critic_weights(math.prod(sample_shape))[:, None])
    return network

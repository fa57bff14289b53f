"""Networks small enough for arithmetic in the head."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from wgangp_tf.networks import by_class


def generator(sample_shape=(2,), latent_dim=3, width=8, normalization=layers.BatchNormalization):
    """A dense generator with batch statistics of its own."""
    latents = keras.Input((latent_dim,))
    x = layers.Dense(width)(latents)
    x = layers.ReLU()(normalization()(x) if normalization else x)
    x = layers.Dense(int(np.prod(sample_shape)), dtype="float32")(x)
    return keras.Model(latents, layers.Reshape(sample_shape, dtype="float32")(x))


def critic(sample_shape=(2,), width=8, normalization=None):
    samples = keras.Input(sample_shape)
    x = layers.Dense(width)(layers.Flatten()(samples))
    x = layers.LeakyReLU(0.2)(normalization()(x) if normalization else x)
    return keras.Model(samples, layers.Dense(1, dtype="float32")(x))


def constant_generator(sample, latent_dim=3):
    """Gives the same sample for every latent vector."""
    sample = np.asarray(sample, np.float32)
    dense = layers.Dense(sample.size, kernel_initializer="zeros")
    network = keras.Sequential([keras.Input((latent_dim,)), dense])
    dense.bias.assign(sample)
    return network


def linear_critic(weights):
    """D(x) = weights · x, whose gradient is `weights` everywhere."""
    weights = np.asarray(weights, np.float32)
    dense = layers.Dense(1, use_bias=False)
    network = keras.Sequential([keras.Input((weights.size,)), dense])
    dense.kernel.assign(weights[:, None])
    return network


class Recorder(layers.Layer):
    """Keeps what passes through it in eager execution."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def call(self, inputs):
        if tf.is_tensor(inputs) and tf.executing_eagerly():
            self.seen.append(inputs.numpy())
        return inputs


def sgd(rate=0.1):
    return keras.optimizers.SGD(rate)


def still():
    """An optimizer that changes nothing."""
    return sgd(0.0)


def values(variables):
    """Copies of the values of variables."""
    return [keras.ops.convert_to_numpy(variable).copy() for variable in variables]


def same(before, after):
    """Whether two lists of arrays are bitwise equal."""
    return all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def points(count, seed=0, size=2):
    """float32 [count, size], all different."""
    return np.random.default_rng(seed).normal(size=(count, size)).astype(np.float32)


class _Label(layers.Layer):
    """The label as a number, whatever the latents: [batch, latent_dim], [batch] -> [batch, 1]."""

    def call(self, inputs):
        latents, labels = inputs
        return keras.ops.cast(labels, "float32")[:, None] + 0 * latents[:, :1]


class _Judge(layers.Layer):
    """D(x, y) = slope · x + 100 (x − y)²: the label must be the sample's own."""

    def build(self, shapes):
        self.slope = self.add_weight(shape=(), initializer="ones")

    def call(self, inputs):
        samples, labels = inputs
        away = samples - keras.ops.cast(labels, "float32")[:, None]
        return self.slope * samples + 100 * away * away


def labels_input():
    return keras.Input((), dtype="int32")


def telling_pair(latent_dim=3):
    """A generator whose samples are their labels, and a critic that scores them by x, and off their label far above."""
    latents, labels = keras.Input((latent_dim,)), labels_input()
    samples, of_samples = keras.Input((1,)), labels_input()
    # weights that an optimizer can have, and that change nothing
    idle = layers.Dense(1, kernel_initializer="zeros", use_bias=False)
    made = layers.Add()([_Label()([latents, labels]), idle(latents)])
    return (
        keras.Model([latents, labels], made),
        keras.Model([samples, of_samples], _Judge()([samples, of_samples])),
    )


def conditional_pair(classes=3, sample_shape=(2,), latent_dim=3, width=8):
    """Small dense networks that take classes: one-hot beside the latents, and a projection."""
    latents, labels = keras.Input((latent_dim,)), labels_input()
    chosen = layers.CategoryEncoding(classes, output_mode="one_hot")(labels)
    x = layers.ReLU()(layers.Dense(width)(layers.Concatenate()([latents, chosen])))
    made = layers.Reshape(sample_shape)(layers.Dense(int(np.prod(sample_shape)))(x))
    samples, of_samples = keras.Input(sample_shape), labels_input()
    features = layers.LeakyReLU(0.2)(layers.Dense(width)(layers.Flatten()(samples)))
    score = layers.Add()([layers.Dense(1)(features), by_class.Projection(classes)([features, of_samples])])
    return keras.Model([latents, labels], made), keras.Model([samples, of_samples], score)

"""A critic whose scores mix samples is found, by whatever means it mixes; no other is."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from tests.gan import tiny
from wgangp_tf import WGANGP
from wgangp_tf.gan.mixing import mixing_layer

SHAPE = (4, 4, 2)


class Own(layers.Layer):
    """A layer of one's own from a function of its inputs."""

    def __init__(self, function, **keywords):
        super().__init__(**keywords)
        self.function = function

    def call(self, inputs):
        return self.function(inputs)


def with_deviation(inputs):
    """The inputs, and a channel that says how much a batch varies (Karras et al. 2018)."""
    deviation = ops.mean(ops.sqrt(ops.var(inputs, axis=0) + 1e-8))
    return ops.concatenate([inputs, ops.ones_like(inputs[..., :1]) * deviation], axis=-1)


def noisy(inputs):
    return inputs + tf.random.normal(tf.shape(inputs))


_NOISE = np.random.default_rng(0)


def noisy_by_numpy(inputs):
    return inputs + _NOISE.normal(size=inputs.shape[1:]).astype(np.float32)


class Mean(keras.Model):
    """Mixes in its own `call`."""

    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, inputs):
        scores = self.dense(ops.reshape(inputs, (-1, 32)))
        return scores - ops.mean(scores)


def critic(*middle, last=None):
    last = last or layers.Dense(1)
    first = layers.Conv2D(8, 3, padding="same", name="first")
    return keras.Sequential(
        [keras.Input(SHAPE), first, layers.LeakyReLU(), *middle, layers.Conv2D(8, 3), layers.Flatten(), last]
    )


MIXING = {
    "minibatch deviation": with_deviation,
    "from the mean": lambda x: x - ops.mean(x, axis=0),
    "from the mean, no gradient": lambda x: x - ops.stop_gradient(ops.mean(x, axis=0)),
    "norm of the batch": lambda x: x / ops.norm(ops.reshape(x, (-1,))),
    "by rank": lambda x: x + 0.1 * ops.cast(ops.argsort(ops.argsort(x, axis=0), axis=0), "float32"),
    "from the next": lambda x: x + 0.01 * ops.roll(x, 1, axis=0),
    "the best alone": lambda x: x * ops.cast(ops.equal(x, ops.max(x, axis=0)), "float32"),
    "overflowing": lambda x: x + ops.mean(ops.exp(20.0 * ops.abs(x))) * 1e-38,
}


@pytest.mark.parametrize("name", MIXING)
def test_a_layer_that_mixes_is_found(name):
    culprit = Own(MIXING[name], name="culprit")
    assert mixing_layer(critic(culprit), SHAPE) is culprit


@pytest.mark.parametrize("random", [layers.Dropout(0.5), layers.GaussianNoise(1.0)], ids=lambda layer: layer.name)
def test_beside_random_layers_too(random):
    culprit = Own(with_deviation)
    assert mixing_layer(critic(random, culprit), SHAPE) is culprit


def test_beside_noise_that_only_a_graph_holds_the_network_is_named():
    network = critic(Own(noisy), Own(with_deviation))
    assert mixing_layer(network, SHAPE) is network


def test_of_several_the_first_and_of_nested_ones_the_inner():
    culprit = Own(with_deviation)
    inner = keras.Sequential([layers.Conv2D(4, 1), culprit, layers.Conv2D(8, 1)])
    assert mixing_layer(critic(inner, Own(with_deviation)), SHAPE) is culprit
    normalization = layers.BatchNormalization()
    assert mixing_layer(critic(normalization, culprit), SHAPE) is normalization


@pytest.mark.parametrize("scale", [0.0, 1e-6])
def test_behind_weights_that_let_nothing_through_yet(scale):
    culprit = Own(with_deviation)
    shut = layers.Dense(1, kernel_initializer=keras.initializers.Constant(scale))
    assert mixing_layer(critic(culprit, last=shut), SHAPE) is culprit


def test_a_network_that_mixes_outside_its_layers_is_named_itself():
    network = Mean()
    network(np.zeros((2, *SHAPE), np.float32))
    assert mixing_layer(network, SHAPE) is network
    samples = keras.Input(SHAPE)
    from_mean = layers.Dense(4)(samples) - ops.mean(samples)  # an operation, which is no layer
    network = keras.Model(samples, layers.Dense(1)(layers.Flatten()(from_mean)))
    assert mixing_layer(network, SHAPE) is network


CLEAN = {
    "plain": [],
    "dropout": [layers.Dropout(0.5), layers.SpatialDropout2D(0.5), layers.AlphaDropout(0.2)],
    "noise": [layers.GaussianNoise(1.0), layers.GaussianDropout(0.5)],
    "TensorFlow's noise": [Own(noisy)],
    "NumPy's noise": [Own(noisy_by_numpy)],
    "normalization": [layers.GroupNormalization(groups=1), layers.LayerNormalization(), layers.UnitNormalization()],
    "spectral": [layers.SpectralNormalization(layers.Conv2D(8, 3, padding="same"))],
    "folded": [
        Own(lambda x: ops.reshape(x, (-1, 4, 8))),
        layers.Dense(4),
        Own(lambda x: ops.reshape(x, (-1, 4, 4, 4))),
    ],
    "rounding": [Own(lambda x: x + 1e-7 * ops.mean(x, axis=0))],
    "large": [Own(lambda x: 1e6 * x)],
    "not finite": [Own(lambda x: x / 0.0)],
    "attention in a sample": [Own(lambda x: x * ops.softmax(ops.mean(x, axis=-1, keepdims=True), axis=1))],
}


def test_noise_of_any_draw_is_not_taken_for_mixing():
    noisy = critic(Own(noisy_by_numpy))
    assert [mixing_layer(noisy, SHAPE) for _ in range(40)] == [None] * 40


@pytest.mark.parametrize("name", CLEAN)
def test_a_network_that_does_not_mix_is_left_alone(name):
    assert mixing_layer(critic(*CLEAN[name]), SHAPE) is None


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_in_lower_precision(policy):
    culprit = Own(with_deviation, dtype=policy)
    lower = [layers.Conv2D(8, 3, padding="same", dtype=policy), layers.Dropout(0.5, dtype=policy)]
    assert mixing_layer(critic(*lower, last=layers.Dense(1, dtype="float32")), SHAPE) is None
    assert mixing_layer(critic(culprit, last=layers.Dense(1, dtype="float32")), SHAPE) is culprit


def test_nothing_is_changed():
    class Counter(layers.Layer):
        def build(self, shape):
            self.count = self.add_weight(shape=(), trainable=False, initializer="zeros")

        def call(self, inputs):
            self.count.assign(self.count + 1)
            return inputs

    random = [layers.SpectralNormalization(layers.Conv2D(8, 1)), layers.Dropout(0.5), Counter()]
    for network, mixes in ((critic(*random), False), (critic(*random, layers.BatchNormalization()), True)):
        before, attributes = tiny.values(network.variables), [set(vars(layer)) for layer in network._flatten_layers()]
        assert (mixing_layer(network, SHAPE) is not None) == mixes
        assert tiny.same(before, tiny.values(network.variables))
        assert attributes == [set(vars(layer)) for layer in network._flatten_layers()]


def test_over_replicas(mirrored):
    with mirrored.scope():
        generator = tiny.generator(SHAPE)
        drop = layers.Dropout(0.5)
        network = critic(drop, layers.SpectralNormalization(layers.Conv2D(8, 1)))
        before = tiny.values(network.variables)
        WGANGP(generator, network, latent_dim=3)
        assert tiny.same(before, tiny.values(network.variables))
        with pytest.raises(ValueError, match="Own layer 'culprit'"):
            WGANGP(generator, critic(drop, Own(with_deviation, name="culprit")), latent_dim=3)

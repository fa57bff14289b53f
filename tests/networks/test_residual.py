"""The paper's blocks, step by step in the order of its scripts."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.networks import residual
from wgangp_tf.networks.layers import Parts


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(2, 4, 6, 5)).astype(np.float32)


def built(x, block):
    """(what the block makes of x, {layer: its kernel and bias}); biases are drawn, so that they count."""
    inputs = keras.Input(x.shape[1:])
    model = keras.Model(inputs, block(inputs))
    rng = np.random.default_rng(1)
    model.set_weights([weight + 0.1 * rng.normal(size=weight.shape) for weight in model.get_weights()])
    return model(x), {layer.name: layer.get_weights() for layer in model.layers if layer.weights}


def convolved(x, weights):
    kernel, *bias = weights
    return tf.nn.conv2d(x, kernel, 1, "SAME") + (bias[0] if bias else 0)


def doubled(x):
    return np.repeat(np.repeat(x, 2, axis=1), 2, axis=2)


def pooled(x):
    return tf.nn.avg_pool2d(x, 2, 2, "VALID")


def test_up_doubles_the_size_before_each_of_its_ways(x):
    result, weights = built(x, lambda x: residual.up(Parts(), x, 3, (8, 12), "8x12"))
    y = convolved(doubled(tf.nn.relu(x)), weights["convolution_8x12_1"])
    y = convolved(tf.nn.relu(y), weights["convolution_8x12_2"])
    np.testing.assert_allclose(result, y + convolved(doubled(x), weights["shortcut_8x12"]), atol=1e-5)


def test_down_pools_behind_each_of_its_ways(x):
    result, weights = built(x, lambda x: residual.down(Parts(), x, 3, "2x3"))
    y = convolved(tf.nn.relu(x), weights["convolution_2x3_1"])
    y = pooled(convolved(tf.nn.relu(y), weights["convolution_2x3_2"]))
    np.testing.assert_allclose(result, y + pooled(convolved(x, weights["shortcut_2x3"])), atol=1e-5)


def test_down_by_a_stride_keeps_every_second_pixel(x):
    result, weights = built(x, lambda x: residual.down(Parts(), x, 3, "2x3", strided=True))
    y = tf.nn.relu(convolved(tf.nn.relu(x), weights["convolution_2x3_1"]))
    kernel, bias = weights["convolution_2x3_2"]
    y = tf.nn.conv2d(y, kernel, 2, "SAME") + bias
    np.testing.assert_allclose(result, y + pooled(convolved(x, weights["shortcut_2x3"])), atol=1e-5)


def test_same_adds_to_what_it_is_given(x):
    result, weights = built(x, lambda x: residual.same(Parts(), x, "4x6"))
    y = convolved(tf.nn.relu(x), weights["convolution_4x6_1"])
    np.testing.assert_allclose(result, x + convolved(tf.nn.relu(y), weights["convolution_4x6_2"]), atol=1e-5)


def test_first_looks_at_the_picture_itself(x):
    result, weights = built(x, lambda x: residual.first(Parts(normalization="layer"), x, 3, "2x3"))
    y = tf.nn.relu(convolved(x, weights["convolution_2x3_1"]))
    y = pooled(convolved(y, weights["convolution_2x3_2"]))
    np.testing.assert_allclose(result, y + pooled(convolved(x, weights["shortcut_2x3"])), atol=1e-5)


def test_each_convolution_sees_normalised_maps(x):
    result, weights = built(x, lambda x: residual.same(Parts(normalization="layer"), x, "4x6"))

    def normalized(x, weights):
        scale, offset = weights
        axes = (1, 2, 3)
        x = (x - np.mean(x, axes, keepdims=True)) / np.sqrt(np.var(x, axes, keepdims=True) + 1e-5)
        return scale * x + offset

    y = x
    for number in ("4x6_1", "4x6_2"):
        y = tf.nn.relu(normalized(y, weights[f"normalization_{number}"]))
        y = convolved(y, weights[f"convolution_{number}"])
    np.testing.assert_allclose(result, x + y, atol=1e-5)


def test_a_first_convolution_may_have_no_bias_and_a_gain(x):
    draws = {"first_bias": False, "gain": 0.5}
    keras.utils.set_random_seed(1)
    inputs = keras.Input((4, 6, 60))
    model = keras.Model(inputs, residual.up(Parts("uniform"), inputs, 60, (8, 12), "8x12", **draws))
    first = model.get_layer("convolution_8x12_1").get_weights()
    assert len(first) == 1
    deviations = [
        model.get_layer(name).get_weights()[0].std()
        for name in ("convolution_8x12_1", "shortcut_8x12", "convolution_8x12_2")
    ]
    np.testing.assert_allclose(deviations, [0.01, 0.01, 0.02], rtol=0.05)

"""Convolutions joined with a change of size equal the two steps one after the other; groups equal whole ones."""

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.networks import convolutions


@pytest.fixture
def draw():
    rng = np.random.default_rng(0)
    return lambda *shape: rng.normal(size=shape).astype(np.float32)


def of_weights(layer, x, *weights):
    layer(x)
    layer.set_weights(weights)
    return layer(x)


def test_pooled_convolution_is_a_convolution_and_the_mean_of_each_four_pixels(draw):
    x, kernel, bias = draw(2, 6, 8, 5), draw(3, 3, 5, 7), draw(7)
    expected = tf.nn.avg_pool2d(tf.nn.conv2d(x, kernel, 1, "SAME") + bias, 2, 2, "VALID")
    result = of_weights(convolutions.PooledConvolution(7, "zeros"), x, kernel, bias)
    np.testing.assert_allclose(result, expected, atol=2e-5)


def test_doubled_convolution_repeats_pixels_and_convolves(draw):
    x, kernel, bias = draw(2, 5, 4, 5), draw(3, 3, 5, 7), draw(7)
    expected = tf.nn.conv2d(np.repeat(np.repeat(x, 2, axis=1), 2, axis=2), kernel, 1, "SAME") + bias
    result = of_weights(convolutions.DoubledConvolution(7, "zeros"), x, kernel, bias)
    np.testing.assert_allclose(result, expected, atol=2e-5)


def test_groups_see_their_own_channels_alone(draw):
    x, kernel, bias = draw(2, 5, 4, 6), draw(3, 3, 2, 6), draw(6)
    whole = np.zeros((3, 3, 6, 6), np.float32)
    for start in (0, 2, 4):
        whole[:, :, start : start + 2, start : start + 2] = kernel[..., start : start + 2]
    result = of_weights(convolutions.GroupedConvolution(6, "zeros", groups=3), x, kernel, bias)
    np.testing.assert_allclose(result, tf.nn.conv2d(x, whole, 1, "SAME") + bias, atol=2e-5)


def test_halving_smoothly_weighs_four_pixels_along_each_axis():
    x = np.zeros((1, 8, 8, 2), np.float32)
    x[0, 3, :, 1] = 64  # a line across the second channel
    result = convolutions.SmoothlyHalved()(x)
    # row 3 has a weight of 3/8 in the second pixel and 1/8 in the third; within, a line's own direction adds up to 1
    np.testing.assert_allclose(result[0, :, 1, 1], [0, 24, 8, 0])
    np.testing.assert_allclose(result[0, 1, :, 1], [24 * 7 / 8, 24, 24, 24 * 7 / 8])
    assert np.all(result[..., 0] == 0)
    assert convolutions.SmoothlyHalved()(np.zeros((1, 7, 5, 2))).shape == (1, 4, 3, 2)


@pytest.mark.parametrize(
    "layer",
    [
        convolutions.PooledConvolution(4, "glorot_uniform"),
        convolutions.GroupedConvolution(4, "glorot_uniform", groups=2),
        convolutions.SmoothlyHalved(),
    ],
)
def test_those_of_critics_have_second_derivatives(layer, draw):
    """d/dx and d/ds of |d/dx sum(f(s·x)²)|² / 2, against differences."""
    x = draw(1, 4, 4, 4)

    @tf.function
    def squared_gradient(scale):
        with tf.GradientTape() as outer:
            outer.watch(scale)
            with tf.GradientTape() as inner:
                samples = tf.constant(x)
                inner.watch(samples)
                value = tf.reduce_sum(layer(scale * samples) ** 2)
            loss = tf.reduce_sum(inner.gradient(value, samples) ** 2) / 2
        return loss, outer.gradient(loss, scale)

    layer(x)  # biases are zero: f(s·x) = s·f(x), so the loss is that at 1 times s⁴
    loss, slope = squared_gradient(tf.constant(2.0))
    assert loss > 0
    np.testing.assert_allclose(slope, 4 * loss / 2, rtol=1e-4)

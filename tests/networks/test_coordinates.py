"""The generator that computes each pixel from its place."""

import keras
import numpy as np
import pytest

from wgangp_tf import config
from wgangp_tf.networks import coordinates, registry
from wgangp_tf.samples.spec import of_shape


def places(pose, height=4, width=6):
    return keras.ops.convert_to_numpy(coordinates.Places(height, width)(np.float32([pose])))[0]


def test_places_go_from_minus_one_to_one_along_the_longer_side():
    x, y = places([1, 0, 0, 0, 0])[:, :2].T.reshape(2, 4, 6)
    np.testing.assert_allclose(x[0], np.array([-5, -3, -1, 1, 3, 5]) / 6, rtol=1e-6)
    np.testing.assert_allclose(y[:, 0], np.array([-3, -1, 1, 3]) / 6, rtol=1e-6)
    assert np.ptp(x, axis=0).max() == np.ptp(y, axis=1).max() == 0


@pytest.mark.parametrize("pose", [(1, 0, 0, 0, 0), (-3, 4, 0.7, 0.5, -0.2), (0, 0.1, -1, 0, 2)])
def test_a_pose_turns_sizes_and_moves(pose):
    a, b, log_size, right, down = pose
    found = places(pose)
    z = found[:, 0] + 1j * found[:, 1]
    # u + iv, as complex numbers have it: turned backwards, since the pose is the picture's and not the grid's
    turn = (a - 1j * b) / abs(a + 1j * b)
    wanted = 1.5 * np.exp(log_size / 2) * (z + right / 2 + 1j * down / 2) * turn.conjugate()
    np.testing.assert_allclose(found[:, 2] + 1j * found[:, 3], wanted, rtol=1e-3, atol=1e-5)


def test_products_of_the_place():
    found = places((-3, 4, 0.7, 0.5, -0.2)).astype(np.float64)
    u, v = found[:, 2], found[:, 3]
    np.testing.assert_allclose(found[:, 4:].T, [u * u, u * v, v * v], rtol=1e-5, atol=1e-6)


def test_a_dense_layer_of_each_samples_own_scale_and_shift():
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x, scale, shift = (rng.normal(size=shape).astype(np.float32) for shape in ((2, 5, 3), (2, 3), (2, 4)))
    layer = coordinates.ScaledDense(4, "glorot_uniform")
    found = layer([x, scale, shift])
    kernel = np.asarray(layer.kernel)[0, 0]
    for sample in range(2):
        wanted = (x[sample] * (1 + scale[sample])) @ kernel + shift[sample]
        wanted /= np.sqrt(np.mean(wanted**2, axis=-1, keepdims=True) + 1e-4)
        np.testing.assert_allclose(found[sample], wanted, rtol=1e-4, atol=1e-5)


def test_the_widths_of_both_networks():
    generator, critic = registry.build(
        config.from_values({"network": "coordinates", "width": 24}).model, of_shape((32, 32, 3))
    )
    assert generator.get_layer("dense_4").kernel.shape == (1, 1, 32, 32)
    assert critic.get_layer("convolution_16x16").kernel.shape == (4, 4, 3, 24)

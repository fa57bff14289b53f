"""Samples there and back: as they are stored, as the networks see them, in the user's units."""

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import Scale, Spec, of_pictures

LEVELS = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
PLAIN = Codec(of_pictures((16, 16, 1)))
DEQUANTIZED = Codec(of_pictures((16, 16, 1), dequantized=True))


def test_all_levels_survive_the_way_to_floats_and_back():
    values = PLAIN.decode(tf.constant(LEVELS))
    assert values.dtype == tf.float32
    assert (float(values[0, 0, 0, 0]), float(values[0, -1, -1, 0])) == (-1.0, 1.0)
    np.testing.assert_array_equal(PLAIN.encode(values), LEVELS)


@pytest.mark.parametrize("noise", [0.0, 0.5, 1 - 2**-23])
def test_all_levels_survive_dequantisation_whatever_the_noise(noise):
    # 1 − 2⁻²³ is the greatest float32 the generator draws
    values = DEQUANTIZED.decode(tf.constant(LEVELS), tf.fill(LEVELS.shape, tf.constant(noise, tf.float32)))
    np.testing.assert_allclose(values, LEVELS / 128.0 - 1 + noise / 128, atol=1e-6)
    assert np.all(np.abs(values) <= 1)
    np.testing.assert_array_equal(DEQUANTIZED.encode(values), LEVELS)


def test_without_noise_a_dequantised_pixel_is_in_the_middle_of_its_level():
    values = DEQUANTIZED.decode(tf.constant(LEVELS))
    np.testing.assert_allclose(values, (LEVELS + 0.5) / 128.0 - 1, atol=1e-6)


@pytest.mark.parametrize("codec", [PLAIN, DEQUANTIZED])
def test_values_outside_are_clipped(codec):
    values = tf.constant([-5.0, -1.001, 1.001, 5.0])
    np.testing.assert_array_equal(codec.encode(values), [0, 0, 255, 255])


def test_values_between_levels_are_rounded():
    np.testing.assert_array_equal(PLAIN.encode(tf.constant([3.4, 3.6]) / 127.5 - 1), [3, 4])


def test_mirrored_pictures_are_turned_left_to_right_and_the_others_are_not():
    pictures = np.random.default_rng(0).integers(0, 256, size=(3, 4, 6, 3), dtype=np.uint8)
    codec = Codec(of_pictures((4, 6, 3)), flip=True)
    values = codec.decode(tf.constant(pictures), mirrored=tf.constant([True, False, True]))
    np.testing.assert_array_equal(
        codec.encode(values), np.stack([pictures[0, :, ::-1], pictures[1], pictures[2, :, ::-1]])
    )


def test_points_stay_as_they_are():
    codec = Codec(Spec("points", (2,)))
    points = np.array([[-3.0, 7.0]], np.float32)
    np.testing.assert_array_equal(codec.decode(tf.constant(points)), points)
    np.testing.assert_array_equal(codec.encode(tf.constant(points)), points)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16"])
def test_a_scale_is_applied_and_undone(dtype):
    # feature 0: 10 ± 4; feature 1: −1 ± 0.5
    codec = Codec(Spec("arrays", (2,), scale=Scale((4.0, 0.5), (10.0, -1.0), (2,))))
    samples = np.array([[14, -1], [2, 0]], dtype)
    values = codec.decode(tf.constant(samples))
    np.testing.assert_array_equal(values, [[1.0, 0.0], [-2.0, 2.0]])
    np.testing.assert_array_equal(codec.encode(values), samples.astype(np.float32))


def test_one_scale_over_all():
    codec = Codec(Spec("arrays", (3, 2), scale=Scale((2.0,), (1.0,))))
    np.testing.assert_array_equal(codec.encode(tf.ones([1, 3, 2])), np.full([1, 3, 2], 3.0))


def test_an_axis_of_channels_is_added_and_taken_away():
    # (20 − 10) / 5 = 2; 2 · 5 + 10 = 20
    codec = Codec(Spec("arrays", (2, 3, 1), scale=Scale((5.0,), (10.0,), (1,)), channel_axis=False))
    inside = codec.decode(tf.fill([4, 2, 3], 20.0))
    assert inside.shape == (4, 2, 3, 1)
    np.testing.assert_array_equal(inside, np.full([4, 2, 3, 1], 2.0))
    np.testing.assert_array_equal(codec.encode(inside), np.full([4, 2, 3], 20.0))


def test_what_is_beyond_the_reach_is_cut_on_the_way_out_alone():
    codec = Codec(Spec("arrays", (4,), scale=Scale((8.0,), (1.0,)), reach=0.5))  # [−3, 5]
    np.testing.assert_array_equal(codec.encode(tf.constant([[-1.0, -0.5, 0.5, 0.75]])), [[-3, -3, 5, 5]])
    np.testing.assert_array_equal(codec.decode(tf.constant([[-7.0, -3.0, 5.0, 9.0]])), [[-1, -0.5, 0.5, 1]])


def test_only_pictures_are_mirrored():
    with pytest.raises(ValueError, match="Only images can be mirrored. Received: flip=True for points"):
        Codec(Spec("points", (2,)), flip=True)

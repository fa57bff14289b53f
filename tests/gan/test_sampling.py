import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.gan import sampling


def double(latents, place):
    assert latents.shape == (sampling.CHUNK, 3)  # whole chunks only
    return 2.0 * latents


@pytest.mark.parametrize("count", [1, 10, 64, 65, 130])
def test_sample_k_does_not_depend_on_the_count(count):
    samples = sampling.generate(double, count, 5, 3)
    assert samples.shape == (count, 3)
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, sampling.generate(double, 200, 5, 3)[:count])


def test_samples_differ_by_number_and_by_seed():
    samples = np.concatenate([sampling.generate(double, 130, seed, 3) for seed in (0, 1, 2)])
    assert len(np.unique(samples, axis=0)) == 390


def test_latents_are_standard_normal():
    latents = np.concatenate([sampling.latents_of_chunk(0, tf.constant(k), 8) for k in range(20)])
    # 10,240 draws: the standard errors are 0.01 and 0.007
    assert abs(latents.mean()) < 0.04
    assert abs(latents.std() - 1) < 0.03

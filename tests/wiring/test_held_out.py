"""`GAN.held_out_values`: how many fakes it draws, and which."""

import keras
import numpy as np
from keras import layers

from tests.wiring.networks import Quadratic, linear_critic
from wgangp_tf import GAN

CHUNK = 64


def test_fakes_are_never_fewer_than_a_chunk():
    # normalised over the fakes of a pass: of another number of them, each fake is another
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.BatchNormalization(), layers.Dense(2)])
    model = GAN(generator, linear_critic((2,)), latent_dim=3)
    real = np.random.default_rng(0).normal(size=(2 * CHUNK, 2)).astype(np.float32)
    of_a_chunk, of_more = (_values(model, real[:count]) for count in (CHUNK, 2 * CHUNK))
    for count in (1, 2, 63):
        for name, values in _values(model, real[:count]).items():
            np.testing.assert_allclose(values, of_a_chunk[name][:count], rtol=1e-4, atol=1e-5, err_msg=name)
    # the measure: fakes of another number do differ
    difference = of_more["wasserstein_estimate"][:CHUNK] - of_a_chunk["wasserstein_estimate"]
    assert np.abs(difference).max() > 1e-3


def test_interpolates_of_each_part_are_of_its_own():
    # fakes are 0, real samples (1, 0) and D(x) = x² / 2: the norm at an interpolate is epsilon
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2, kernel_initializer="zeros")])
    critic = keras.Sequential([keras.Input((2,)), Quadratic()])
    critic.set_weights([np.zeros(2), np.ones(2), np.zeros(())])
    model = GAN(generator, critic, latent_dim=3)
    real = np.tile(np.float32([1, 0]), [100, 1])
    epsilons = [_values(model, real, part)["gradient_norm"] for part in (0, 1, 2)]
    assert len(np.unique(np.round(epsilons, 5))) > 290
    np.testing.assert_array_equal(_values(model, real, 1)["gradient_norm"], epsilons[1])
    assert 0 <= np.min(epsilons) < 0.05 and 0.95 < np.max(epsilons) < 1


def test_fakes_of_each_part_are_of_its_own():
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    model = GAN(generator, linear_critic((2,)), latent_dim=3)
    real = np.zeros([100, 2], np.float32)
    scores = [_values(model, real, part)["wasserstein_estimate"] for part in (0, 1, 2)]
    assert len(np.unique(np.round(scores, 5))) > 290
    np.testing.assert_array_equal(_values(model, real, 1)["wasserstein_estimate"], scores[1])


def _values(model, real, part=0):
    return {name: np.asarray(values) for name, values in model.held_out_values(real, part).items()}

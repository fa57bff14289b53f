"""What is measured of the samples of a model in training."""

import numpy as np
import pytest

from tests.gan import tiny
from wgangp_tf import GAN
from wgangp_tf.data.source import Split
from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import of_pictures
from wgangp_tf.training import observers

CENTRES = np.array([[-1.0, 0.0], [1.0, 0.0]])


@pytest.fixture
def model():
    return GAN(tiny.generator(), tiny.critic(), latent_dim=3, ema_decay=0.5)


def test_samples_are_the_models_own_by_averaged_weights(model):
    model.generator.set_weights([0 * weight for weight in model.generator.get_weights()])  # the averages stay
    found = observers.generated(model, 5, 7)
    np.testing.assert_array_equal(found, model.generate(5, 7))
    assert np.abs(found).min() > 0


@pytest.mark.parametrize("dequantized", [False, True])
def test_samples_of_images_are_pixels(dequantized):
    codec = Codec(of_pictures((4, 4, 1), dequantized=dequantized))
    model = GAN(tiny.generator((4, 4, 1)), tiny.critic((4, 4, 1)), latent_dim=3, codec=codec)
    found = observers.generated(model, 5, 7)
    assert found.dtype == np.uint8
    samples = np.clip(model.generate(5, 7), -1, 1)
    expected = np.floor((samples + 1) * 128) if dequantized else np.rint((samples + 1) * 127.5)
    np.testing.assert_array_equal(found, np.minimum(expected, 255))


def test_quality_is_of_the_first_samples_of_the_seed(model):
    # as wide as the samples, so that some are within reach of a mode and some are not
    sigma = float(np.abs(model.generate(2048, 7)[:, 1]).std()) / 4
    split = Split(np.zeros([4, 2], np.float32), modes=(CENTRES, sigma))
    samples = model.generate(2048, 7)
    near = np.linalg.norm(samples[:, None] - CENTRES, axis=-1) <= 4 * sigma
    found = observers.Quality(split, 7).see(model, 1, {})
    assert found.keys() == {"modes_covered", "modes_kl", "within_4_sigma"}
    assert found["modes_covered"] == near.any(axis=0).sum() and found["within_4_sigma"] == near.any(axis=1).mean()
    assert 0 < found["within_4_sigma"] < 1
    assert observers.Quality(split, 8).see(model, 1, {}) != found


def test_samples_without_known_modes_have_no_quick_metric(model):
    assert observers.Quality(Split(np.zeros([4, 2], np.float32)), 7).see(model, 1, {}) == {}

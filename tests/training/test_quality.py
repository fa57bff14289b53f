"""What is measured of the samples of a model in training."""

import numpy as np
import pytest

from tests.gan import tiny
from wgangp_tf import GAN
from wgangp_tf.data import pictures
from wgangp_tf.data.source import Split
from wgangp_tf.training import quality

CENTRES = np.array([[-1.0, 0.0], [1.0, 0.0]])


@pytest.fixture
def model():
    return GAN(tiny.generator(), tiny.critic(), latent_dim=3, ema_decay=0.5)


def test_samples_are_the_models_own_by_averaged_weights(model):
    model.generator.set_weights([0 * weight for weight in model.generator.get_weights()])  # the averages stay
    found = quality.generated(model, Split(np.zeros([4, 2], np.float32)), 5, 7, False)
    np.testing.assert_array_equal(found, model.generate(5, 7))
    assert np.abs(found).min() > 0


@pytest.mark.parametrize("dequantized", [False, True])
def test_samples_of_images_are_pixels(dequantized):
    model = GAN(tiny.generator((4, 4, 1)), tiny.critic((4, 4, 1)), latent_dim=3)
    found = quality.generated(model, Split(np.zeros([4, 4, 4, 1], np.uint8)), 5, 7, dequantized)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, pictures.to_uint8(model.generate(5, 7), dequantized))


def test_quick_metrics_are_of_the_first_samples_of_the_seed(model):
    # as wide as the samples, so that some are within reach of a mode and some are not
    sigma = float(np.abs(model.generate(2048, 7)[:, 1]).std()) / 4
    split = Split(np.zeros([4, 2], np.float32), modes=(CENTRES, sigma))
    samples = model.generate(2048, 7)
    near = np.linalg.norm(samples[:, None] - CENTRES, axis=-1) <= 4 * sigma
    found = quality.quick_metrics(model, split, 7, False)
    assert found == {"modes_covered": near.any(axis=0).sum(), "within_4_sigma": near.any(axis=1).mean()}
    assert 0 < found["within_4_sigma"] < 1
    assert quality.quick_metrics(model, split, 8, False) != found


def test_samples_without_known_modes_have_no_quick_metric(model):
    assert quality.quick_metrics(model, Split(np.zeros([4, 2], np.float32)), 7, False) == {}

import keras
import numpy as np
import pytest
from keras import layers

from tests.gan import tiny
from wgangp_tf import GAN
from wgangp_tf.serving.export import export_generator

LATENT_DIM = 3
SHAPES = {"grey": (8, 8, 1), "colour": (5, 7, 3), "points": (2,), "arrays": (16,)}


def make(sample_shape, ema_decay=0.5, seed=0):
    """A model with batch statistics, and averages that differ from the weights."""
    keras.utils.set_random_seed(seed)
    generator = tiny.generator(sample_shape, LATENT_DIM)
    if len(sample_shape) == 3:
        generator = keras.Model(generator.input, layers.Activation("tanh")(generator.output))
    model = GAN(generator, tiny.critic(sample_shape), latent_dim=LATENT_DIM, ema_decay=ema_decay)
    for weight in generator.weights:
        weight.assign(weight + 0.1 * np.random.default_rng(seed).uniform(size=weight.shape))
    return model


@pytest.fixture(scope="session")
def models():
    """One of each kind; not to be trained."""
    return {name: make(shape) for name, shape in SHAPES.items()}


@pytest.fixture(scope="session")
def exported(models, tmp_path_factory):
    """Their SavedModels; not to be written to."""
    root = tmp_path_factory.mktemp("exported")
    for name, model in models.items():
        export_generator(model, root / name, card={"run_id": name, "config": {"seed": 1}})
    return root

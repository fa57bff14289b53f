"""Noise of a generator's own where samples are drawn: by (seed, k), in the model and in its export alike."""

import itertools
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from tests.marks import each
from wgangp_tf import GAN, export_generator
from wgangp_tf.gan import noise


class Noise(layers.Layer):
    """Adds N(0, 1), whenever it is called."""

    def __init__(self):
        super().__init__()
        self.random = keras.random.SeedGenerator(1)

    def call(self, x):
        return x + keras.random.normal(tf.shape(x), seed=self.random)


def dropped():
    latents = keras.Input((3,))
    return keras.Model(latents, layers.Dense(2)(layers.Dropout(0.5)(latents, training=True)))


def noisy(layer=Noise):
    return keras.Sequential([keras.Input((3,)), layer(), layers.Dense(2)])


def unseeded():
    """By Keras' own seed generator, twice, and by one that no layer holds."""
    own = keras.random.SeedGenerator(1)

    def draw(x):
        both = keras.random.normal(tf.shape(x)) + keras.random.normal(tf.shape(x))
        return x + both + keras.random.uniform(tf.shape(x), seed=own)

    return noisy(lambda: layers.Lambda(draw))


@pytest.mark.parametrize(
    "how",
    each(
        [(noisy, 0.0), (noisy, 0.9), (dropped, 0.9), (unseeded, 0.0), (unseeded, 0.9)],
        quick=[(noisy, 0.9), (unseeded, 0.9)],
    ),
)
def test_noise_is_a_function_of_seed_and_number(how, tmp_path):
    make, decay = how
    model = GAN(make(), tiny.critic(), latent_dim=3, ema_decay=decay)
    keras.utils.set_random_seed(7)  # which takes Keras' own seed generator away
    found = model.generate(130, seed=1)
    np.testing.assert_array_equal(model.generate(3, seed=1), found[:3])
    assert len(np.unique(found, axis=0)) == 130
    # the noise is another in each chunk, and at each seed: without latents' part
    zeros = tf.zeros([64, 3])
    sampler = model.sampler()
    places = [tuple(map(tf.constant, place)) for place in ((1, 0, 0), (1, 1, 0), (2, 0, 0))]
    first, second, third = (np.asarray(sampler(zeros, place=place)) for place in places)
    if make is not dropped:
        assert not np.array_equal(first, second) and not np.array_equal(first, third)
    export_generator(model, tmp_path / "saved")
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    made = loaded.signatures["generate"](num_images=tf.constant(130), seed=tf.constant(1))["points"]
    np.testing.assert_allclose(made, found, rtol=1e-5, atol=1e-6)


def test_noise_that_no_seed_holds_is_told_of_and_not_drawn():
    state = tf.random.Generator.from_seed(1)
    for draw in (
        tf.random.normal,
        tf.function(tf.random.normal),
        state.normal,
        lambda shape: np.random.normal(size=3).astype(np.float32),
        lambda shape: tf.map_fn(lambda row: tf.random.truncated_normal([3]), tf.zeros(shape)),
    ):
        generator = noisy(lambda draw=draw: layers.Lambda(lambda x: x + draw(tf.shape(x))))
        tf.random.set_seed(1)
        expected = tf.random.normal([3])
        tf.random.set_seed(1)
        moves = np.asarray(state.state)
        with pytest.warns(UserWarning, match="draws random numbers of its own .*Draw with keras.random"):
            GAN(generator, tiny.critic(), latent_dim=3)
        np.testing.assert_array_equal(tf.random.normal([3]), expected)
        np.testing.assert_array_equal(state.state, moves)


def test_what_is_drawn_of_numpy_while_it_is_looked_at_is_put_back():
    generator = noisy(lambda: layers.Lambda(lambda x: x + np.random.normal(size=3).astype(np.float32)))
    before = np.random.get_state()
    with pytest.warns(UserWarning, match="draws random numbers of its own"):
        noise.warn_of_unkeyed(generator, 3, None)
    assert all(map(np.array_equal, np.random.get_state(), before))


def test_a_device_that_rounds_otherwise_each_time_draws_nothing():
    calls = itertools.count()

    def rounded(x):
        return tf.ensure_shape(tf.numpy_function(lambda x: x + np.float32(1e-7 * next(calls)), [x], x.dtype), x.shape)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        GAN(noisy(lambda: layers.Lambda(rounded)), tiny.critic(), latent_dim=3)


def test_noise_that_a_seed_holds_is_not_told_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        GAN(noisy(), tiny.critic(), latent_dim=3)
        GAN(unseeded(), tiny.critic(), latent_dim=3)
        GAN(tiny.generator(), tiny.critic(), latent_dim=3)

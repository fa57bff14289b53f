"""Samples beside what a generator can make: far outside is refused before the first step, and nothing else is."""

import dataclasses
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from tests.marks import each
from wgangp_tf import GAN
from wgangp_tf.gan import ranges
from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import Scale, of_shape

PIXELS = np.arange(8 * 4).reshape(8, 2, 2, 1).astype(np.float32) * 8  # 0 … 248


def generator(*last):
    return keras.Sequential([keras.Input((3,)), *last])


def ends(activation):
    return generator(layers.Dense(4, activation), layers.Reshape((2, 2, 1)))


def make(network=None, **keywords):
    model = GAN(network or ends("tanh"), tiny.critic((2, 2, 1)), **{"latent_dim": 3, "n_critic": 2} | keywords)
    model.compile(tiny.sgd(), tiny.sgd())
    return model


def functional():
    latents = keras.Input((3,))
    return keras.Model(latents, layers.Activation("linear", dtype="float32")(ends("tanh")(latents)))


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2, "tanh")

    def call(self, x):
        return self.dense(x)


def own():
    network = Own()
    network(np.zeros((1, 3), np.float32))
    return network


@pytest.mark.parametrize(
    "network, bounds",
    [
        (lambda: ends("tanh"), (-1, 1)),
        (functional, (-1, 1)),
        (lambda: generator(layers.Dense(4), layers.Activation("sigmoid"), layers.Reshape((2, 2, 1))), (0, 1)),
        (lambda: generator(layers.Dense(4, layers.Activation("tanh"))), (-1, 1)),
        (lambda: ends("linear"), None),
        (lambda: ends("relu"), None),
        (lambda: generator(layers.Dense(4, "tanh"), layers.Rescaling(127.5, 127.5)), None),
        (lambda: generator(layers.Dense(4, "tanh"), layers.Dense(4)), None),
        (lambda: generator(layers.Dense(4, "tanh"), layers.Activation("relu")), None),
        (own, None),
    ],
)
def test_bounds_are_those_of_the_last_activation(network, bounds):
    assert ranges.of(network()) == bounds


FORMS = {
    "array": (lambda x: x, {"batch_size": 4}),
    "tensor": (tf.constant, {"batch_size": 4}),
    "dict": (lambda x: {"samples": x}, {"batch_size": 4}),
    "data set": (lambda x: tf.data.Dataset.from_tensor_slices(x).batch(4), {}),
    "generator": (lambda x: (x[start : start + 4] for start in (0, 4)), {}),
}


@pytest.mark.filterwarnings("ignore:.*ran out of data")
@pytest.mark.parametrize("form", each(FORMS, quick=["array", "generator"]))
def test_pixels_of_0_to_255_are_refused_before_the_first_step_beside_tanh(form):
    given, keywords = FORMS[form]
    model = make()
    before = tiny.values(model.critic.variables)
    said = r"^Samples must lie in \[-1, 1\].* x / 127.5 - 1. Received: values from 0 to (248|120)$"
    with pytest.raises(ValueError, match=said):
        model.fit(given(PIXELS), verbose=0, **keywords)
    assert model.steps_done == 0 and tiny.same(before, tiny.values(model.critic.variables))
    model.fit(given(PIXELS / 127.5 - 1), verbose=0, **keywords)
    assert model.steps_done == 2


def test_one_batch_and_a_sigmoid_too():
    with pytest.raises(ValueError, match="Samples must lie in .* Received: values from 0 to 248$"):
        make().train_on_batch(PIXELS)
    with pytest.raises(ValueError, match=r"Samples must lie in \[0, 1\].* own. Received: values from -1 to 1$"):
        make(ends("sigmoid")).train_on_batch(PIXELS / 124 - 1)


def test_integers_are_refused_in_one_line():
    model = make()
    for form, keywords in (FORMS["array"], FORMS["data set"]):
        with pytest.raises(ValueError, match=r"^Samples must be floats, images in \[-1, 1\]. Received: dtype=uint8$"):
            model.fit(form(PIXELS.astype(np.uint8)), verbose=0, **keywords)
    assert model.steps_done == 0


TANH, SIGMOID = (-1.0, 1.0), (0.0, 1.0)


def test_there_is_no_false_alarm():
    pictures = PIXELS / 127.5 - 1
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        ranges.check(PIXELS, None)
        ranges.check(1.4 * pictures, TANH)  # as resized pictures overshoot
        ranges.check(PIXELS / 255, SIGMOID)
        ranges.check(PIXELS[:, 0, 0] / 255, TANH)  # no pictures
        ranges.check(pictures[:0], TANH)
    model = make(ends("linear"))
    assert model.sample_bounds is None
    scaled = dataclasses.replace(of_shape((2,)), kind="arrays", scale=Scale((200.0,), (0.0,), (1,)))
    points = GAN(generator(layers.Dense(2, "tanh")), tiny.critic(), latent_dim=3, codec=Codec(scaled))
    assert points.sample_bounds is None


def test_what_was_begun_goes_on():
    seen = tf.constant(PIXELS)
    np.testing.assert_array_equal(ranges.checked_at(tf.constant(1), seen, TANH), seen)
    assert ranges.checked_at(tf.constant(0), seen, None) is seen
    with pytest.raises(tf.errors.InvalidArgumentError):
        ranges.checked_at(tf.constant(0), seen, TANH)


def test_pictures_in_half_the_range_are_told_of():
    with pytest.warns(UserWarning, match=r"the pictures lie in \[0, 1\], half of what the generator makes"):
        ranges.check(PIXELS / 255, TANH)

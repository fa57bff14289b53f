"""Warnings of constructors point at the line of the user's that calls them."""

import linecache

import keras
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from wgangp_tf import GAN, WGANGP


class Deeper(WGANGP):
    def __init__(self, *networks):
        super().__init__(*networks, latent_dim=3)


def noisy():
    noise = layers.Lambda(lambda x: x + tf.random.normal(tf.shape(x)))
    return keras.Sequential([keras.Input((3,)), noise, layers.Dense(2)])


def half():
    return keras.Sequential([keras.Input((3,)), layers.Dense(2, dtype="float16")])


@pytest.mark.parametrize("make", [noisy, half])
def test_the_line_that_makes_a_model_is_pointed_at(make):
    networks = make(), tiny.critic()
    with pytest.warns(UserWarning) as found:
        GAN(*networks, latent_dim=3)
        WGANGP(*networks, latent_dim=3)
        Deeper(*networks)  # in whose constructor the line is
    lines = [linecache.getline(each.filename, each.lineno).strip() for each in found]
    calls = ["GAN(*networks, latent_dim=3)", "WGANGP(*networks, latent_dim=3)"]
    assert lines == [*calls, "super().__init__(*networks, latent_dim=3)"]

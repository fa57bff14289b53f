"""What is set on a model between two fits takes effect, or is refused."""

import numpy as np
import pytest

from tests.gan import tiny
from wgangp_tf import GAN

ZEROS = np.zeros([8, 2], np.float32)


def make(**keywords):
    model = GAN(tiny.constant_generator([0, 0]), tiny.linear_critic([3, 4]), latent_dim=3, **{"n_critic": 2} | keywords)
    model.compile(tiny.still(), tiny.still())
    return model


def test_the_weight_of_the_penalty_may_change():
    model = make(gp_weight=1.0)  # the norm is 5, its penalty 16
    for weight in (1.0, 0.5):
        model.gp_weight = weight
        for values in (model.train_on_batch(ZEROS, return_dict=True), model.test_on_batch(ZEROS, return_dict=True)):
            np.testing.assert_allclose(values["critic_loss"], 16 * weight, rtol=1e-5)
    assert model.get_config()["gp_weight"] == 0.5


def test_the_bound_of_clipping_and_the_number_of_updates_may_change():
    model = make(method="wgan", clip_value=1.0)
    model.train_on_batch(ZEROS)
    np.testing.assert_allclose(model.critic.layers[-1].kernel, [[1], [1]])
    model.clip_value, model.n_critic = 0.5, 4
    model.train_on_batch(ZEROS)
    np.testing.assert_allclose(model.critic.layers[-1].kernel, [[0.5], [0.5]])
    assert int(model.critic_optimizer.iterations) == 2 + 4


def test_frozen_weights_are_not_clipped_and_layers_may_be_frozen_between_fits():
    model = make(method="wgan", clip_value=1.0)
    model.train_on_batch(ZEROS)
    model.clip_value = 0.5
    model.critic.layers[-1].trainable = False
    model.train_on_batch(ZEROS)
    np.testing.assert_allclose(model.critic.layers[-1].kernel, [[1], [1]])
    model.compile(tiny.still(), tiny.still())
    model.critic.layers[-1].trainable = True
    with pytest.raises(ValueError, match="became trainable after compile: call compile again"):
        model.train_on_batch(ZEROS)


@pytest.mark.parametrize("name, value", [("latent_dim", 4), ("ema_decay", 0.9), ("method", "wgan"), ("critic", None)])
def test_what_is_fixed_says_so(name, value):
    with pytest.raises(AttributeError, match=f"{name} is fixed when the model is made"):
        setattr(make(), name, value)


@pytest.mark.parametrize("name, value", [("gp_weight", -1), ("n_critic", 2.5), ("seed", None), ("clip_value", 0)])
def test_what_is_out_of_range_is_refused(name, value):
    model = make()
    with pytest.raises(ValueError, match=f"{name} must be .* Received: {name}="):
        setattr(model, name, value)
    assert getattr(model, name) != value

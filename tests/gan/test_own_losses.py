"""Regularisers, `add_loss` and constraints of a user's networks: in the loss of the network that has them, exactly."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from tests.marks import each
from wgangp_tf import GAN
from wgangp_tf.gan import own_losses


def trained(generator, critic, rates=(0.0, 0.0), **keywords):
    """The logs of one step on zeros, by SGD of the generator's and the critic's rate."""
    model = GAN(generator, critic, latent_dim=3, **{"n_critic": 1, "gp_weight": 0.0} | keywords)
    model.compile(*(tiny.sgd(float(rate)) for rate in rates))
    return model.train_on_batch(np.zeros([4 * model.n_critic, 2], np.float32), return_dict=True)


def linear(weights, layer=None, **keywords):
    dense = layers.Dense(1, use_bias=False, **keywords)
    network = keras.Sequential([keras.Input((2,)), *([layer] if layer else []), dense])
    dense.kernel.assign(np.float32(weights)[:, None])
    return network


class Adds(layers.Layer):
    """Adds the mean of its inputs to the loss."""

    def call(self, x):
        self.add_loss(keras.ops.mean(x))
        return x


@pytest.mark.parametrize("method", each(["wgan-gp", "wgan", "dcgan"], quick=["wgan-gp"]))
def test_a_regularised_weight_of_the_critic_moves_by_its_gradient(method):
    # D = 3 x1 + 4 x2 of zeros and of fakes that are 0: the loss has no gradient but 2 · 0.5 · w; rate 0.1 leaves 0.9 w
    critic = linear([3, 4], kernel_regularizer=keras.regularizers.L2(0.5))
    plain = trained(tiny.constant_generator([0, 0]), linear([3, 4]), method=method)
    logs = trained(tiny.constant_generator([0, 0]), critic, rates=(0, 0.1), method=method, clip_value=9.0)
    np.testing.assert_allclose(critic.layers[-1].kernel[:, 0], [2.7, 3.6], rtol=1e-5)
    np.testing.assert_allclose(logs["critic_loss"] - plain["critic_loss"], 0.5 * 25, rtol=1e-5)
    np.testing.assert_allclose(logs["generator_loss"] - plain["generator_loss"], 0, atol=1e-5)


def test_a_regularised_weight_of_the_generator_moves_by_its_gradient_alone():
    dense = layers.Dense(2, kernel_initializer="zeros", bias_regularizer=keras.regularizers.L2(0.5))
    generator = keras.Sequential([keras.Input((3,)), dense])
    dense.bias.assign([5, 7])
    logs = trained(generator, linear([0, 0]), rates=(0.1, 0))
    np.testing.assert_allclose(dense.bias, [4.5, 6.3], rtol=1e-5)
    np.testing.assert_allclose(logs["generator_loss"], 0.5 * (25 + 49), rtol=1e-5)
    np.testing.assert_allclose(logs["critic_loss"], 0, atol=1e-5)


@pytest.mark.parametrize("parts_and_interval", each([(1, 1), (4, 1), (1, 2)], quick=[(1, 1)]))
def test_add_loss_sees_real_and_fake_samples_once_and_no_interpolates(parts_and_interval):
    accumulate, gp_interval = parts_and_interval
    # real are 0 and fake (1, 3): mean over both 1, whatever the penalty looks at and in how many parts
    logs = trained(
        tiny.constant_generator([1, 3]),
        linear([0, 0], Adds()),
        accumulate=accumulate,
        n_critic=2,
        gp_interval=gp_interval,
    )
    np.testing.assert_allclose(logs["critic_loss"], 1.0, rtol=1e-5)
    np.testing.assert_allclose(logs["generator_loss"], 0.0, atol=1e-6)


def test_activities_count_of_both_passes_where_the_critic_mixes_samples():
    critic = keras.Sequential(
        [keras.Input((2,)), Adds(), layers.BatchNormalization(), layers.Dense(1, kernel_initializer="zeros")]
    )
    logs = trained(tiny.constant_generator([1, 3]), critic, method="wgan")
    np.testing.assert_allclose(logs["critic_loss"], (0 + 2) / 2, rtol=1e-5)


def test_a_constraint_holds_after_each_update():
    critic = linear([3, 4], kernel_constraint=keras.constraints.MaxNorm(1.0))
    trained(tiny.constant_generator([0, 0]), critic, rates=(0, 0.1))
    np.testing.assert_allclose(critic.layers[-1].kernel[:, 0], [0.6, 0.8], rtol=1e-5)


@pytest.mark.slow
def test_own_losses_of_two_replicas_are_those_of_one(mirrored):
    # by SGD: Adam would hide a factor
    def moved(strategy):
        with strategy.scope():
            generator = keras.Sequential([keras.Input((3,)), layers.Dense(2, bias_regularizer="l2"), Adds()])
            critic = linear([3, 4], Adds(), kernel_regularizer=keras.regularizers.L2(0.5))
            weights = np.linspace(-1, 1, 6).reshape(3, 2), [5, 7]
            generator.set_weights([np.float32(each) for each in weights])
            model = GAN(generator, critic, latent_dim=3, n_critic=1, gp_weight=0.0)
            model.compile(tiny.sgd(), tiny.sgd())
        logs = model.fit(tiny.points(8), batch_size=8, shuffle=False, verbose=0).history
        return [*tiny.values([*generator.weights, *critic.weights]), logs["critic_loss"], logs["generator_loss"]]

    for one, two in zip(moved(tf.distribute.get_strategy()), moved(mirrored), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5)


def test_nothing_is_added_where_there_is_nothing():
    assert own_losses.after(tiny.critic()) is None
    loss = tf.constant(2.0)
    assert own_losses.Collected(lambda batch: batch, tiny.critic(), 1).added_to(loss) is loss

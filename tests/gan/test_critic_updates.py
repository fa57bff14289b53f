"""Which critic updates have a penalty, of which samples, and what is logged of it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from tests.gan.test_replicas import make, train
from tests.gan.test_updates import difference, trained
from tests.marks import each
from wgangp_tf import GAN
from wgangp_tf.gan import methods

ONE = tf.distribute.get_strategy()
PENALISED = [name for name, method in methods.METHODS.items() if method.penalties]
RATE, WEIGHT = 0.01, 0.5


def by_hand(real, steps, n_critic, interval):
    """A linear critic from (3, 4) against fakes at (1, 1), by the penalty of every so-manieth update.

    Args:
      real: [2] of all real samples.

    Returns:
      Its weights after each step, and the norm at the last update with a penalty.
    """
    w, number, found = np.array([3.0, 4.0]), 0, []
    for _ in range(steps):
        for _ in range(n_critic):
            slope = np.array([1.0, 1.0]) - real
            if number % interval == 0:
                norm = np.linalg.norm(w)
                slope = slope + interval * WEIGHT * 2 * (norm - 1) * w / norm
            w, number = w - RATE * slope, number + 1
        found.append((w, norm))
    return found


@pytest.mark.parametrize("eager", [False, True], ids=["graph", "eager"])
@pytest.mark.parametrize("n_critic, interval", [(1, 1), (2, 1), (4, 2), (2, 2), (1, 3), (2, 4)])
def test_the_penalty_is_part_of_every_so_manieth_update_with_as_many_times_its_weight(n_critic, interval, eager):
    model = GAN(
        tiny.constant_generator([1, 1]),
        tiny.linear_critic([3, 4]),
        latent_dim=3,
        n_critic=n_critic,
        gp_weight=WEIGHT,
        gp_interval=interval,
    )
    model.compile(tiny.still(), tiny.sgd(RATE), run_eagerly=eager)
    real = np.array([2.0, 0.5])
    for w, norm in by_hand(real, 5, n_critic, interval):
        logs = model.fit(np.tile(np.float32(real), (4 * n_critic, 1)), batch_size=4 * n_critic, verbose=0).history
        np.testing.assert_allclose(model.critic.get_weights()[0].ravel(), w, rtol=1e-5)
        if n_critic <= interval:  # one penalty a step, or the last one there was
            for name in ("gradient_norm", "gradient_norm_min", "gradient_norm_max"):
                np.testing.assert_allclose(logs[name], [norm], rtol=1e-5, err_msg=name)
            np.testing.assert_allclose(logs["gradient_penalty"], [(norm - 1) ** 2], rtol=1e-4)


def test_the_critics_loss_has_the_penalty_where_the_update_has_it():
    model = GAN(
        tiny.constant_generator([0, 0]),
        tiny.linear_critic([3, 4]),
        latent_dim=3,
        n_critic=1,
        gp_weight=0.5,
        gp_interval=2,
    )
    model.compile(tiny.still(), tiny.still())
    real = np.tile(np.float32([1, 0]), (4, 1))
    losses = [model.fit(real, batch_size=4, verbose=0).history["critic_loss"][0] for _ in range(4)]
    np.testing.assert_allclose(losses, [-3 + 2 * 0.5 * 16, -3, -3 + 2 * 0.5 * 16, -3], rtol=1e-5)


def _quadratic():
    """D(x) = x²/2, whose gradient is x."""
    samples = keras.Input((1,))
    score = layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(0.5))
    return keras.Model(samples, score(layers.Multiply()([samples, samples])))


@pytest.mark.parametrize("fraction, count", [(1.0, 8), (0.5, 4), (0.3, 2), (0.01, 1)])
@pytest.mark.parametrize("known", [True, False], ids=["static", "dynamic"])
def test_the_penalty_is_of_the_first_samples(fraction, count, known):
    model = GAN(
        tiny.constant_generator([0]), _quadratic(), latent_dim=3, method="r1", n_critic=1, gp_batch_fraction=fraction
    )
    model.compile(tiny.still(), tiny.still())
    real = np.arange(1, 9, dtype=np.float32)[:, None]
    step = tf.function(model.train_step, input_signature=[tf.TensorSpec([8 if known else None, 1])])
    logs = step(tf.constant(real))
    np.testing.assert_allclose(logs["gradient_norm_real"], real[:count].mean(), rtol=1e-5)
    np.testing.assert_allclose(logs["gradient_norm_real_max"], count, rtol=1e-5)
    np.testing.assert_allclose(logs["gradient_penalty"], (real[:count] ** 2).mean(), rtol=1e-5)
    # what is held out is measured whole
    held_out = model.held_out_values(real)
    np.testing.assert_allclose(held_out["gradient_norm_real"], real.ravel(), rtol=1e-5)


_OPTIONS = [{"gp_interval": 2}, {"gp_interval": 4}, {"gp_batch_fraction": 0.5}]


@pytest.mark.parametrize("options", _OPTIONS, ids=str)
@pytest.mark.parametrize("method", each(PENALISED, quick=["wgan-gp", "dragan"]))
def test_every_method_takes_fewer_penalties(method, options):
    alone = trained(1, ONE, method=method, **options)
    assert all(np.all(np.isfinite(values)) for values in alone)
    assert difference(trained(1, ONE, method=method), alone) > 1e-4


@pytest.mark.parametrize("options", _OPTIONS[:2], ids=str)
@pytest.mark.parametrize("method", each(PENALISED, quick=["wgan-gp"]))
def test_parts_of_a_batch_give_the_same_with_fewer_penalties(method, options):
    assert difference(trained(1, ONE, method=method, **options), trained(2, ONE, method=method, **options)) < 1e-5


@pytest.mark.parametrize("options", _OPTIONS, ids=str)
@pytest.mark.parametrize("method", each(["wgan-gp", "r1"], quick=["wgan-gp"]))
def test_two_replicas_equal_one_with_fewer_penalties(method, options, mirrored):
    assert difference(trained(1, ONE, method=method, **options), trained(1, mirrored, method=method, **options)) < 1e-5


def test_replicas_that_must_agree_on_a_penalty_cannot_choose_whether_there_is_one(mirrored):
    # the noise of dragan is as large as the samples of all replicas are spread
    with pytest.raises(ValueError, match="gp_interval must be at most n_critic .* Received: gp_interval=4, n_critic=2"):
        make(mirrored, method="dragan", gp_interval=4)


def test_what_the_last_penalty_said_is_part_of_the_state():
    assert "last_penalty" not in make(ONE, gp_interval=2).state()
    model = make(ONE, gp_interval=4)
    train(model, tiny.points(64), steps=2)
    values = {variable.name: float(variable) for variable in model.state()["last_penalty"]}
    assert set(values) == {
        f"last_{name}" for name in ("gradient_penalty", "gradient_norm", "gradient_norm_min", "gradient_norm_max")
    }
    assert 0 < values["last_gradient_norm_min"] < values["last_gradient_norm"] < values["last_gradient_norm_max"]


@pytest.mark.parametrize(
    "keywords, message",
    [
        ({"gp_interval": 0}, "gp_interval must be an integer of at least 1. Received: gp_interval=0"),
        ({"gp_interval": 1.5}, "gp_interval must be an integer of at least 1. Received: gp_interval=1.5"),
        ({"gp_interval": 3}, "gp_interval must divide n_critic .* Received: gp_interval=3, n_critic=2"),
        ({"gp_batch_fraction": 0.0}, "gp_batch_fraction must be in .* Received: gp_batch_fraction=0.0"),
        ({"gp_batch_fraction": 1.5}, "gp_batch_fraction must be in .* Received: gp_batch_fraction=1.5"),
        ({"gp_batch_fraction": float("nan")}, "gp_batch_fraction must be in .* Received: gp_batch_fraction=nan"),
    ],
)
def test_penalties_that_cannot_be(keywords, message):
    with pytest.raises(ValueError, match=message):
        make(ONE, **keywords)

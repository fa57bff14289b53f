import keras
import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.gan import optimizers


@pytest.mark.parametrize("name, kind", [("adam", "Adam"), ("rmsprop", "RMSprop"), ("sgd", "SGD")])
def test_optimizers_by_name(name, kind):
    optimizer = optimizers.make(name, 0.25, beta_1=0.5, beta_2=0.75)
    assert type(optimizer) is getattr(keras.optimizers, kind)
    assert float(optimizer.learning_rate) == 0.25
    if name == "adam":
        assert (optimizer.beta_1, optimizer.beta_2) == (0.5, 0.75)


def test_linear_to_zero_follows_the_step_of_the_run_whatever_the_optimizer_counts():
    step = tf.Variable(0, dtype=tf.int64)
    schedule = optimizers.LinearToZero(0.5, 4, step)
    rates = []
    for value in range(6):
        step.assign(value)
        rates.append(float(schedule(tf.constant(3 * value))))
    np.testing.assert_allclose(rates, [0.5, 0.375, 0.25, 0.125, 0.0, 0.0])


def test_cosine_to_zero_is_half_a_cosine_of_the_step():
    step = tf.Variable(0, dtype=tf.int64)
    schedule = optimizers.CosineToZero(0.5, 4, step)
    rates = []
    for value in range(6):
        step.assign(value)
        rates.append(float(schedule(tf.constant(3 * value))))
    np.testing.assert_allclose(rates, [0.5, 0.25 + 0.125 * 2**0.5, 0.25, 0.25 - 0.125 * 2**0.5, 0.0, 0.0], atol=1e-7)

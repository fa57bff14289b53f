import keras
import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.gan import optimizers


@pytest.mark.parametrize("name, kind", [("adam", "Adam"), ("rmsprop", "RMSprop"), ("sgd", "SGD")])
def test_optimizers_by_name(name, kind):
    optimizer = optimizers.make(name, 0.25, beta_1=0.5, beta_2=0.75)
    assert isinstance(optimizer, getattr(keras.optimizers, kind))
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


def _trained(make, gradients, strategy=None):
    """A weight [4] after its gradients, each [4], and the values of the optimizer's variables."""
    with (strategy or tf.distribute.get_strategy()).scope():
        optimizer = make()
        weight = keras.Variable(np.arange(4, dtype=np.float32), name="weight")
        optimizer.build([weight])

    def apply(gradient):
        optimizer.apply([tf.identity(gradient)], [weight])  # on the replica's device

    for gradient in gradients:
        if strategy is None:
            apply(gradient)
        else:
            tf.function(strategy.run, autograph=False)(apply, args=(gradient / strategy.num_replicas_in_sync,))
    return np.asarray(weight), [np.asarray(variable) for variable in optimizer.variables]


@pytest.mark.parametrize("replicas", [1, 2])
@pytest.mark.parametrize("beta_1, beta_2", [(0.0, 0.9), (0.5, 0.999)])
def test_adam_in_one_operation_is_keras_adam(beta_1, beta_2, replicas, mirrored):
    gradients = tf.constant(np.random.default_rng(0).standard_normal((7, 4)), tf.float32)
    expected, state = _trained(lambda: keras.optimizers.Adam(0.01, beta_1=beta_1, beta_2=beta_2), gradients)
    strategy = mirrored if replicas == 2 else None
    found, own = _trained(lambda: optimizers.Adam(0.01, beta_1=beta_1, beta_2=beta_2), gradients, strategy)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)  # 1 − beta_2 has few digits, of updates of 0.01
    for value, of_keras in zip(own, state, strict=True):
        # 1 − 0.999 is 1.3e-5 off where it is made of float32
        np.testing.assert_allclose(value, of_keras, rtol=2e-5, atol=1e-9)


def test_the_first_update_of_adam_is_the_rate_against_the_gradients_sign():
    # both averages are corrected to the gradient itself and its square (Kingma and Ba 2015, Algorithm 1)
    gradients = tf.constant([[2.0, -3.0, 0.0, 1e3]])
    weight, _ = _trained(lambda: optimizers.Adam(0.25, beta_1=0.5, beta_2=0.9), gradients)
    np.testing.assert_allclose(weight, [0 - 0.25, 1 + 0.25, 2, 3 - 0.25], rtol=1e-6)

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from wgangp_tf.networks import rectifiers

_PAIRS = [
    pytest.param(rectifiers.ReLU, layers.ReLU, {}, id="relu"),
    pytest.param(rectifiers.LeakyReLU, layers.LeakyReLU, {"negative_slope": 0.25}, id="leaky"),
]


def _critic(rectifier, how, seed=0):
    """Two layers of 5 units on points [batch, 3], of a rectifier."""
    samples = keras.Input((3,))
    x = samples
    for k in range(2):
        drawn = keras.initializers.GlorotNormal(seed=seed + k)
        x = rectifier(**how)(layers.Dense(5, kernel_initializer=drawn, bias_initializer="ones")(x))
    return keras.Model(samples, layers.Dense(1, kernel_initializer=keras.initializers.GlorotNormal(seed=9))(x))


def _penalty_gradients(critic, points):
    """Gradient of mean (‖∇D‖ − 1)² + D, by the critic's weights."""
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(points)
            scores = critic(points, training=True)
        norms = tf.norm(inner.gradient(scores, points), axis=1)
        loss = tf.reduce_mean((norms - 1.0) ** 2 + scores[:, 0])
    return outer.gradient(loss, [weight.value for weight in critic.trainable_weights])


def _needed(graph, kind):
    """How many operations of a kind the outputs of a graph depend on."""
    found, ahead = set(), [tensor.op for tensor in graph.outputs]
    while ahead:
        operation = ahead.pop()
        if operation not in found:
            found.add(operation)
            ahead += [tensor.op for tensor in operation.inputs]
    return sum(operation.type == kind for operation in found)


def _points(count=16):
    return tf.constant(np.random.default_rng(3).standard_normal((count, 3)), tf.float32)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("own, plain, how", _PAIRS)
def test_values_are_those_of_the_plain_layer(own, plain, how, training):
    x = tf.constant([-2.0, -0.0, 0.0, 0.5, float("inf"), -float("inf")])
    np.testing.assert_array_equal(own(**how)(x, training=training), plain(**how)(x))


@pytest.mark.parametrize("graph", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize("own, plain, how", _PAIRS)
def test_gradients_through_a_penalty_are_those_of_the_plain_layer_to_the_last_bit(own, plain, how, graph):
    found = []
    for rectifier in (own, plain):
        of = tf.function(_penalty_gradients, autograph=False) if graph else _penalty_gradients
        found.append([np.asarray(gradient) for gradient in of(_critic(rectifier, how), _points())])
    for mine, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert all(np.any(gradient) for gradient in found[0])


@pytest.mark.parametrize("own, plain, how", _PAIRS)
def test_a_penalty_alone_goes_back_through_no_layer_in_vain(own, plain, how):
    def products(rectifier):
        critic = _critic(rectifier, how)

        @tf.function(autograph=False)
        def gradients(points):
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(points)
                    scores = critic(points, training=True)
                loss = tf.reduce_mean(inner.gradient(scores, points) ** 2)
            return [g for g in outer.gradient(loss, [w.value for w in critic.trainable_weights]) if g is not None]

        return _needed(gradients.get_concrete_function(tf.TensorSpec([4, 3])).graph, "MatMul")

    # forward, but for the scores; back to the points; then from there each kernel's share, and on to the next layer
    assert products(own) == 2 + 3 + 3 + 2
    assert products(plain) > products(own)


@pytest.mark.parametrize("own, plain, how", _PAIRS)
def test_what_samples_are_drawn_with_has_no_gradient_of_ones_own(own, plain, how):
    layer = own(**how)
    graph = tf.function(lambda x: layer(x, training=False)).get_concrete_function(tf.TensorSpec([2, 3])).graph
    assert {operation.type for operation in graph.get_operations()} <= {"Placeholder", "Relu", "LeakyRelu", "Identity"}


@pytest.mark.parametrize("own, plain, how", _PAIRS)
def test_a_network_of_it_is_saved_and_read(own, plain, how, tmp_path):
    critic = _critic(own, how)
    critic.save(tmp_path / "critic.keras")
    again = keras.models.load_model(tmp_path / "critic.keras")
    np.testing.assert_array_equal(critic(_points()), again(_points()))

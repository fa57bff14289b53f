"""The training step over two replicas."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from wgangp_tf import GAN
from wgangp_tf.data import pipeline
from wgangp_tf.data.source import Split
from wgangp_tf.gan import replicas as replicas_module
from wgangp_tf.gan.draws import Draws

ONE = tf.distribute.get_strategy()


def make(strategy, *, seed=0, normalization=None, rate=0.05, critic=None, generator=None, **keywords):
    keras.utils.set_random_seed(seed)
    with strategy.scope():
        generator = generator() if generator else tiny.generator(normalization=normalization)
        critic = critic() if critic else tiny.critic()
        model = GAN(generator, critic, **{"latent_dim": 3, "n_critic": 2} | keywords)
        model.compile(tiny.sgd(rate), tiny.sgd(rate))
    return model


def train(model, samples, steps, batch_size=8):
    """`fit` on our batches; returns the logs of the last step."""
    batches = pipeline.training_batches(
        Split(samples),
        seed=0,
        batch_size=batch_size,
        n_critic=model.n_critic,
        steps=steps,
        replicas=model.distribute_strategy.num_replicas_in_sync,
    )
    history = model.fit(batches, epochs=1, steps_per_epoch=steps, verbose=0).history
    return {name: values[-1] for name, values in history.items()}


def difference(mirrored):
    """Greatest difference of a weight or a log, relative, between one replica and two after two steps by SGD."""
    results = []
    for strategy in (ONE, mirrored):
        model = make(strategy, ema_decay=0.5)
        logs = train(model, tiny.points(64), steps=2)
        networks = [*model.generator.weights, *model.critic.weights, *model.averages.weights]
        results.append([*tiny.values(networks), np.array([logs[name] for name in sorted(logs)])])
    # the critic's last bias has the gradient 0
    return max(np.abs(a - b).max() / max(np.abs(a).max(), 1e-3) for a, b in zip(*results, strict=True))


def test_two_replicas_equal_one_of_twice_the_batch(mirrored):
    assert difference(mirrored) < 1e-6


@pytest.mark.slow
def test_without_the_division_by_replicas_two_would_not_equal_one(mirrored, monkeypatch):
    # proves the test above: gradients are summed over replicas
    right = replicas_module.position
    monkeypatch.setattr(replicas_module, "position", lambda: (right()[0], 1))
    assert difference(mirrored) > 1e-2


def test_replicas_draw_noise_of_their_own(mirrored):
    model = make(mirrored)

    def draw():
        assert replicas_module.position()[1] == 2
        return Draws(0, model.step).normal("latents", 4, [3])

    first, second = mirrored.experimental_local_results(tf.function(lambda: mirrored.run(draw))())
    assert len(np.unique(np.concatenate([first, second]), axis=0)) == 8
    # those of the places 0, 2, … and 1, 3, … of the whole batch
    np.testing.assert_array_equal(
        np.stack([first, second], axis=1).reshape(8, 3), Draws(0, 0).normal("latents", 8, [3])
    )


def test_statistics_of_replicas_become_their_means_in_one_exchange(mirrored, monkeypatch):
    with mirrored.scope():
        averages = [keras.Variable(tf.zeros(shape), trainable=False) for shape in ((3,), (2, 2))]
        count = keras.Variable(0, dtype="int32", trainable=False)
    exchanged, mean = [], replicas_module.mean
    monkeypatch.setattr(replicas_module, "mean", lambda values: exchanged.append(values) or mean(values))

    def share():
        number = tf.cast(replicas_module.position()[0], tf.float32)
        averages[0].assign(tf.constant([1.0, 2.0, 3.0]) + number)
        averages[1].assign(tf.constant([[4.0, 5.0], [6.0, 7.0]]) + 3 * number)
        replicas_module.share_means([averages[0], count, averages[1]])

    tf.function(lambda: mirrored.run(share), autograph=False)()
    assert len(exchanged) == 2, "once in the trace of each of two replicas"
    for found, expected in zip(averages, ([1.5, 2.5, 3.5], [[5.5, 6.5], [7.5, 8.5]]), strict=True):
        for here in mirrored.experimental_local_results(found.value):
            np.testing.assert_array_equal(here, expected)


def test_values_of_replicas_are_gathered_in_their_order(mirrored):
    def gather():
        number = tf.cast(replicas_module.position()[0], tf.float32)
        return replicas_module.gathered([tf.stack([1.0, 2.0]) + 10 * number, tf.stack([3.0]) + 10 * number])

    pairs, single = tf.function(lambda: mirrored.run(gather), autograph=False)()
    for found, expected in ((pairs, [1, 2, 11, 12]), (single, [3, 13])):
        for here in mirrored.experimental_local_results(found):
            np.testing.assert_array_equal(here, expected)


@pytest.mark.slow
def test_each_replica_sees_fakes_and_interpolates_of_its_own(mirrored):
    # what the critic is given, in the graph, by a layer that keeps it
    kept = []

    class Keep(layers.Layer):
        def call(self, inputs):
            tf.numpy_function(lambda x: kept.append(x.copy()), [inputs], [])
            return inputs

    model = make(mirrored, critic=lambda: keras.Sequential([keras.Input((2,)), Keep(), layers.Dense(1)]))
    kept.clear()
    real = tiny.points(16)
    train(model, real, steps=1)
    scored = [seen for seen in kept if len(seen) == 8]  # 2 replicas x 2 critic updates of 4 real and 4 fake
    alone = [seen for seen in kept if len(seen) == 4]  # their interpolates, and the fakes of the generator's update
    assert len(scored) == 4 and len(alone) == 6
    assert len(np.unique(np.concatenate([seen[:4] for seen in scored]), axis=0)) == 16
    assert len(np.unique(np.concatenate([seen[4:] for seen in scored] + alone), axis=0)) == 16 + 24


def test_least_and_greatest_norms_are_of_all_replicas(mirrored):
    # D(x) = x²/2 has the gradient x; interpolates of the first replica are at 1, of the second between 1 and 17
    def critic():
        samples = keras.Input((1,))
        score = layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(0.5))
        return keras.Model(samples, score(layers.Multiply()([samples, samples])))

    model = make(
        mirrored, rate=0.0, n_critic=1, critic=critic, generator=lambda: tiny.constant_generator([1.0]), gp_weight=0.0
    )
    samples = np.array([[1], [1], [1], [1], [17], [17], [17], [17]], np.float32)
    logs = model.fit(tf.data.Dataset.from_tensors(samples), verbose=0).history
    np.testing.assert_allclose(logs["gradient_norm_min"], [1.0], rtol=1e-5)
    assert 3 < logs["gradient_norm_max"][0] < 17
    assert 1 < logs["gradient_norm"][0] < (1 + logs["gradient_norm_max"][0]) / 2
    # logged undivided: (1 + 17²) / 2 / 2 − 1/2
    np.testing.assert_allclose(logs["wasserstein_estimate"], [(1 + 289) / 4 - 0.5], rtol=1e-5)
    np.testing.assert_allclose(logs["generator_loss"], [-0.5], rtol=1e-5)


@pytest.mark.parametrize("batch", [4, 3])
def test_evaluate_over_replicas_gives_means_over_all_samples(mirrored, batch):
    # real samples 0 … 9 score 0, 3, … 27: mean 13.5; fakes score 7; in 4 + 4 + 2, or 3 + 3 + 3 + 1, cut over the two
    model = make(
        mirrored,
        generator=lambda: tiny.constant_generator([1, 1]),
        critic=lambda: tiny.linear_critic([3, 4]),
        gp_weight=0.5,
    )
    samples = np.stack([np.arange(10), np.zeros(10)], axis=1).astype(np.float32)
    data = tf.data.Dataset.from_tensor_slices(samples).batch(batch)
    values = model.evaluate(data, verbose=0, return_dict=True)
    expected = {"wasserstein_estimate": 6.5, "critic_loss": 1.5, "gradient_penalty": 16, "gradient_norm": 5}
    for name, value in expected.items():
        np.testing.assert_allclose(values[name], value, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("keyword, value", [("run_eagerly", True), ("jit_compile", True), ("steps_per_execution", 2)])
def test_what_keras_cannot_do_over_replicas_is_refused(mirrored, keyword, value):
    model = make(mirrored)
    with pytest.raises(
        ValueError, match=f"{keyword} must be .* over several replicas: .*. Received: {keyword}={value}"
    ):
        model.compile(**{keyword: value})


def test_a_batch_that_does_not_divide_is_refused_on_each_replica(mirrored):
    model = make(mirrored)
    with pytest.raises(ValueError, match="on each replica, a multiple of 2. Received: 3 samples"):
        model.fit(tf.data.Dataset.from_tensors(tiny.points(6)), verbose=0)


def test_a_generator_batch_that_does_not_divide_is_refused(mirrored):
    with mirrored.scope():
        model = GAN(tiny.generator(), tiny.critic(), latent_dim=3, generator_batch_size=3)
    with pytest.raises(ValueError, match="generator_batch_size must be a multiple of 2: 2 replicas times accumulate"):
        model.compile()

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from wgangp_tf import GAN, WGANGP
from wgangp_tf.gan import optimizers
from wgangp_tf.gan.batches import Batch


def make(generator=None, critic=None, rate=0.05, run_eagerly=False, **keywords):
    """A compiled model of tiny networks, trained by SGD."""
    generator, critic = generator or tiny.generator(), critic or tiny.critic()
    model = GAN(generator, critic, **{"latent_dim": 3, "n_critic": 2} | keywords)
    model.compile(tiny.sgd(rate), tiny.sgd(rate), run_eagerly=run_eagerly)
    return model


def arithmetic(method="wgan-gp", **keywords):
    """Fakes are always (1, 1) and D(x) = 3 x1 + 4 x2, of gradient norm 5; nothing moves."""
    model = GAN(tiny.constant_generator([1, 1]), tiny.linear_critic([3, 4]), latent_dim=3, method=method, **keywords)
    model.compile(tiny.still(), tiny.still())
    return model


def train(model, samples, steps):
    """`fit` on consecutive batches; returns the logs of each step."""
    size = len(samples) // steps
    seen = []
    keep = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(logs))
    model.fit(tf.data.Dataset.from_tensor_slices(samples).batch(size, True), callbacks=[keep], verbose=0)
    assert len(seen) == steps
    return seen


def networks_of(model):
    return [*model.generator.variables, *model.critic.variables]


# ---- how many updates, on what


def test_n_critic_updates_on_distinct_batches_then_one_of_the_generator():
    steps, n_critic, batch = 3, 4, 5
    recorder = tiny.Recorder()
    critic = keras.Sequential([keras.Input((2,)), recorder, layers.Dense(1)])
    # still networks: samples differ by their latents alone
    model = make(critic=critic, n_critic=n_critic, rate=0.0, run_eagerly=True)
    samples = tiny.points(steps * n_critic * batch)
    recorder.seen.clear()
    train(model, samples, steps)

    assert model.steps_done == steps
    assert int(model.generator_optimizer.iterations) == steps
    assert int(model.critic_optimizer.iterations) == n_critic * steps
    # in each step: n_critic times (scores of real and fake, penalty), then the scores of the generator's update
    assert [len(seen) for seen in recorder.seen] == ([2 * batch, batch] * n_critic + [batch]) * steps
    scored = [seen for seen in recorder.seen if len(seen) == 2 * batch]
    np.testing.assert_array_equal(np.concatenate([seen[:batch] for seen in scored]), samples)
    fakes = [seen[batch:] for seen in scored]
    fakes += [seen for k, seen in enumerate(recorder.seen) if k % (2 * n_critic + 1) == 2 * n_critic]
    assert len(np.unique(np.concatenate(fakes), axis=0)) == (n_critic + 1) * batch * steps


def test_every_critic_update_interpolates_with_weights_of_its_own():
    # fakes are 0 and real samples 1, so the interpolates are the weights themselves
    recorder = tiny.Recorder()
    critic = keras.Sequential([keras.Input((1,)), recorder, layers.Dense(1)])
    model = GAN(tiny.constant_generator([0]), critic, latent_dim=3, n_critic=2)
    model.compile(tiny.still(), tiny.still(), run_eagerly=True)
    recorder.seen.clear()
    train(model, np.ones([2 * 2 * 5, 1], np.float32), steps=2)
    weights = [seen for k, seen in enumerate(recorder.seen) if k % 5 in (1, 3)]
    assert [len(seen) for seen in weights] == [5] * 4
    assert len(np.unique(np.concatenate(weights))) == 20


def test_a_critic_update_leaves_the_generator_as_it_is():
    model = make()
    generator, critic = tiny.values(model.generator.variables), tiny.values(model.critic.variables)
    optimizer = tiny.values(model.generator_optimizer.variables)
    model._critic_updates._update([Batch(tf.constant(tiny.points(8)))], 0)
    assert tiny.same(generator, tiny.values(model.generator.variables)), "moving statistics included"
    assert tiny.same(optimizer, tiny.values(model.generator_optimizer.variables))
    assert not tiny.same(critic, tiny.values(model.critic.variables))


@pytest.mark.parametrize("method, normalization", [("wgan-gp", None), ("wgan", layers.BatchNormalization)])
def test_a_generator_update_leaves_the_critic_as_it_is(method, normalization):
    model = make(critic=tiny.critic(normalization=normalization), method=method)
    generator, critic = tiny.values(model.generator.variables), tiny.values(model.critic.variables)
    optimizer = tiny.values(model.critic_optimizer.variables)
    model._update_generator([Batch(tf.constant(tiny.points(8)))])
    assert tiny.same(critic, tiny.values(model.critic.variables)), "state included"
    assert tiny.same(optimizer, tiny.values(model.critic_optimizer.variables))
    for before, after in zip(generator, tiny.values(model.generator.variables), strict=True):
        assert not np.array_equal(before, after), "moving statistics included"


@pytest.mark.slow
def test_moving_statistics_follow_the_generators_own_updates_alone():
    # one batch normalisation update moves them by 1 - momentum, n_critic more would go further
    generator = tiny.generator(normalization=lambda: layers.BatchNormalization(momentum=0.5))
    first = generator.layers[1]
    first.set_weights([np.zeros_like(first.kernel), np.full(first.bias.shape, 4, np.float32)])
    model = make(generator=generator, rate=0.0, n_critic=3)
    train(model, tiny.points(6), steps=1)
    np.testing.assert_allclose(generator.layers[2].moving_mean, np.full(8, 2.0), rtol=1e-6)


# ---- clipping


def test_clipping_bounds_every_weight_but_the_scales_of_normalisation():
    critic = tiny.critic(normalization=layers.LayerNormalization)
    model = make(critic=critic, method="wgan", clip_value=0.01)
    train(model, tiny.points(32), steps=4)
    norm = critic.layers[3]
    assert isinstance(norm, layers.LayerNormalization)
    assert np.all(np.abs(norm.gamma - 1) < 0.1)
    for variable in critic.trainable_variables:
        if variable is not norm.gamma:
            assert np.all(np.abs(variable) <= np.float32(0.01))
    assert np.any(np.abs(critic.layers[-1].kernel) == np.float32(0.01)), "some weight reached the bound"


def test_without_clipping_in_the_method_nothing_is_clipped():
    model = arithmetic("wgan-gp", n_critic=1, clip_value=0.01)
    train(model, tiny.points(4), steps=1)
    np.testing.assert_array_equal(model.critic.layers[-1].kernel, [[3], [4]])


def test_the_logged_norm_is_that_of_the_clipped_critic():
    # all weights clipped to 0.01: the gradient is (0.01, 0.01)
    model = arithmetic("wgan", n_critic=1, clip_value=0.01)
    (logs,) = train(model, tiny.points(8), steps=1)
    np.testing.assert_allclose(logs["gradient_norm"], 0.01 * 2**0.5, rtol=1e-5)


# ---- what is logged


KEYS = {
    "critic_loss",
    "generator_loss",
    "wasserstein_estimate",
    "gradient_penalty",
    "gradient_norm",
    "gradient_norm_min",
    "gradient_norm_max",
    "learning_rate",
}


def test_logs_of_a_step_by_hand():
    # fakes score 3 + 4 = 7; the real samples 3, 6, 30 and 40; the norm is 5, its penalty 16
    model = arithmetic(n_critic=2, gp_weight=0.5)
    (logs,) = train(model, np.array([[1, 0], [2, 0], [10, 0], [0, 10]], np.float32), steps=1)
    assert set(logs) == KEYS
    estimate = (3 + 6 + 30 + 40) / 4 - 7
    expected = {
        "wasserstein_estimate": estimate,  # without the penalty
        "gradient_penalty": 16,
        "critic_loss": -estimate + 0.5 * 16,
        "generator_loss": -7,
        "gradient_norm": 5,
        "gradient_norm_min": 5,
        "gradient_norm_max": 5,
        "learning_rate": 0,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5, err_msg=name)


def test_least_and_greatest_norms_are_those_of_all_critic_updates():
    # D(x) = x²/2 has the gradient x; real samples equal the fakes in the first update, so the norm there is 1
    samples = keras.Input((1,))
    score = layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(0.5))
    critic = keras.Model(samples, score(layers.Multiply()([samples, samples])))
    model = GAN(tiny.constant_generator([1]), critic, latent_dim=3, n_critic=2)
    model.compile(tiny.still(), tiny.still())
    (logs,) = train(model, np.array([[1], [1], [9], [9]], np.float32), steps=1)
    np.testing.assert_allclose(logs["gradient_norm_min"], 1.0, rtol=1e-5)
    assert 1.0 < logs["gradient_norm_max"] < 9.0
    np.testing.assert_array_less(logs["gradient_norm"], (1 + logs["gradient_norm_max"]) / 2 + 1e-5)


@pytest.mark.parametrize("batch", [3, 4, 10])
def test_evaluate_gives_means_over_all_samples(batch):
    # real samples 0 … 9 on the first axis score 0, 3, … 27: mean 13.5; fakes score 7
    model = arithmetic(gp_weight=0.5)
    samples = np.stack([np.arange(10), np.zeros(10)], axis=1).astype(np.float32)
    values = model.evaluate(tf.data.Dataset.from_tensor_slices(samples).batch(batch), verbose=0, return_dict=True)
    expected = {
        "wasserstein_estimate": 6.5,
        "critic_loss": -6.5 + 0.5 * 16,
        "gradient_penalty": 16,
        "gradient_norm": 5,
    }
    assert set(values) == set(expected)
    for name, value in expected.items():
        np.testing.assert_allclose(values[name], value, rtol=1e-5, err_msg=name)


def test_evaluate_draws_other_fakes_for_each_batch_and_the_same_when_repeated():
    recorder = tiny.Recorder()
    critic = keras.Sequential([keras.Input((2,)), recorder, layers.Dense(1)])
    model = make(critic=critic, run_eagerly=True)
    before = tiny.values(networks_of(model))
    data = tf.data.Dataset.from_tensor_slices(tiny.points(12)).batch(4)
    recorder.seen.clear()
    first = model.evaluate(data, verbose=0, return_dict=True)
    fakes = [seen[4:] for seen in recorder.seen if len(seen) == 8]
    assert len(np.unique(np.concatenate(fakes), axis=0)) == 12
    assert model.evaluate(data, verbose=0, return_dict=True) == first
    assert tiny.same(before, tiny.values(networks_of(model))), "evaluation changes nothing"


# ---- eager, graph, seeds


@pytest.mark.parametrize("method", ["wgan-gp", "wgan"])
def test_eager_equals_graph(method):
    samples = tiny.points(24)
    results = []
    for run_eagerly in (True, False):
        keras.utils.set_random_seed(0)
        model = make(method=method, ema_decay=0.5, run_eagerly=run_eagerly)
        logs = train(model, samples, steps=3)
        results.append((tiny.values(model.variables), logs))
    (eager, eager_logs), (graph, graph_logs) = results
    # the graph's compiler reorders sums: a few units in the last place over six critic updates
    for a, b in zip(eager, graph, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-6, atol=2e-7)
    for a, b in zip(eager_logs, graph_logs, strict=True):
        np.testing.assert_allclose(list(a.values()), list(b.values()), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_several_steps_per_execution_are_the_same_steps():
    results = []
    for count in (1, 2):
        keras.utils.set_random_seed(0)
        model = make()
        model.compile(tiny.sgd(0.05), tiny.sgd(0.05), steps_per_execution=count)
        model.fit(tf.data.Dataset.from_tensor_slices(tiny.points(32)).batch(8, True), verbose=0)
        assert model.steps_done == 4
        results.append(tiny.values([*model.generator.variables, *model.critic.variables]))
    assert tiny.same(*results)


@pytest.mark.slow
def test_the_seed_alone_decides_the_noise():
    def trained(seed):
        keras.utils.set_random_seed(0)
        model = make(seed=seed)
        train(model, tiny.points(8), steps=2)
        return tiny.values(model.variables)

    first = trained(1)
    assert tiny.same(first, trained(1))
    assert not tiny.same(first, trained(2))


# ---- averages and sampling


def test_averages_follow_the_ramped_formula_and_are_what_samples_come_from():
    decay = 0.2
    model = make(ema_decay=decay, run_eagerly=True)
    generator = model.generator
    expected = tiny.values(generator.weights)
    seen = []
    keep = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(tiny.values(generator.weights))
    )
    model.fit(tf.data.Dataset.from_tensor_slices(tiny.points(32)).batch(8), callbacks=[keep], verbose=0)
    for step, weights in enumerate(seen):
        kept = min(decay, (1 + step) / (10 + step))  # 0.1, 2/11, 0.2, 0.2
        expected = [kept * average + (1 - kept) * weight for average, weight in zip(expected, weights, strict=True)]
    for average, value in zip(model.averages.weights, expected, strict=True):
        np.testing.assert_allclose(average, value, rtol=1e-5, atol=1e-6)

    averaged = keras.models.clone_model(generator)
    averaged.set_weights(expected)
    latents = tiny.points(5, size=3)
    np.testing.assert_allclose(model(latents), averaged(latents, training=False), rtol=1e-4, atol=1e-5)
    assert np.abs(model(latents) - generator(latents, training=False)).max() > 1e-3
    live = model.generate(4, seed=1)
    model.take_setting("averages", None)
    model._traced_sampler = None
    assert np.abs(live - model.generate(4, seed=1)).max() > 1e-3


def test_averages_begin_as_the_weights_and_are_drawn_on_by_call_unless_training():
    model = make(ema_decay=0.5)
    latents = tiny.points(5, size=3)
    np.testing.assert_array_equal(model(latents), model.generator(latents, training=False))
    np.testing.assert_array_equal(model(latents, training=True), model.generator(latents, training=True))


def test_without_averages_samples_come_from_the_generator():
    model = make(ema_decay=0.0)
    assert model.averages is None
    latents = tiny.points(5, size=3)
    np.testing.assert_array_equal(model(latents), model.generator(latents, training=False))


def test_generate_gives_sample_k_whatever_the_number():
    model = make(ema_decay=0.5)
    all_samples = model.generate(130, seed=4)
    assert all_samples.shape == (130, 2) and all_samples.dtype == np.float32
    for count in (1, 10, 64, 65):
        np.testing.assert_array_equal(model.generate(count, seed=4), all_samples[:count])
    assert len(np.unique(all_samples, axis=0)) == 130
    assert not np.array_equal(model.generate(10, seed=5), all_samples[:10])
    assert not np.array_equal(model.generate(10), all_samples[:10])


def test_generate_sees_what_was_trained_since():
    model = make(ema_decay=0.5)
    before = model.generate(3)
    train(model, tiny.points(8), steps=1)
    assert not np.array_equal(model.generate(3), before)


# ---- learning rates


def test_rates_of_both_networks_reach_zero_at_the_last_step():
    # D(x) = 3 x1 + 4 x2 still: the generator's bias moves by rate * (3, 4), rates 0.1 * (1 + 3/4 + 1/2 + 1/4)
    generator = tiny.constant_generator([0, 0])
    model = GAN(generator, tiny.linear_critic([3, 4]), latent_dim=3, n_critic=3)
    model.compile(keras.optimizers.SGD(optimizers.LinearToZero(0.1, 4, model.step)), tiny.still())
    logs = train(model, tiny.points(24), steps=4)
    np.testing.assert_allclose(generator.layers[-1].bias, [0.75, 1.0], rtol=1e-5)
    np.testing.assert_allclose([log["learning_rate"] for log in logs], [0.1, 0.075, 0.05, 0.025], rtol=1e-5)

    # fakes are 0 still, real samples (1, 2), no penalty: the critic's weights move by rate * (1, 2) in each update
    critic = tiny.linear_critic([0, 0])
    model = GAN(tiny.constant_generator([0, 0]), critic, latent_dim=3, n_critic=3, gp_weight=0.0)
    model.compile(tiny.still(), keras.optimizers.SGD(optimizers.LinearToZero(0.1, 4, model.step)))
    train(model, np.tile(np.float32([1, 2]), [24, 1]), steps=4)
    np.testing.assert_allclose(critic.layers[-1].kernel[:, 0], [3 * 0.25, 3 * 0.5], rtol=1e-5)


@pytest.mark.parametrize(
    "method, kind, rate", [("wgan-gp", "Adam", 1e-4), ("wgan-lp", "Adam", 1e-4), ("wgan", "RMSprop", 5e-5)]
)
def test_compile_without_optimizers_takes_the_methods_own(method, kind, rate):
    model = GAN(tiny.generator(), tiny.critic(), latent_dim=3, method=method)
    model.compile()
    for optimizer in (model.generator_optimizer, model.critic_optimizer):
        assert type(optimizer).__name__ == kind
        np.testing.assert_allclose(float(optimizer.learning_rate), rate, rtol=1e-6)
    assert model.generator_optimizer is not model.critic_optimizer
    assert type(model.optimizer).__name__ == "BothOptimizers", "not Keras' own, which nothing would use"
    if kind == "Adam":
        assert (model.critic_optimizer.beta_1, model.critic_optimizer.beta_2) == (0.0, 0.9)


# ---- batches


def test_batches_with_labels_train_on_their_samples():
    model = arithmetic(n_critic=2)
    samples = np.array([[1, 0], [2, 0], [10, 0], [0, 10]], np.float32)
    data = tf.data.Dataset.from_tensors({"samples": samples, "labels": np.arange(4, dtype=np.int32)})
    history = model.fit(data, verbose=0).history
    np.testing.assert_allclose(history["wasserstein_estimate"], [19.75 - 7], rtol=1e-5)
    values = model.evaluate(data, verbose=0, return_dict=True)
    np.testing.assert_allclose(values["wasserstein_estimate"], 19.75 - 7, rtol=1e-5)


def test_an_array_trains():
    model = arithmetic(n_critic=2)
    history = model.fit(np.ones([8, 2], np.float32), batch_size=4, verbose=0).history
    np.testing.assert_allclose(history["wasserstein_estimate"], [0.0], atol=1e-5)


@pytest.mark.parametrize(
    "batch, message",
    [
        (np.zeros([5, 2], np.float32), r"n_critic x batch_size samples on each replica, a multiple of 2.*Received: 5"),
        (np.zeros([1, 2], np.float32), r"a multiple of 2.*Received: 1 samples"),
        (np.zeros([4, 2], np.uint8), r"Samples must be floats, images in \[-1, 1\]. Received: dtype=uint8"),
        (np.zeros([4, 2], np.int32), r"Received: dtype=int32"),
        (
            np.zeros([4, 3], np.float32),
            r"Samples must be \[batch, 2\], as the generator makes them.*: \(4, 3\)",
        ),
        (np.zeros([4], np.float32), r"Samples must be \[batch, 2\], as the generator makes them. Received: \(4,\)"),
        (({"labels": np.zeros([4])}), r"A batch must be a tensor .* a dict with \"samples\".* Received: .*labels"),
        ((np.zeros([4, 2], np.float32), np.zeros(4)), r"give samples alone. Received: \(samples, labels\)"),
        ((np.zeros([4, 2], np.float32),) * 4, r"A batch must be a tensor .* Received: tuple of 4"),
    ],
)
def test_batches_that_cannot_be_trained_on_are_refused(batch, message):
    with pytest.raises(ValueError, match=message):
        make().fit(tf.data.Dataset.from_tensors(batch), verbose=0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*ran out of data")
def test_a_pipeline_that_ends_unannounced_counts_the_steps_it_had():
    model, announced = make(ema_decay=0.5), make(ema_decay=0.5)
    announced.set_weights(model.get_weights())
    batches = [tiny.points(4, seed) for seed in range(3)]
    data = tf.data.Dataset.from_generator(lambda: batches, output_signature=tf.TensorSpec([4, 2]))
    model.fit(data, verbose=0)
    assert model.steps_done == 3
    announced.fit(tf.data.Dataset.from_tensor_slices(batches), verbose=0)
    assert tiny.same(tiny.values(networks_of(model)), tiny.values(networks_of(announced)))


@pytest.mark.parametrize("eager", [False, True])
def test_a_remainder_batch_of_unknown_size_is_refused(eager):
    model = make()
    model.compile(tiny.sgd(), tiny.sgd(), run_eagerly=eager)
    data = tf.data.Dataset.from_tensor_slices(tiny.points(7)).batch(4)  # 4 and 3
    with pytest.raises(ValueError, match=r"^A batch must hold .* a multiple of 2\.( Drop.*)? Received: 3 samples$"):
        model.fit(data, verbose=0)


# ---- networks that cannot be trained, or not quite right


@pytest.mark.parametrize("kind", [layers.LayerNormalization, layers.GroupNormalization])
def test_a_layer_whose_second_derivative_is_wrong_is_warned_of_where_there_is_a_penalty(kind):
    def named():
        return kind(name="the_culprit", **({"groups": 1} if kind is layers.GroupNormalization else {}))

    with pytest.warns(UserWarning, match=f"second derivative.*'the_culprit'.*wgangp_tf.{kind.__name__}"):
        WGANGP(tiny.generator(), tiny.critic(normalization=named), latent_dim=3)
    GAN(tiny.generator(), tiny.critic(normalization=named), latent_dim=3, method="wgan")


def test_batch_normalisation_in_a_penalised_critic_is_refused_by_its_name():
    def named():
        return layers.BatchNormalization(name="the_culprit")

    for method in ("wgan-gp", "wgan-lp"):
        with pytest.raises(
            ValueError, match=r"critic must not mix samples.*layer 'the_culprit'.*wgangp_tf.GroupNormalization"
        ):
            GAN(tiny.generator(), tiny.critic(normalization=named), latent_dim=3, method=method)
    samples = keras.Input((2,))
    nested = keras.Model(samples, tiny.critic(normalization=named)(layers.Dense(2)(samples)))
    with pytest.raises(ValueError, match="the_culprit"):
        WGANGP(tiny.generator(), keras.Sequential([keras.Input((2,)), nested]), latent_dim=3)
    GAN(tiny.generator(), tiny.critic(normalization=named), latent_dim=3, method="wgan")


def test_a_critic_with_batch_normalisation_sees_real_and_fake_apart():
    # normalised over its own batch, each has the mean 0, however far apart they are
    critic = keras.Sequential(
        [keras.Input((1,)), layers.BatchNormalization(scale=False, center=False), layers.Dense(1)]
    )
    model = GAN(tiny.constant_generator([100]), critic, latent_dim=3, method="wgan", n_critic=1)
    model.compile(tiny.still(), tiny.still())
    (logs,) = train(model, np.array([[0], [1], [2], [3]], np.float32), steps=1)
    np.testing.assert_allclose(logs["wasserstein_estimate"], 0, atol=1e-6)


class FromTheMean(layers.Layer):
    """Samples as they differ from the mean of their batch."""

    def call(self, inputs):
        return inputs - keras.ops.mean(inputs, axis=0)


def test_a_critic_that_mixes_samples_in_another_way_is_refused_for_a_penalty_and_else_sees_real_and_fake_apart():
    critic = keras.Sequential([keras.Input((1,)), FromTheMean(name="mine"), layers.Dense(1)])
    for method in ("wgan-gp", "wgan-lp"):
        with pytest.raises(ValueError, match=r"critic must not mix samples: .*Received: FromTheMean layer 'mine'"):
            GAN(tiny.constant_generator([100]), critic, latent_dim=3, method=method)
    model = GAN(tiny.constant_generator([100]), critic, latent_dim=3, method="wgan", n_critic=1)
    model.compile(tiny.still(), tiny.still())
    (logs,) = train(model, np.array([[0], [1], [2], [3]], np.float32), steps=1)
    np.testing.assert_allclose(logs["wasserstein_estimate"], 0, atol=1e-6)


def test_a_critic_that_mixes_samples_outside_its_layers_is_named():
    samples = keras.Input((2,))
    scores = layers.Dense(1)(samples - keras.ops.mean(samples, axis=0))
    with pytest.raises(ValueError, match=r"Received: critic 'the_critic', whose output for a sample changes"):
        WGANGP(tiny.generator(), keras.Model(samples, scores, name="the_critic"), latent_dim=3)


def test_a_critic_that_takes_one_number_of_samples_only_is_refused():
    class Pairs(layers.Layer):
        def call(self, inputs):
            return keras.ops.reshape(inputs, (2, 2))

        def compute_output_shape(self, shape):
            return shape

    critic = keras.Sequential([keras.Input((2,)), Pairs(), layers.Dense(1)], name="pairs")
    with pytest.raises(ValueError, match=r"must take any number of samples. Received: 'pairs', which fails at 4"):
        WGANGP(tiny.generator(), critic, latent_dim=3)


def unbuilt():
    return keras.Sequential([layers.Dense(2)])


@pytest.mark.parametrize(
    "keywords, message",
    [
        ({"generator": unbuilt()}, "generator must be built: call it once on an input"),
        ({"critic": unbuilt()}, "critic must be built"),
        ({"generator": tf.identity}, r"generator must be a keras.Model. Received: function"),
        ({"critic": keras.Sequential([keras.Input((2,)), layers.Dense(2)])}, r"one score a sample.*Received: \(2, 2\)"),
        ({"n_critic": 0}, "n_critic must be an integer of at least 1. Received: n_critic=0"),
        ({"gp_weight": -1.0}, "gp_weight must be at least 0, and finite. Received: gp_weight=-1.0"),
        ({"n_critic": 1.5}, "n_critic must be an integer of at least 1. Received: n_critic=1.5"),
        ({"gp_weight": float("nan")}, "gp_weight must be at least 0, and finite. Received: gp_weight=nan"),
        ({"gp_weight": float("inf")}, "gp_weight must be at least 0, and finite. Received: gp_weight=inf"),
        ({"clip_value": 0.0}, "clip_value must be above 0, and finite. Received: clip_value=0.0"),
        (
            {"generator_batch_size": 0},
            "generator_batch_size must be an integer of at least 1. Received: generator_batch_size=0",
        ),
        ({"clip_value": -0.1}, "clip_value must be above 0, and finite. Received: clip_value=-0.1"),
        ({"ema_decay": 1.0}, r"ema_decay must be in \[0, 1\). Received: ema_decay=1.0"),
        ({"ema_decay": -0.1}, "Received: ema_decay=-0.1"),
        ({"method": "wgan_gp"}, "Unknown method 'wgan_gp'. Did you mean 'wgan-gp'?"),
        ({"latent_dim": 4}, r"generator must take latents, \[batch, 4\]"),
        ({"critic": tiny.critic((3,))}, r"critic must take the generator's samples, \[batch, 2\]"),
    ],
)
def test_what_cannot_be_trained_is_refused(keywords, message):
    with pytest.raises(ValueError, match=message):
        make(**keywords)


def test_generate_needs_a_number():
    with pytest.raises(ValueError, match="n must be an integer of at least 1 .*. Received: n=0"):
        make().generate(0)


def test_any_built_network_trains():
    class Critic(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden, self.score = layers.Dense(4, activation="softplus"), layers.Dense(1)

        def call(self, samples):
            return self.score(self.hidden(samples))[:, 0]  # [batch], which is as good as [batch, 1]

    critic = Critic()
    critic(np.zeros([1, 2], np.float32))
    model = make(generator=keras.Sequential([keras.Input((3,)), layers.Dense(2)]), critic=critic)
    logs = train(model, tiny.points(8), steps=2)
    assert np.all(np.isfinite([list(log.values()) for log in logs]))
    assert model.sample_shape == (2,)


# ---- networks that cannot be trained apart, or at all


def test_a_layer_of_both_networks_is_refused_by_its_name():
    shared = layers.Dense(2, name="shared")
    generator = keras.Sequential([keras.Input((2,)), keras.Sequential([keras.Input((2,)), shared])])
    critic = keras.Sequential([keras.Input((2,)), shared, layers.Dense(1)])
    for trainable in (True, False):
        shared.trainable = trainable
        with pytest.raises(ValueError, match="weights of their own.* layer 'shared' of the generator"):
            GAN(generator, critic, latent_dim=2)


@pytest.mark.parametrize("role", ["generator", "critic"])
def test_networks_that_give_no_floats_are_refused(role):
    networks = {"generator": tiny.generator(), "critic": tiny.critic()}
    whole = networks[role]
    networks[role] = keras.Model(whole.input, keras.ops.cast(whole.output, "int32"))
    with pytest.raises(ValueError, match=f"{role} must give floats.* Received: an output of dtype int32"):
        GAN(**networks, latent_dim=3)

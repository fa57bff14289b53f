"""Half precision: what stays float32, how far the penalty is off, updates that float16 cannot hold."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from tests.marks import each
from wgangp_tf import GAN, export_generator
from wgangp_tf.data import pipeline
from wgangp_tf.data.source import Split
from wgangp_tf.gan import penalties, precision
from wgangp_tf.gan import replicas as replicas_module
from wgangp_tf.gan.optimizers import LinearToZero

# relative, of the penalty and of its gradient in the weights: a few of the format's own steps (2^-8, 2^-11) over three
# layers forward, back, and back again
BOUNDS = {"float32": 1e-5, "mixed_bfloat16": 6e-2, "mixed_float16": 8e-3}


@pytest.fixture(autouse=True)
def _policy():
    before = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(before)


def critic(policy, scale=1.0):
    """Smooth, so that rounding flips no ReLU; its last layer is float32 as those of all our networks."""
    keras.utils.set_random_seed(1)
    samples = keras.Input((6,))
    x = samples
    for _ in range(2):
        x = layers.Dense(16, activation="softplus", dtype=policy)(x)
    network = keras.Model(samples, layers.Dense(1, dtype="float64" if policy == "float64" else "float32")(x))
    network.set_weights([weight * scale if weight.ndim == 2 else weight for weight in network.get_weights()])
    return network


def penalty_and_gradient(network, dtype):
    rng = np.random.default_rng(0)
    points = tf.constant(rng.normal(size=(32, 6)), dtype)
    with tf.GradientTape() as tape:
        norms = penalties.gradient_norms(network, points)
        penalty = tf.reduce_mean(penalties.two_sided(norms))
    assert norms.dtype == dtype
    gradient = tape.gradient(penalty, network.trainable_variables)
    pairs = zip(gradient, network.trainable_variables, strict=True)
    flat = [np.zeros(v.shape) if g is None else np.asarray(g, np.float64) for g, v in pairs]  # the last bias has none
    return float(penalty), np.concatenate([part.ravel() for part in flat])


@pytest.mark.parametrize("policy", BOUNDS)
@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_the_penalty_and_its_gradient_against_float64(policy, scale):
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        exact = critic("float64", scale)
        wanted, gradient = penalty_and_gradient(exact, tf.float64)
    finally:
        keras.config.set_floatx(before)
    network = critic(policy, scale)
    network.set_weights([np.asarray(weight, np.float32) for weight in exact.get_weights()])
    found, its_gradient = penalty_and_gradient(network, tf.float32)
    assert abs(found - wanted) <= BOUNDS[policy] * abs(wanted)
    assert np.linalg.norm(its_gradient - gradient) <= BOUNDS[policy] * np.linalg.norm(gradient)


def gan(policy, rate=0.01, strategy=None, critic_scale=1.0, **keywords):
    keras.config.set_dtype_policy(policy)  # as a user of Keras does
    with (strategy or tf.distribute.get_strategy()).scope():
        generator, critic = tiny.generator(), tiny.critic()
        critic.set_weights([weight * critic_scale for weight in critic.get_weights()])
        model = GAN(generator, critic, latent_dim=3, **{"n_critic": 2, "ema_decay": 0.9} | keywords)
        model.compile(tiny.sgd(rate), tiny.sgd(rate))
    return model


def train(model, steps, samples=None):
    batches = pipeline.training_batches(
        Split(tiny.points(64) if samples is None else samples),
        seed=0,
        batch_size=8,
        n_critic=model.n_critic,
        steps=steps,
        replicas=model.distribute_strategy.num_replicas_in_sync,
    )
    return {name: values[-1] for name, values in model.fit(batches, verbose=0).history.items()}


def test_float16_alone_scales_the_loss_of_both_networks():
    for policy in BOUNDS:
        model = gan(policy)
        for optimizer in (model.generator_optimizer, model.critic_optimizer):
            assert precision.scales(optimizer) == (policy == "mixed_float16")
        assert ("skipped_updates" in model.log_names) == (policy == "mixed_float16")
    own = keras.optimizers.LossScaleOptimizer(tiny.sgd())
    assert precision.scaled(own, [model.generator]) is own


@pytest.mark.slow
@pytest.mark.parametrize("policy", BOUNDS)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_two_hundred_steps_are_finite_at_tiny_and_at_large_gradients(policy, scale):
    model = gan(policy, rate=1e-4, critic_scale=scale)
    samples = tiny.points(64)
    values = train(model, 200, samples)
    assert np.all(np.isfinite(list(values.values())))
    for variable in (*model.generator.variables, *model.critic.variables, *model.averages.weights):
        assert variable.dtype == "float32"
        assert np.all(np.isfinite(variable.numpy()))


def scaled_by(scale, strategy=None):
    """A model in float16 whose losses are scaled so at first."""
    model = gan("mixed_float16", strategy=strategy)
    for optimizer in (model.critic_optimizer, model.generator_optimizer):
        optimizer.dynamic_scale.assign(scale)
    return model


def left_out(model):
    def count(iterations):
        return int(tf.convert_to_tensor(iterations.value))

    updates = {"critic": model.n_critic * model.steps_done, "generator": model.steps_done}
    return {
        "critic": updates["critic"] - count(model.critic_optimizer.iterations),
        "generator": updates["generator"] - count(model.generator_optimizer.iterations),
    }


@pytest.mark.slow
def test_updates_that_float16_cannot_hold_are_left_out_and_counted():
    model = scaled_by(2.0**40)
    before = tiny.values(model.critic.weights), tiny.values(model.generator.trainable_variables)
    values = train(model, 1)
    assert model.steps_done == 1
    assert left_out(model) == {"critic": 2, "generator": 1} and values["skipped_updates"] == 3
    assert tiny.same(before[0], tiny.values(model.critic.weights))
    assert tiny.same(before[1], tiny.values(model.generator.trainable_variables))
    assert float(model.critic_optimizer.dynamic_scale) == 2.0**38
    values = train(model, 60)
    assert model.steps_done == 61
    assert values["skipped_updates"] == sum(left_out(model).values())
    assert 20 <= left_out(model)["critic"] <= 40  # the scale falls from 2^40 to what it holds: less than 2^20
    assert not tiny.same(before[0], tiny.values(model.critic.weights))
    assert np.all(np.isfinite(list(values.values())))
    for average, weight in zip(model.averages.weights, model.generator.weights, strict=True):
        assert np.all(np.isfinite(average.numpy())) and average.shape == weight.shape


def test_a_schedule_goes_on_while_updates_are_left_out():
    model = gan("mixed_float16")
    model.compile(*(tiny.sgd(LinearToZero(0.1, 10, model.step)) for _ in range(2)))
    for optimizer in (model.critic_optimizer, model.generator_optimizer):
        optimizer.dynamic_scale.assign(2.0**40)
    averages = tiny.values(model.averages.weights[:2])
    values = train(model, 4)
    assert left_out(model) == {"critic": 8, "generator": 4}
    # logged of the last step, 3, counted from 0: no matter that neither optimizer has made an update
    np.testing.assert_allclose(values["learning_rate"], 0.1 * (1 - 3 / 10), rtol=1e-6)
    np.testing.assert_allclose(model.critic_optimizer.learning_rate, 0.1 * (1 - 4 / 10), rtol=1e-6)
    # of weights that did not move
    for average, before in zip(tiny.values(model.averages.weights[:2]), averages, strict=True):
        np.testing.assert_allclose(average, before, rtol=1e-6)


@pytest.mark.slow
def test_a_replica_whose_gradients_are_not_finite_stops_the_update_of_all(mirrored, monkeypatch):
    model = scaled_by(1.0, mirrored)
    right = precision.agreed

    def one_bad(optimizer, gradients):
        replica, _ = replicas_module.position()
        bad = tf.constant(float("inf"))
        return right(optimizer, [tf.where(tf.equal(replica, 1), bad, gradient) for gradient in gradients])

    import wgangp_tf.gan.updates as updates

    monkeypatch.setattr(updates.precision, "agreed", one_bad)
    before = tiny.values(model.critic.trainable_variables)
    train(model, 2)
    assert left_out(model) == {"critic": 4, "generator": 2}
    assert tiny.same(before, tiny.values(model.critic.trainable_variables))


@pytest.mark.slow
def test_without_agreement_the_bad_gradients_of_a_replica_would_be_taken(mirrored, monkeypatch):
    # proves the test above
    import wgangp_tf.gan.updates as updates

    def one_bad(optimizer, gradients):
        replica, _ = replicas_module.position()
        return [tf.where(tf.equal(replica, 1), tf.constant(float("inf")), gradient) for gradient in gradients]

    monkeypatch.setattr(updates.precision, "agreed", one_bad)
    model = scaled_by(1.0, mirrored)
    train(model, 1)
    assert not np.all(np.isfinite(np.concatenate([v.ravel() for v in tiny.values(model.critic.trainable_variables)])))


def test_a_network_whose_output_is_half_precise_is_told_of():
    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        with pytest.warns(UserWarning, match="the critic's output is bfloat16; give its last layer dtype='float32'"):
            GAN(tiny.generator(), keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]), latent_dim=3)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            GAN(tiny.generator(), tiny.critic(), latent_dim=3)
    finally:
        keras.config.set_dtype_policy(before)


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_over_two_replicas(mirrored, policy):
    model = gan(policy, strategy=mirrored)
    assert np.all(np.isfinite(list(train(model, 3).values())))


@pytest.mark.parametrize("policy", each(["mixed_float16", "mixed_bfloat16", "float64"], quick=["mixed_float16"]))
def test_networks_of_ones_own_under_a_policy_of_the_whole_process(policy, tmp_path):
    keras.mixed_precision.set_global_policy(policy)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(8, "relu"), layers.Dense(2, dtype="float32")])
    critic = keras.Sequential([keras.Input((2,)), layers.Dense(8, "relu"), layers.Dense(1, dtype="float32")])
    model = GAN(generator, critic, latent_dim=3, n_critic=2, ema_decay=0.5)
    model.compile()
    before = tiny.values([*generator.variables, *critic.variables])
    values = model.fit(tiny.points(64), batch_size=16, epochs=3, verbose=0).history
    after = tiny.values([*generator.variables, *critic.variables])
    last_bias = after[-1]  # of the critic: its gradient is none
    for old, new in zip(before[:-1], after[:-1], strict=True):
        assert not np.array_equal(old, new) and np.all(np.isfinite(new))
    assert np.all(np.isfinite(last_bias)) and np.all(np.isfinite([*values.values()]))
    for optimizer in (model.generator_optimizer, model.critic_optimizer):
        assert precision.scales(optimizer) == (policy == "mixed_float16")
        if precision.scales(optimizer):
            assert float(optimizer.dynamic_scale) >= 2.0**10 and int(optimizer.iterations) > 0
    assert model.generate(3).dtype == np.float32
    export_generator(model, tmp_path / "saved")
    model.save(tmp_path / "whole.keras")
    loaded = keras.models.load_model(tmp_path / "whole.keras")
    assert precision.scales(loaded.critic_optimizer) == (policy == "mixed_float16")
    assert tiny.same(loaded.generate(3), model.generate(3))


def test_an_optimizer_that_is_not_scaled_on_purpose():
    keras.mixed_precision.set_global_policy("mixed_float16")
    model = GAN(tiny.generator(), tiny.critic(), latent_dim=3)
    model.compile(auto_scale_loss=False)
    assert not precision.scales(model.critic_optimizer) and "skipped_updates" not in model.log_names

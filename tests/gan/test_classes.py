"""Networks that take classes: which label every sample has, how often classes are drawn, what is refused."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from wgangp_tf import GAN, WGANGP
from wgangp_tf.data import pipeline
from wgangp_tf.data.source import Split
from wgangp_tf.gan import classes, sampling
from wgangp_tf.gan.draws import Draws
from wgangp_tf.networks.by_class import Projection

ONE = tf.distribute.get_strategy()
LABELS = np.random.default_rng(0).integers(0, 4, 64).astype(np.int32)
FREQUENCIES = (1, 0, 2, 5)


def telling(strategy=ONE, **keywords):
    with strategy.scope():
        keywords = {"n_critic": 2, "gp_weight": 0.0, "class_frequencies": FREQUENCIES} | keywords
        model = GAN(*tiny.telling_pair(), latent_dim=3, **keywords)
        model.compile(tiny.still(), tiny.still())
    return model


def train(model, steps=3, batch_size=8):
    """`fit` on samples that are their labels; returns each log over the steps, float64 [steps]."""
    split = Split(LABELS[:, None].astype(np.float32), LABELS)
    replicas = model.distribute_strategy.num_replicas_in_sync
    batches = pipeline.training_batches(
        split, seed=0, batch_size=batch_size, n_critic=model.n_critic, steps=steps, replicas=replicas
    )
    history = model.fit(batches, epochs=steps, steps_per_epoch=1, verbose=0).history
    return {name: np.array(values) for name, values in history.items()}


@functools.cache
def logged(strategy, **keywords):
    """The logs of a training; the tests below look at the same few, and tracing one takes seconds."""
    return train(telling(strategy, **keywords))


# how a batch is handled → how many samples the generator's update has
WAYS = [({}, 8), ({"accumulate": 4}, 8), ({"generator_batch_size": 12, "ema_decay": 0.5}, 12), ({"method": "r3gan"}, 8)]


@pytest.mark.parametrize("keywords, count", WAYS)
@pytest.mark.parametrize("replicas", [1, 2])
def test_a_sample_keeps_its_label_through_order_updates_parts_and_replicas(keywords, count, replicas, mirrored):
    """Fakes of a critic update carry its real samples' labels: G(z, y) = y, D(x, y) = x + 100 (x − y)²."""
    logs = logged(ONE if replicas == 1 else mirrored, **keywords)
    # a label of another sample would cost at least 100 / 64
    np.testing.assert_allclose(logs["wasserstein_estimate"], 0, atol=1e-5)
    # the greatest gradient, 1 + 200 (x − y), is at an interpolate of a real sample, with its label, and a fake like it
    np.testing.assert_allclose(logs["gradient_norm_max"], 1, rtol=1e-5)


def expected_labels(step, count):
    """Classes by inverting their cumulated shares, in NumPy."""
    uniform = Draws(0, step).uniform("generator_labels", count).numpy()
    return np.searchsorted(np.cumsum(FREQUENCIES) / 8, uniform, side="right")


@pytest.mark.parametrize("keywords, count", WAYS[:3])
@pytest.mark.parametrize("replicas", [1, 2])
def test_the_generators_labels_are_drawn_by_seed_step_and_place(keywords, count, replicas, mirrored):
    logs = logged(ONE if replicas == 1 else mirrored, **keywords)
    wanted = [-expected_labels(step, count).mean() for step in range(3)]
    np.testing.assert_allclose(logs["generator_loss"], wanted, rtol=1e-6)
    assert len(set(wanted)) > 1


def test_a_method_of_pairs_compares_samples_of_one_class():
    """The generator's fake samples carry the labels of the real ones: their scores are equal, log 2 each."""
    np.testing.assert_allclose(logged(ONE, method="r3gan")["generator_loss"], np.log(2), rtol=1e-5)


def test_classes_come_as_often_as_they_are_frequent():
    uniform = tf.random.stateless_uniform([20_000], [1, 2])
    drawn = classes.drawn(uniform, classes.shares(FREQUENCIES)).numpy()
    shares = np.bincount(drawn, minlength=4) / 20_000
    np.testing.assert_allclose(shares, [1 / 8, 0, 2 / 8, 5 / 8], atol=0.015)  # four standard deviations
    assert shares[1] == 0
    # the ends of the range
    ends = tf.constant([0.0, np.nextafter(np.float32(1), np.float32(0))])
    np.testing.assert_array_equal(classes.drawn(ends, classes.shares((0, 1, 2, 0))), [1, 2])


def test_held_out_samples_are_judged_with_their_labels():
    model = telling()
    values = model.held_out_values({"samples": LABELS[:5, None].astype(np.float32), "labels": LABELS[:5]}, fakes=16)
    np.testing.assert_allclose(values["wasserstein_estimate"], 0, atol=1e-5)
    assert values["wasserstein_estimate"].shape == (5,)


def test_the_penalty_of_a_linear_projection_critic():
    """D(x, y) = w·x + v_y·x has the gradient w + v_y everywhere: norms 5, 3 and 10 of the three classes."""
    samples, labels = keras.Input((2,)), tiny.labels_input()
    dense, projection = layers.Dense(1, use_bias=False), Projection(3)
    critic = keras.Model([samples, labels], layers.Add()([dense(samples), projection([samples, labels])]))
    dense.kernel.assign([[3.0], [4.0]])
    projection.vectors.assign([[0.0, 0.0], [0.0, -4.0], [3.0, 4.0]])
    generator, _ = tiny.conditional_pair()
    model = WGANGP(generator, critic, latent_dim=3, n_critic=1, gp_weight=2.0, class_frequencies=(1, 1, 1))
    model.compile(tiny.still(), tiny.still())
    for of_classes, penalty in (([0], 16), ([1], 4), ([2], 81), ([0, 1, 2, 2], (16 + 4 + 81 + 81) / 4)):
        real = tiny.points(len(of_classes), seed=1)
        logs = model.train_step({"samples": real, "labels": of_classes})
        np.testing.assert_allclose(logs["gradient_penalty"], penalty, rtol=1e-5)
        np.testing.assert_allclose(logs["critic_loss"], 2 * penalty - logs["wasserstein_estimate"], rtol=1e-5)
        norms = [{0: 5, 1: 3, 2: 10}[label] for label in of_classes]
        np.testing.assert_allclose(logs["gradient_norm_max"], max(norms), rtol=1e-5)
        np.testing.assert_allclose(logs["gradient_norm_min"], min(norms), rtol=1e-5)


def guessing_critic(logits_by):
    """D(x) = x₁, beside logits (x₁, 0): [scores, logits]."""
    samples, labels = keras.Input((1,)), tiny.labels_input()
    scores, logits = layers.Dense(1, use_bias=False), layers.Dense(2, use_bias=False)
    critic = keras.Model([samples, labels], [scores(samples), logits(samples)])
    scores.kernel.assign([[1.0]])
    logits.kernel.assign([[logits_by, 0.0]])
    return critic


def test_a_critic_that_guesses_classes_adds_what_a_wrong_guess_costs():
    """1.0 times the cross-entropy of real samples for the critic, 0.1 times that of fake ones for the generator."""
    generator, _ = tiny.telling_pair()  # a sample is its label, 0 or 1
    model = GAN(generator, guessing_critic(2.0), latent_dim=3, n_critic=1, gp_weight=3.0, class_frequencies=(0, 1))
    model.compile(tiny.still(), tiny.still())
    real = np.float32([[0.5], [1.5]])
    logs = model.train_step({"samples": real, "labels": [0, 1]})
    # logits 2x and 0: −log softmax = log(1 + exp(−2x)) of class 0 and log(1 + exp(2x)) of class 1
    guess = (np.log1p(np.exp(-1)) + np.log1p(np.exp(3))) / 2
    np.testing.assert_allclose(logs["wasserstein_estimate"], 1 - 0.5, rtol=1e-6)
    np.testing.assert_allclose(logs["gradient_penalty"], 0, atol=1e-6)  # of the score alone
    np.testing.assert_allclose(logs["critic_loss"], -0.5 + guess, rtol=1e-5)
    np.testing.assert_allclose(logs["classification_loss"], guess, rtol=1e-5)
    assert set(logs) == set(model.log_names)
    np.testing.assert_allclose(logs["generator_loss"], -1 + 0.1 * np.log1p(np.exp(2)), rtol=1e-5)
    values = model.held_out_values({"samples": real, "labels": [0, 1]})
    np.testing.assert_allclose(np.mean(values["critic_loss"]), -0.5 + guess, rtol=1e-5)
    np.testing.assert_allclose(values["classification_loss"], [np.log1p(np.exp(-1)), np.log1p(np.exp(3))], rtol=1e-5)
    tested = model.test_step({"samples": real, "labels": [0, 1]})
    np.testing.assert_allclose(tested["classification_loss"], guess, rtol=1e-5)


def test_of_a_critic_that_guesses_nothing_there_is_no_classification_loss():
    model = GAN(*tiny.telling_pair(), latent_dim=3, class_frequencies=(1, 1))
    assert "classification_loss" not in {*model.log_names, *(metric.name for metric in model.metrics)}


# ---- samples


def trained(**keywords):
    model = GAN(*tiny.conditional_pair(), latent_dim=3, class_frequencies=(1, 2, 1), ema_decay=0.9, **keywords)
    model.compile()
    return model


def test_sample_k_depends_on_seed_number_and_label_alone():
    model = trained()
    labels = np.arange(70) % 3
    whole = model.generate(70, seed=4, labels=labels)
    assert np.abs(np.diff(whole, axis=0)).min() > 0
    np.testing.assert_array_equal(model.generate(5, seed=4, labels=labels[:5]), whole[:5])
    np.testing.assert_array_equal(model.generate(70, seed=4, labels=1)[labels == 1], whole[labels == 1])
    others = model.generate(70, seed=4, labels=(labels + 1) % 3)
    assert np.all(np.abs(others - whole).max(axis=1) > 0)
    np.testing.assert_array_equal(model.generate(70, seed=4, labels=labels), model([
        np.concatenate([sampling.latents_of_chunk(4, chunk, 3) for chunk in (0, 1)])[:70], labels
    ]))  # fmt: skip


def test_a_label_left_open_is_drawn_by_seed_and_number():
    model = trained()
    drawn = sampling.labels_of(70, 4, model.class_shares)
    assert set(drawn) == {0, 1, 2}
    np.testing.assert_array_equal(model.generate(70, seed=4), model.generate(70, seed=4, labels=drawn))
    some = np.where(np.arange(70) % 2, -1, 2)
    np.testing.assert_array_equal(
        model.generate(70, seed=4, labels=some), model.generate(70, seed=4, labels=np.where(some < 0, drawn, 2))
    )
    many = sampling.labels_of(20_000, 9, model.class_shares)
    np.testing.assert_allclose(np.bincount(many) / 20_000, [0.25, 0.5, 0.25], atol=0.015)
    np.testing.assert_array_equal(many[:100], sampling.labels_of(100, 9, model.class_shares))
    assert np.any(many[:100] != sampling.labels_of(100, 10, model.class_shares))


@pytest.mark.parametrize(
    "labels, message",
    [
        (3, r"labels must be in \[0, 2\], or -1 for any. Received: 3"),
        ([0, -2], r"labels must be in \[0, 2\], or -1 for any. Received: -2"),
        ([0, 1, 2], r"one for each of 2 samples or one for all. Received: int64 of shape \(3,\)"),
        ([0.0, 1.0], r"labels must be integers.* Received: float64 of shape \(2,\)"),
    ],
)
def test_labels_that_cannot_be_asked_for(labels, message):
    with pytest.raises(ValueError, match=message):
        trained().generate(2, labels=np.array(labels) if isinstance(labels, list) else labels)


def test_networks_without_classes_refuse_labels():
    model = GAN(tiny.generator(), tiny.critic(), latent_dim=3)
    with pytest.raises(ValueError, match="labels are for networks that take classes"):
        model.generate(2, labels=1)


# ---- what is refused


@pytest.mark.parametrize("frequencies", [(), (1,), (1, -1), (0, 0), (1, np.nan), 3, "a", [[1], [1, 2]], {}])
def test_class_frequencies_that_are_none(frequencies):
    with pytest.raises(ValueError, match="class_frequencies must be one number a class, at least two of them"):
        GAN(*tiny.conditional_pair(), latent_dim=3, class_frequencies=frequencies)


def test_networks_and_class_frequencies_must_fit():
    with pytest.raises(ValueError, match="which cannot .*; one that takes classes too needs class_frequencies"):
        GAN(*tiny.conditional_pair(), latent_dim=3)
    with pytest.raises(ValueError, match=r"generator must take latents, \[batch, 3\] and labels, \[batch\]"):
        GAN(tiny.generator(), tiny.critic(), latent_dim=3, class_frequencies=(1, 1))
    generator, _ = tiny.telling_pair()
    with pytest.raises(ValueError, match=r"their logits, \[batch, 3\]. Received: \(2, 1\), \(2, 2\) for a batch of 2"):
        GAN(generator, guessing_critic(1.0), latent_dim=3, class_frequencies=(1, 1, 1))


@pytest.mark.parametrize(
    "batch, error, message",
    [
        (tiny.points(8), ValueError, "Networks that take classes learn from .*Received: samples alone"),
        ({"samples": tiny.points(8)}, ValueError, "Received: samples alone"),
        ({"samples": tiny.points(8), "labels": np.zeros(7, int)}, ValueError, r"one a sample.*int64 of shape \(7,\)"),
        ({"samples": tiny.points(8), "labels": np.zeros(8)}, ValueError, "Labels must be integers.*float64"),
        (
            {"samples": tiny.points(8), "labels": np.full(8, 3)},
            ValueError,
            r"^labels must be .* in \[0, 2\], .* Received: 3$",
        ),
        ({"samples": tiny.points(8), "labels": np.full(8, -1)}, ValueError, r"in \[0, 2\], .* Received: -1$"),
    ],
)
def test_batches_that_networks_with_classes_cannot_learn_from(batch, error, message):
    model = trained(n_critic=1)
    before = tiny.values(model.weights)
    with pytest.raises(error, match=message):
        model.fit(tf.data.Dataset.from_tensors(batch), verbose=0)
    assert tiny.same(before, tiny.values(model.weights))


@pytest.mark.parametrize("execution", ["eager", "graph", "replicas"])
def test_networks_of_ones_own_with_classes_train(execution, mirrored):
    strategy = mirrored if execution == "replicas" else ONE
    with strategy.scope():
        model = GAN(*tiny.conditional_pair(), latent_dim=3, n_critic=2, class_frequencies=(1, 1, 1))
        model.compile(run_eagerly=execution == "eager")
    points = {"samples": tiny.points(64), "labels": np.arange(64) % 3}
    history = model.fit(tf.data.Dataset.from_tensor_slices(points).batch(16), verbose=0).history
    assert np.isfinite(list(history.values())).all()
    assert model.steps_done == 4

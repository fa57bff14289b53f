"""Networks that take a class: every one that says so, with each way of a critic to use it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks.test_conformance import WIDTHS
from wgangp_tf import GAN, config
from wgangp_tf.errors import UserError
from wgangp_tf.networks import by_class, registry
from wgangp_tf.samples.spec import of_pictures

ABLE = [name for name, row in registry.NETWORKS.items() if row.by_class]
SPEC = of_pictures((8, 8, 1), ("a", "b", "c"))


def build(network, spec=SPEC, **values):
    small = {"network": network, "width": WIDTHS.get(network, 8), "latent_dim": 3, "conditional": True}
    return registry.build(config.from_values(small | values).model, spec)


def cases():
    """Each network, and each way of a critic beside each way of a generator."""
    for network in ABLE:
        yield network, "projection"
    for network in ("mlp", "dcgan", "coordinates", "cifar10_resnet"):
        yield network, "classifier"


@pytest.mark.parametrize("network, critic_condition", list(cases()))
def test_every_network_that_takes_classes_uses_them(network, critic_condition):
    """After a step samples and scores of other labels are others, and the weights of each class moved."""
    pair = build(network, critic_condition=critic_condition)
    model = GAN(*pair, latent_dim=3, n_critic=1, class_frequencies=(1, 1, 1))
    model.compile(keras.optimizers.SGD(0.05), keras.optimizers.SGD(0.05))
    rng = np.random.default_rng(0)
    batch = {"samples": rng.uniform(-1, 1, (6, 8, 8, 1)).astype(np.float32), "labels": np.arange(6) % 3}
    first = [weight.numpy() for weight in model.generator.trainable_variables + model.critic.trainable_variables]
    step = model.train_step if critic_condition == "projection" else tf.function(model.train_step, autograph=False)
    logs = step(batch)  # each network eagerly, some in a graph
    assert np.isfinite(list(logs.values())).all()
    of_class = [
        (weight, before)
        for weight, before in zip(
            model.generator.trainable_variables + model.critic.trainable_variables, first, strict=True
        )
        if weight.path.rpartition("/")[2] in ("rows", "vectors", "scale", "offset") or "classes/" in weight.path
    ]
    assert len(of_class) >= 2
    for weight, before in of_class:
        assert np.all(np.abs(weight.numpy() - before).reshape(3, -1).max(axis=1) > 0) or "classes/" in weight.path

    latents = rng.normal(size=(2, 3)).astype(np.float32)
    samples = [np.asarray(model.generator([latents, np.full(2, label)], training=False)) for label in range(3)]
    assert samples[0].shape == (2, 8, 8, 1) and np.abs(samples[0]).max() <= 1
    assert np.abs(samples[0] - samples[1]).max() > 0 and np.abs(samples[1] - samples[2]).max() > 0
    answers = [model.critic([samples[0], np.full(2, label)], training=True) for label in range(3)]
    if critic_condition == "classifier":
        (scores, logits), (others, _) = answers[:2]
        assert scores.shape == (2, 1) and logits.shape == (2, 3)
        np.testing.assert_array_equal(scores, others)
    else:
        assert answers[0].shape == (2, 1) and np.abs(answers[0] - answers[1]).min() > 0


@pytest.mark.parametrize("network", ABLE)
def test_networks_begin_as_those_without_classes(network):
    """The critic's score, at least: the vectors of its projection are zero."""
    keras.utils.set_random_seed(3)
    generator, critic = build(network)
    samples = np.random.default_rng(1).uniform(-1, 1, (3, 8, 8, 1)).astype(np.float32)
    scores = [np.asarray(critic([samples, np.full(3, label)])) for label in range(3)]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert np.ptp(scores[0]) > 0
    assert [tensor.name for tensor in generator.inputs + critic.inputs] == ["latents", "labels", "samples", "labels"]


def test_a_scale_and_an_offset_are_those_of_the_class():
    layer = by_class.ScaledByClass(2)
    x = np.ones((3, 2, 2, 2), np.float32)
    labels = np.array([1, 0, 1])
    np.testing.assert_array_equal(layer([x, labels]), x)
    layer.scale.assign([[1, 2], [3, 4]])
    layer.offset.assign([[10, 20], [30, 40]])
    np.testing.assert_array_equal(np.asarray(layer([x, labels]))[:, 0, 0], [[33, 44], [11, 22], [33, 44]])
    vectors = np.ones((3, 2), np.float32)
    np.testing.assert_array_equal(layer([vectors, labels]), [[33, 44], [11, 22], [33, 44]])


def test_a_projection_is_the_product_with_the_vector_of_the_class():
    layer = by_class.Projection(2)
    features, labels = np.float32([[1, 2], [3, 4]]), np.array([1, 0])
    np.testing.assert_array_equal(layer([features, labels]), [[0], [0]])
    layer.vectors.assign([[5, 6], [7, 8]])
    np.testing.assert_array_equal(layer([features, labels]), [[7 + 16], [15 + 24]])


def test_normalisations_with_classes_have_no_scales_of_their_own():
    """Behind each stands a scale and an offset for every class."""
    generator, _ = build("cifar10_resnet")
    own = [layer for layer in generator.layers if isinstance(layer, keras.layers.BatchNormalization)]
    scaled = [layer for layer in generator.layers if isinstance(layer, by_class.ScaledByClass)]
    assert len(own) == len(scaled) == 7  # two a block, and one
    assert not any(layer.center or layer.scale for layer in own)
    assert all(layer.scale.shape == (3, 8) for layer in scaled)


@pytest.mark.parametrize("normalization", ["none", "layer", "instance", "batch"])
def test_whatever_normalises_is_scaled_by_the_class(normalization):
    generator, _ = build("resnet", generator_normalization=normalization)
    first = generator.get_layer("normalization_by_class")
    first.offset.assign([[0.5] * 8, [0.0] * 8, [-0.5] * 8])
    latents = np.ones((3, 3), np.float32)
    samples = np.asarray(generator([latents, np.arange(3)], training=True))
    assert np.isfinite(samples).all() and np.abs(np.diff(samples, axis=0)).max(axis=(1, 2, 3)).min() > 0


def test_a_network_without_classes_is_refused_by_the_names_of_the_others():
    with pytest.raises(
        UserError, match="network 'resnet128' takes no classes; mlp, .*, resnet64, .* do, and --cond.* Received"
    ):
        build("resnet128")


@pytest.mark.parametrize("classes, received", [((), "samples without labels"), (("only",), "one class, 'only'")])
def test_samples_without_classes_to_tell_apart_are_refused(classes, received):
    message = f"conditional expects samples of at least two classes. Received: {received}"
    with pytest.raises(UserError, match=message):
        build("mlp", of_pictures((8, 8, 1), classes))


@pytest.mark.parametrize("classes", [1, 0, True, 2.0, "3", None])
def test_a_projection_needs_two_classes_or_more(classes):
    with pytest.raises(ValueError, match="classes must be an integer of at least 2. Received: classes="):
        by_class.Projection(classes)
    assert by_class.Projection(np.int64(2)).get_config()["classes"] == 2


FEATURES, LABELS = np.ones((3, 2), np.float32), np.zeros(3, np.int32)


@pytest.mark.parametrize(
    "inputs, said",
    [
        (FEATURES, r"expects \[features \[batch, n\], labels \[batch\]\]. Received: shapes \(3, 2\)"),
        ([FEATURES], "Received: shapes"),
        ([FEATURES, LABELS, LABELS], "Received: shapes"),
        ([FEATURES[:, :, None], LABELS], "Received: shapes"),
        ([FEATURES, LABELS[:, None]], "Received: shapes"),
        ([FEATURES, LABELS.astype(np.float32)], "an Input of labels has dtype='int32'. Received: float32 and float32"),
        ([FEATURES.astype(np.int32), LABELS], "Received: int32 and int32"),
    ],
)
def test_a_projection_takes_features_and_labels(inputs, said):
    with pytest.raises(ValueError, match=said):
        by_class.Projection(2)(inputs)

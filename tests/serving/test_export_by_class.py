"""A generator that takes classes as a SavedModel: what it makes is what the model makes."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tests.gan import tiny
from wgangp_tf import GAN, export_generator
from wgangp_tf.errors import UserError
from wgangp_tf.samples.codec import Codec
from wgangp_tf.samples.spec import of_shape
from wgangp_tf.serving.load import Generator

SHAPE = (5, 7, 1)
LATENTS = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32)
LABELS = np.arange(130) % 3


@pytest.fixture(scope="module")
def model():
    made = GAN(*tiny.conditional_pair(3, SHAPE), latent_dim=3, class_frequencies=(1, 0, 3), ema_decay=0.5)
    for weight in made.generator.weights:
        weight.assign(weight + 0.1)  # averages differ from the weights
    return made


@pytest.fixture(scope="module")
def place(model, tmp_path_factory):
    place = tmp_path_factory.mktemp("by_class") / "model"
    export_generator(model, place, card={"run_id": "x"})
    return place


@pytest.fixture(scope="module")
def served(place):
    model = tf.saved_model.load(str(place))

    def call(signature, **inputs):
        (output,) = model.signatures[signature](**{k: tf.constant(v) for k, v in inputs.items()}).values()
        return output.numpy()

    call.signatures = model.signatures
    return call


def test_labels_are_inputs_of_every_signature(served):
    expected = {
        "serving_default": {"latents": [None, 3], "labels": [None]},
        "raw": {"latents": [None, 3], "labels": [None]},
        "generate": {"num_images": [], "seed": [], "labels": [None]},
        "generate_png": {"num_images": [], "seed": [], "labels": [None]},
    }
    found = {
        name: {key: spec.shape.as_list() for key, spec in function.structured_input_signature[1].items()}
        for name, function in served.signatures.items()
    }
    assert found == expected
    for function in served.signatures.values():
        assert function.structured_input_signature[1]["labels"].dtype == tf.int32


def encoded(samples):
    return Codec(of_shape(SHAPE)).encode(samples).numpy()


def test_samples_of_latents_and_labels_are_the_models(served, model):
    labels = LABELS[:7].astype(np.int32)
    own = model([LATENTS, labels]).numpy()
    np.testing.assert_allclose(served("raw", latents=LATENTS, labels=labels), own, rtol=1e-5, atol=1e-6)
    images = served("serving_default", latents=LATENTS, labels=labels)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images, encoded(served("raw", latents=LATENTS, labels=labels)))


@pytest.mark.parametrize("count", [0, 1, 64, 65, 130])
def test_sample_k_is_the_models_of_seed_number_and_label(served, model, count):
    labels = LABELS.astype(np.int32)
    whole = served("generate", num_images=130, seed=5, labels=labels)
    np.testing.assert_array_equal(served("generate", num_images=count, seed=5, labels=labels[:count]), whole[:count])
    own = encoded(model.generate(130, seed=5, labels=labels))
    assert np.abs(whole.astype(int) - own).max() <= 1
    pngs = served("generate_png", num_images=count, seed=5, labels=labels[:count])
    for png, image in zip(pngs, whole[:count], strict=True):
        np.testing.assert_array_equal(tf.io.decode_png(png), image)


def test_labels_that_are_left_open_are_drawn_as_the_model_draws_them(served, model, place):
    loaded = Generator(place)
    drawn = loaded.labels_of(130, 5)
    np.testing.assert_array_equal(np.unique(drawn), [0, 2])  # class 1 is never there
    left_open = served("generate", num_images=130, seed=5, labels=np.full(130, -1, np.int32))
    np.testing.assert_array_equal(left_open, served("generate", num_images=130, seed=5, labels=drawn))
    np.testing.assert_array_equal(left_open, loaded.generate(130, 5))
    assert np.abs(left_open.astype(int) - encoded(model.generate(130, seed=5))).max() <= 1


@pytest.mark.parametrize("label", [-2, 3])
def test_a_label_that_is_no_class_is_refused(served, label):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"labels must be integers in \[-1, 2\]"):
        served("generate", num_images=2, seed=0, labels=np.int32([0, label]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"labels must be integers in \[0, 2\]"):
        served("raw", latents=LATENTS[:2], labels=np.int32([0, label]))


def test_latents_with_an_open_label_and_labels_of_another_number_are_refused(served):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"labels must be integers in \[0, 2\]"):
        served("serving_default", latents=LATENTS[:2], labels=np.int32([0, -1]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels must be num_images integers"):
        served("generate", num_images=3, seed=0, labels=np.int32([0, 1]))


def test_the_card_names_the_classes_and_how_frequent_they_are(place):
    card = json.loads((place / "assets.extra" / "card.json").read_text())
    assert card["samples"]["classes"] == ["0", "1", "2"]
    assert card["samples"]["class_frequencies"] == [0.25, 0.0, 0.75]
    loaded = Generator(place)
    assert loaded.conditional and loaded.classes == ("0", "1", "2")
    (place / "assets.extra" / "card.json").rename(place / "card")
    try:
        with pytest.raises(UserError, match="takes classes, and has no card that names them"):
            Generator(place).classes  # noqa: B018
    finally:
        (place / "card").rename(place / "assets.extra" / "card.json")

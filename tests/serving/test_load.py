import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import of_shape
from wgangp_tf.serving.load import Generator


def test_samples_and_card(exported):
    generator = Generator(exported / "grey")
    assert {"run_id": "grey", "config": {"seed": 1}}.items() <= generator.card.items()
    assert generator.spec == of_shape((8, 8, 1))
    samples = generator.generate(70, 1)
    assert samples.shape == (70, 8, 8, 1) and samples.dtype == np.uint8
    np.testing.assert_array_equal(samples[:3], generator.generate(3, 1))
    assert not np.array_equal(samples[:3], generator.generate(3, 2))
    assert Generator(str(exported / "points")).generate(3, 1).shape == (3, 2)


def test_what_is_no_savedmodel_of_a_generator(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UserError, match="--saved_model expects the directory of a SavedModel. Received: "):
            Generator(path)
    (tmp_path / "saved_model.pb").write_bytes(b"broken")
    with pytest.raises(UserError, match=r"SavedModel '.*' cannot be loaded \("):
        Generator(tmp_path)
    module = tf.Module()
    module.double = tf.function(lambda x: 2 * x, input_signature=[tf.TensorSpec([], tf.float32)])
    tf.saved_model.save(module, str(tmp_path / "other"), signatures={"double": module.double})
    with pytest.raises(UserError, match="expected to have a signature 'generate'. Received: double"):
        Generator(tmp_path / "other")


def test_without_a_card(exported, tmp_path):
    import shutil

    shutil.copytree(exported / "points", tmp_path / "m")
    card = tmp_path / "m" / "assets.extra" / "card.json"
    card.write_text("{")
    assert Generator(tmp_path / "m").card == {}
    card.unlink()
    assert Generator(tmp_path / "m").card == {}


def test_latents_without_the_labels_that_samples_take_are_refused(tmp_path):
    module = tf.Module()
    count, labels = tf.TensorSpec([], tf.int32), tf.TensorSpec([None], tf.int32)
    draw = tf.function(lambda num_images, seed, labels: {"points": tf.zeros([num_images, 2])})
    of_latents = tf.function(lambda latents: {"points": latents})
    signatures = {
        "generate": draw.get_concrete_function(count, count, labels),
        "serving_default": of_latents.get_concrete_function(tf.TensorSpec([None, 2], tf.float32)),
    }
    tf.saved_model.save(module, str(tmp_path), signatures)
    with pytest.raises(UserError, match=r"'serving_default' of latents, \(None, latent_dim\), and labels. Received: "):
        assert Generator(tmp_path).latent_dim

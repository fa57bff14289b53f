"""The recipes of docs/convert.md: an export as a layer of Keras, as a TFLite file, and as an ONNX file."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.serving.conftest import LATENT_DIM

LATENTS = np.random.default_rng(0).normal(size=(3, LATENT_DIM)).astype(np.float32)


def _of_latents(directory):
    return tf.saved_model.load(directory).signatures["serving_default"](latents=LATENTS)["images"].numpy()


def test_a_layer_of_keras(exported):
    directory = str(exported / "grey")
    expected = tf.saved_model.load(directory).signatures["generate"](num_images=tf.constant(3), seed=tf.constant(5))
    layer = keras.layers.TFSMLayer(directory, call_endpoint="generate")
    np.testing.assert_array_equal(layer(tf.constant(3), seed=tf.constant(5))["images"], expected["images"])
    layer = keras.layers.TFSMLayer(directory, call_endpoint="serving_default")
    np.testing.assert_array_equal(layer(LATENTS)["images"], _of_latents(directory))


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning")
def test_a_file_of_tflite(exported):
    directory = str(exported / "grey")
    converter = tf.lite.TFLiteConverter.from_saved_model(directory, signature_keys=["serving_default"])
    runner = tf.lite.Interpreter(model_content=converter.convert()).get_signature_runner("serving_default")
    images, expected = runner(latents=LATENTS)["images"], _of_latents(directory)
    assert images.dtype == np.uint8 and images.shape == expected.shape
    assert np.abs(images.astype(int) - expected).max() <= 1  # a grey level


@pytest.mark.slow
def test_a_file_of_onnx(exported, tmp_path):
    import onnxruntime

    directory, path = str(exported / "grey"), str(tmp_path / "grey.onnx")
    words = ["--saved-model", directory, "--signature_def", "serving_default", "--tag", "serve", "--output", path]
    subprocess.run([sys.executable, "-m", "tf2onnx.convert", *words], check=True, capture_output=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (images,), expected = session.run(["images"], {"latents": LATENTS}), _of_latents(directory)
    assert images.dtype == np.uint8 and images.shape == expected.shape
    assert np.abs(images.astype(int) - expected).max() <= 1  # a grey level

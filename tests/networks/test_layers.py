import keras
import numpy as np
import pytest
from keras import layers as keras_layers

from wgangp_tf.networks import layers

# two samples of 1 x 2 pixels in 2 channels
IMAGES = np.array([[[[1, 3], [5, 7]]], [[[0, 8], [0, 8]]]], np.float32)


def normalize(name, x):
    layer = layers.normalization(name, x.ndim - 1)
    return layer, np.asarray(layer(x, training=True))


def test_layer_normalisation_is_over_height_width_and_channels_with_a_scale_per_channel():
    layer, result = normalize("layer", IMAGES)
    # means 4 and 4, variances 5 and 16
    np.testing.assert_allclose(result[0, 0], np.array([[-3, -1], [1, 3]]) / 5**0.5, rtol=1e-5)
    np.testing.assert_allclose(result[1, 0], [[-1, 1], [-1, 1]], rtol=1e-5)
    assert [weight.shape for weight in layer.weights] == [(2,), (2,)]
    layer.set_weights([np.array([1, 10], np.float32), np.array([0, 100], np.float32)])
    np.testing.assert_allclose(np.asarray(layer(IMAGES))[1, 0], [[-1, 110], [-1, 110]], rtol=1e-5)


def test_instance_normalisation_is_over_height_and_width():
    layer, result = normalize("instance", IMAGES)
    np.testing.assert_allclose(result[0, 0], [[-1, -1], [1, 1]], rtol=1e-4)
    np.testing.assert_allclose(result[1, 0], np.zeros([2, 2]), atol=1e-5)
    assert [weight.shape for weight in layer.weights] == [(2,), (2,)]


def test_batch_normalisation_is_over_the_batch():
    layer, result = normalize("batch", IMAGES)
    # channels 1, 5, 0, 0 and 3, 7, 8, 8
    for channel in range(2):
        values = IMAGES[..., channel]
        np.testing.assert_allclose(result[..., channel], (values - values.mean()) / values.std(), rtol=1e-4)
    assert layer.epsilon == 1e-5
    # a tenth of the way in each update
    np.testing.assert_allclose(layer.moving_mean, [0.15, 0.65], rtol=1e-5)


def test_layer_normalisation_of_vectors_is_over_their_length():
    _, result = normalize("layer", np.array([[1, 3], [0, 8]], np.float32))
    np.testing.assert_allclose(result, [[-1, 1], [-1, 1]], rtol=1e-4)


def test_no_normalisation():
    assert layers.normalization("none", 3) is None
    assert layers.normalized(IMAGES, "none") is IMAGES


def test_instance_normalisation_of_vectors_is_refused():
    with pytest.raises(ValueError, match="instance normalization needs images. Received: vectors"):
        layers.normalization("instance", 1)


def test_layer_normalisation_is_not_mistaken_for_batch_normalisation():
    assert not isinstance(layers.normalization("layer", 3), keras_layers.BatchNormalization)
    _, together = normalize("layer", IMAGES)
    _, alone = normalize("layer", IMAGES[:1])
    np.testing.assert_allclose(together[:1], alone, rtol=1e-6)


@pytest.mark.parametrize("size", [(4, 4), (5, 3)])
def test_a_strided_1x1_convolution_is_two_layers(size):
    # as one, the gradient of its kernel breaks the process: TensorFlow 2.21 on a processor
    x = keras.Input((*size, 2))
    model = keras.Model(x, layers.Parts().convolution(x, 3, 1, "c", stride=2))
    assert model.get_layer("c").strides == (1, 1)
    pixels = np.random.default_rng(0).normal(size=(2, *size, 2)).astype(np.float32)
    kernel = model.get_layer("c").kernel.numpy()[0, 0]
    np.testing.assert_allclose(model(pixels), pixels[:, ::2, ::2] @ kernel, rtol=1e-4, atol=1e-5)

import numpy as np

from wgangp_tf.networks import dcgan
from wgangp_tf.samples.spec import of_shape


def build(shape, **values):
    defaults = {
        "latent_dim": 2,
        "width": 3,
        "generator_normalization": "none",
        "critic_normalization": "none",
        "initializer": "paper",
    }
    return dcgan.build(of_shape(shape), **defaults | values)


def test_channels_double_up_to_eight_times_the_width():
    generator, critic = build((128, 128, 3), critic_normalization="layer")
    convolutions = [layer for layer in critic.layers if "Conv2D" in type(layer).__name__]
    assert [layer.filters for layer in convolutions] == [3, 6, 12, 24, 24]
    assert all(layer.strides == (2, 2) and layer.kernel_size == (5, 5) for layer in convolutions)
    transposed = [layer for layer in generator.layers if "Transpose" in type(layer).__name__]
    assert [layer.filters for layer in transposed] == [24, 12, 6, 3, 3]
    # every convolution but the first is normalised
    assert sum("Normalization" in type(layer).__name__ for layer in critic.layers) == 4


def test_gates_are_a_sigmoid_of_one_half_of_the_channels_times_tanh_of_the_other():
    _, critic = build((8, 8, 1), nonlinearity="gated")
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 6)).astype(np.float32)
    a, b = x[..., :3], x[..., 3:]
    np.testing.assert_allclose(critic.get_layer("gated_4x4")(x), np.tanh(b) / (1 + np.exp(-a)), atol=1e-6)


def test_nonlinearities():
    x = np.array([[-2.0, 3.0]], np.float32)
    generator, critic = build((8, 8, 1))
    np.testing.assert_allclose(generator.get_layer("relu_4x4")(x), [[0, 3]])
    np.testing.assert_allclose(critic.get_layer("relu_4x4")(x), [[-0.4, 3]], rtol=1e-6)
    for model in build((8, 8, 1), nonlinearity="tanh"):
        np.testing.assert_allclose(model.get_layer("tanh_4x4")(x), np.tanh(x), rtol=1e-5)


def test_constant_filters_are_of_the_generator_alone():
    generator, critic = build((64, 64, 3), constant=True)
    filters = [
        [layer.filters for layer in model.layers if "Conv2D" in type(layer).__name__] for model in (generator, critic)
    ]
    assert filters == [[3, 3, 3, 3], [3, 6, 12, 24]]


def test_without_biases_there_are_kernels_alone():
    for model in build((28, 28, 1), kernel=4, bias=False):
        assert {weight.name for weight in model.weights} == {"kernel"}
        assert {layer.kernel_size for layer in model.layers if "Conv2D" in type(layer).__name__} == {(4, 4)}

import keras
import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf import gradient_penalty
from wgangp_tf.networks import dcgan
from wgangp_tf.samples.spec import Spec, of_shape


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


def drawn(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def smooth_critic(shape):
    keras.utils.set_random_seed(0)
    return build(shape, nonlinearity="tanh", initializer="he", width=4)[1]


def penalty_by_differences(critic, samples, step=1e-2):
    """Mean of (norm − 1)², each norm from differences of scores along every value of a sample."""
    found = []
    for sample in samples:
        moves = step * np.eye(sample.size, dtype=np.float32).reshape(-1, *sample.shape)
        slopes = (critic(sample + moves).numpy() - critic(sample - moves).numpy()) / (2 * step)
        found.append((np.linalg.norm(slopes) - 1) ** 2)
    return np.mean(found)


RANKS = pytest.mark.parametrize("shape", [(7,), (9, 2), (5, 6, 2), (4, 5, 3, 1)], ids=str)


@RANKS
def test_the_penalty_of_vectors_signals_and_volumes_against_differences(shape):
    critic, samples = smooth_critic(shape), drawn(3, *shape)
    found = tf.function(lambda: gradient_penalty(critic, samples, samples))()
    np.testing.assert_allclose(found, penalty_by_differences(critic, samples), rtol=5e-3)


@RANKS
def test_its_slope_by_the_weights_against_differences(shape):
    critic, samples = smooth_critic(shape), drawn(3, *shape)
    weights = [weight.value for weight in critic.trainable_variables]

    @tf.function
    def slopes():
        with tf.GradientTape() as tape:
            penalty = gradient_penalty(critic, samples, samples)
        return tape.gradient(penalty, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    before, found, step = critic.get_weights(), slopes(), 1e-3
    direction = [np.random.default_rng(1).normal(size=weight.shape).astype(np.float32) for weight in before]
    values = []
    for sign in (1, -1):
        critic.set_weights([weight + sign * step * move for weight, move in zip(before, direction, strict=True)])
        values.append(float(gradient_penalty(critic, samples, samples)))
    expected = (values[0] - values[1]) / (2 * step)
    along = sum(float(np.sum(slope * move)) for slope, move in zip(found, direction, strict=True))
    assert along == pytest.approx(expected, rel=2e-2, abs=1e-3) and abs(expected) > 0.01


def kinds(model):
    """The layers that convolve or crop, with their strides."""
    return [
        (type(layer).__name__, getattr(layer, "strides", None))
        for layer in model.layers
        if type(layer).__name__.startswith(("Conv", "Crop"))
    ]


def test_signals_and_vectors_go_through_convolutions_of_one_dimension():
    generator, critic = build((23, 2))
    assert kinds(critic) == [("Conv1D", (2,))] * 2  # 23, 12, 6
    assert kinds(generator) == [("Conv1DTranspose", (2,)), ("Conv1DTranspose", (2,)), ("Cropping1D", None)]
    assert [layer.kernel_size for layer in critic.layers if hasattr(layer, "kernel_size")] == [(5,), (5,)]
    generator, critic = build((5,))  # too short to be halved
    assert kinds(critic) == [("Conv1D", (1,))] and kinds(generator) == [("Conv1DTranspose", (1,))]


def test_each_axis_of_a_volume_is_halved_by_itself():
    generator, critic = build((3, 16, 9, 1))
    assert kinds(critic) == [("Conv3D", (1, 2, 2)), ("Conv3D", (1, 2, 1))]
    names = [name for name, _ in kinds(generator)]
    assert names == ["Conv3DTranspose", "Conv3DTranspose", "Cropping3D"]
    assert generator.get_layer("maps").output.shape == (None, 3, 4, 5, 6)


def test_pictures_are_built_as_ever_and_arrays_of_two_dimensions_axis_by_axis():
    image, array = (build(shape)[1] for shape in ((9, 33, 1), (9, 33, 2)))
    assert kinds(image) == [("Conv2D", (2, 2))]  # until the short side is 5
    assert kinds(array) == [("Conv2D", (2, 2)), ("Conv2D", (1, 2)), ("Conv2D", (1, 2))]


def test_what_has_bounds_ends_in_tanh_and_what_has_none_is_linear_in_float32():
    spec = Spec("arrays", (9, 1), reach=0.9)
    values = {"latent_dim": 2, "width": 3, "generator_normalization": "none", "critic_normalization": "none"}
    bounded, _ = dcgan.build(spec, initializer="paper", **values)
    assert bounded.layers[-1].name == "tanh"
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        free, _ = build((9, 1))
    finally:
        keras.config.set_dtype_policy("float32")
    assert [layer.compute_dtype for layer in free.layers[-2:]] == ["float32", "float32"]
    assert free.layers[1].compute_dtype == "bfloat16"

"""Operations of a step, from shapes: against counts by hand, and against TensorFlow's own of the step it traces."""

import keras
import pytest
from keras import layers

from tests.wiring.test_cost import by_hand
from wgangp_tf.training import build, cost, operations, resolve

_DENSE = {"dataset": "digits", "network": "mlp", "generator_normalization": "none"}


def model_of(values):
    config = resolve.resolve(values)
    return config, build.build(config, config.samples)


def count(config, model):
    return operations.of_config(config, operations.of_network(model.generator), operations.of_network(model.critic))


def test_dense_networks_by_hand():
    config, model = model_of(_DENSE | {"width": 256, "latent_dim": 32, "n_critic": 2, "batch_size": 64})
    assert count(config, model) == by_hand("wgan-gp", 2, 64)


@pytest.mark.parametrize("transposed", [False, True])
def test_convolutions_by_hand(transposed):
    if transposed:  # each of 3x5 pixels of 4 channels is spread over 2x2 pixels of 6 channels
        network, products = layers.Conv2DTranspose(6, 2, strides=2), 3 * 5 * 4 * 2 * 2 * 6
    else:  # each of 2x3 pixels of 6 channels sees 2x2 pixels of 4 channels
        network, products = layers.Conv2D(6, 2, strides=2, padding="same"), 2 * 3 * 6 * 2 * 2 * 4
    found = operations.of_network(keras.Sequential([keras.Input((3, 5, 4)), network]))
    assert found == operations.Passes(2 * products, 2 * products, 2 * products)


@pytest.mark.parametrize(
    "layer, shape, products",
    [
        (layers.Conv1D(6, 5, strides=2, padding="same"), (7, 4), 4 * 6 * 5 * 4),
        (layers.Conv1DTranspose(6, 5, strides=2, padding="same"), (7, 4), 7 * 4 * 5 * 6),
        (layers.Conv3D(6, 5, strides=(1, 2, 2), padding="same"), (3, 5, 4, 2), 3 * 3 * 2 * 6 * 125 * 2),
        (layers.Conv3DTranspose(6, 5, strides=2, padding="same"), (3, 5, 4, 2), 3 * 5 * 4 * 2 * 125 * 6),
    ],
)
def test_convolutions_of_signals_and_volumes_by_hand(layer, shape, products):
    assert operations.of_network(keras.Sequential([keras.Input(shape), layer])).forward == 2 * products


def test_the_first_and_the_last_layers_of_two_ways():
    samples = keras.Input((5,))
    x = layers.Add()([layers.Dense(3)(samples), layers.Dense(3)(layers.Dense(2)(layers.ReLU()(samples)))])
    network = keras.Model(samples, layers.Dense(1)(x))
    # 15 of the short way, 10 and 6 of the long one, 3 of the scores
    assert operations.of_network(network) == operations.Passes(2 * 34, 2 * 25, 2 * 3)


def test_the_bytes_that_layers_make_of_a_sample():
    network = keras.Sequential([keras.Input((5,)), layers.Dense(3), layers.Reshape((3, 1)), layers.LeakyReLU()])
    assert operations.of_network(network).made == 4 * 3 * 3  # products, sums with the bias, LeakyReLU; no reshaping
    half = keras.Sequential([keras.Input((5,)), layers.Dense(3, use_bias=False, dtype="mixed_bfloat16")])
    assert operations.of_network(half).made == 2 * (5 + 3)  # the cast sample too, but no weights


def test_weights_that_are_cast_are_not_made_of_each_sample():
    made = {}
    for name in ("float32", "mixed_bfloat16"):
        network = [layers.Dense(size, dtype=name) for size in (1000, 1000, 1)]
        made[name] = operations.of_network(keras.Sequential([keras.Input((5,)), *network])).made
    assert made["mixed_bfloat16"] == made["float32"] / 2 + 2 * 5


def test_depthwise_convolutions_by_hand():
    network = keras.Sequential([keras.Input((4, 4, 6)), layers.DepthwiseConv2D(3, padding="same")])
    assert operations.of_network(network).forward == 2 * 4 * 4 * 6 * 9


def test_what_a_step_is_made_of():
    generator, critic = operations.Passes(100, 10, 20), operations.Passes(1000, 100, 200)
    curved = operations.Passes(1000, 100, 200, curved=True)
    one = {"batch_size": 2, "n_critic": 3}
    plain = operations.of_step(generator, critic, places=0, **one)
    # fakes, both scores, their gradients by weights and inputs; then samples, scores, and both gradients back
    assert plain == 2 * (3 * (100 + 2 * (2000 + 900)) + 300 - 10 + 2000)
    # the norm, and its derivative through the gradient's layers; where these are curved through the activations too
    norms = 800 + 1000
    penalty = norms + 1000 + 800
    assert operations.of_step(generator, critic, places=2, **one) == plain + 2 * 3 * 2 * penalty
    assert operations.of_step(generator, critic, places=1, penalised=0.5, **one) == plain + 2 * 3 * 0.5 * penalty
    assert operations.of_step(generator, curved, places=2, **one) == plain + 2 * 3 * 2 * (penalty + 800 + 700)
    assert operations.of_step(generator, critic, places=0, paired=True, **one) == plain + 2 * 1000
    assert operations.of_step(generator, critic, places=0, generator_batch_size=5, **one) == plain + 3 * 2290


def test_penalties_of_fewer_samples_are_fewer_operations():
    found = {}
    for name, values in {"all": {}, "half": {"gp_batch_fraction": 0.5}, "less often": {"gp_interval": 2}}.items():
        found[name] = count(*model_of(_DENSE | {"n_critic": 2} | values))
    assert found["half"] == found["less often"] < found["all"]


@pytest.mark.parametrize("normalization, curved", [("none", False), ("layer", True)])
def test_what_bends_a_critic(normalization, curved):
    _, model = model_of(_DENSE | {"critic_normalization": normalization})
    assert operations.of_network(model.critic).curved == curved


@pytest.mark.slow
@pytest.mark.parametrize(
    "values, share",
    [
        ({"preset": "toy_8gaussians_small", "n_critic": 2}, 0.95),
        ({"preset": "zoo_celeb_a", "image_size": "16", "width": 8, "n_critic": 1, "batch_size": 4}, 0.6),
        ({"preset": "cifar10_resnet_small", "width": 32, "n_critic": 1, "batch_size": 4}, 0.85),
    ],
)
def test_tensorflow_counts_the_same_and_what_is_element_by_element(values, share):
    config, model = model_of(values)
    found, counted = count(config, model), cost.step_operations(model, config.optimization.batch_size)
    assert share * counted <= found <= counted

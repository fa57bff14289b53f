"""What is particular to each residual network; that they are built and their counts are in the conformance list."""

import keras
import numpy as np
import pytest

from wgangp_tf import config
from wgangp_tf.networks import registry
from wgangp_tf.samples.spec import of_shape


def build(network, shape, width=4, **values):
    return registry.build(
        config.from_values({"network": network, "width": width, "latent_dim": 3, **values}).model, of_shape(shape)
    )


def draw(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def shapes(model, start):
    return [layer.output.shape[1:] for layer in model.layers if layer.name.startswith(start)]


def test_channels_of_the_64x64_network():
    generator, critic = build("resnet64", (64, 64, 3), width=2)
    assert shapes(generator, "sum") == [(8, 8, 16), (16, 16, 8), (32, 32, 4), (64, 64, 2)]
    assert shapes(critic, "sum") == [(32, 32, 4), (16, 16, 8), (8, 8, 16), (4, 4, 16)]


def test_channels_of_the_128x128_network():
    generator, critic = build("resnet128", (128, 128, 3), width=1)
    assert shapes(generator, "maps") == [(4, 4, 8)]
    assert shapes(generator, "sum") == [(8, 8, 8), (16, 16, 4), (32, 32, 2), (64, 64, 1)]
    assert shapes(critic, "convolution_64x64") == [(64, 64, 2)]
    assert shapes(critic, "sum") == [(32, 32, 4), (16, 16, 8), (8, 8, 16), (8, 8, 16), (8, 8, 16)]


def test_the_cifar_network_doubles_three_times_from_any_size():
    generator, critic = build("cifar10_resnet", (20, 32, 3))
    assert shapes(generator, "maps") == [(3, 4, 4)]
    assert shapes(generator, "sum") == [(5, 8, 4), (10, 16, 4), (20, 32, 4)]
    assert shapes(critic, "sum") == [(10, 16, 4), (5, 8, 4), (5, 8, 4), (5, 8, 4)]


def test_a_block_of_the_101_layer_network_adds_three_tenths():
    _, critic = build("resnet101_small", (8, 8, 1), critic_normalization="none")
    x = draw(1, 8, 8, 1)
    before, share, after = (
        keras.Model(critic.input, critic.get_layer(name).output)(x)
        for name in ("convolution", "convolution_8x8b_3", "sum_8x8b")
    )
    np.testing.assert_allclose(after, before + 0.3 * share, atol=1e-6)


def test_the_101_layer_network_ends_in_a_fifth():
    generator, critic = build("resnet101_small", (8, 8, 1))
    last = keras.Model(generator.input, [generator.get_layer("convolution").output, generator.output])
    maps, pictures = last(10 * draw(2, 3))
    np.testing.assert_allclose(pictures, np.tanh(maps / 5), atol=1e-6)
    scores, scaled = keras.Model(critic.input, [critic.get_layer("scores").output, critic.output])(draw(2, 8, 8, 1))
    np.testing.assert_allclose(scaled, scores / 5, rtol=1e-5)


def test_its_shortcut_lays_four_channels_out_as_pixels():
    generator, _ = build("resnet101_small", (8, 8, 1), width=2)
    names = ("shortcut_8x8", "shortcut_double_8x8")
    maps, larger = keras.Model(generator.input, [generator.get_layer(name).output for name in names])(draw(1, 3))
    assert maps.shape == (1, 4, 4, 4) and larger.shape == (1, 8, 8, 1)
    for row in (0, 1):
        for column in (0, 1):
            np.testing.assert_array_equal(larger[0, row::2, column::2, 0], maps[0, :, :, 2 * row + column])


@pytest.mark.parametrize("network", ["resnet", "resnet_modern"])
def test_pictures_that_people_bring(network):
    generator, critic = build(network, (48, 80, 3), width=2)
    assert shapes(generator, "sum")[-3:] == [(12, 20, 8), (24, 40, 4), (48, 80, 2)]
    assert shapes(critic, "sum")[-3:] == [(24, 40, 4), (12, 20, 8), (6, 10, 16)]
    for model in (generator, critic):
        assert not any(isinstance(layer, keras.layers.Conv2DTranspose) for layer in model.layers)
        assert all(layer.strides == (1, 1) for layer in model.layers if isinstance(layer, keras.layers.Conv2D))


def test_without_normalisation_networks_begin_linear():
    generator, critic = build("resnet_modern", (12, 8, 3))
    first, second = draw(2, 1, 12, 8, 3)
    together = critic(np.stack([first, second, first + second]).reshape(3, 12, 8, 3))[:, 0]
    np.testing.assert_allclose(together[2], together[0] + together[1], atol=1e-5)
    latents = draw(2, 3)
    before_tanh = np.arctanh(generator(0.1 * np.concatenate([latents, latents.sum(axis=0, keepdims=True)])))
    np.testing.assert_allclose(before_tanh[2], before_tanh[0] + before_tanh[1], atol=1e-5)


def test_groups_hold_sixteen_channels_or_more_and_are_at_most_eight():
    _, critic = build("resnet_modern", (32, 32, 3), width=20)
    grouped = [layer for layer in critic.layers if hasattr(layer, "groups") and layer.name.endswith("_2")]
    # 20 is one group; 40 two of 20; 80 five of 16; 160 eight of 20
    assert [(layer.channels, layer.groups) for layer in grouped] == [(20, 1), (40, 2), (80, 5), (160, 8)]


def test_without_normalisation_blocks_are_drawn_smaller_the_more_there_are():
    _, critic = build("resnet_modern", (32, 32, 3), width=64)
    layers = {layer.name: layer for layer in critic.layers}
    for name, inputs in (("convolution_4x4_1", 512), ("convolution_4x4_2", 9 * 512 // 8)):
        # of four blocks, three layers each; a ReLU follows
        deviation = (2 / inputs) ** 0.5 * 4 ** (-1 / 4)
        np.testing.assert_allclose(layers[name].get_weights()[0].std(), deviation, rtol=0.02)
    assert np.ptp(layers["convolution_4x4_3"].get_weights()[0]) == 0

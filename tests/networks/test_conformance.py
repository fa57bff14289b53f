"""What every network passes: any shape it says it makes, any normalisation, the papers' parameter counts."""

import dataclasses
import math

import keras
import numpy as np
import pytest

from wgangp_tf import config
from wgangp_tf.gan import networks_check
from wgangp_tf.networks import registry
from wgangp_tf.samples.spec import of_shape

IMAGES = [(8, 8, 1), (7, 7, 1), (28, 28, 1), (48, 80, 3), (33, 17, 1), (12, 8, 4)]
# vectors, signals, arrays of two dimensions, volumes: even and odd, too short to be halved, long
OTHERS = [(2,), (16,), (3, 3), (12, 3), (121, 2), (5, 3, 2), (2, 2, 2, 1), (4, 4, 4, 1), (3, 17, 8, 2), (2, 2, 2, 2, 2)]
# near another one: seen to by the long proofs
NEAR = [(7, 7, 1), (28, 28, 1), (48, 80, 3), (16,), (12, 3), (4, 4, 4, 1)]
# the same module as another row, with three times the blocks: one picture is enough
ONE_SHAPE = {"resnet101"}


WIDTHS = {"mlp12": 32}  # narrower, twelve ReLUs let nothing through


def spec_of(shape, network):
    """Of a shape, with bounds if the network must have some."""
    spec = of_shape(shape)
    bounded = spec.kind == "arrays" and registry.NETWORKS[network].bounded
    return dataclasses.replace(spec, reach=0.9) if bounded else spec


def build(sample_shape, network, **values):
    small = {"network": network, "width": WIDTHS.get(network, 8), "latent_dim": 3}
    return registry.build(config.from_values(small | values).model, spec_of(sample_shape, network))


def cases():
    """Each network at each shape it says it makes, and with each normalisation it says it takes."""
    for name, row in registry.NETWORKS.items():
        others = [] if row.ranks == (3,) else [shape for shape in OTHERS if registry.takes(row, len(shape))]
        for shape in IMAGES[:1] if name in ONE_SHAPE else IMAGES + others:
            yield pytest.param(name, shape, {}, marks=[pytest.mark.slow] if shape in NEAR else [])
        for role in () if name in ONE_SHAPE else ("generator_normalization", "critic_normalization"):
            for normalization in getattr(row, role + "s"):
                if normalization != getattr(row, role):
                    yield pytest.param(name, IMAGES[0], {role: normalization})


@pytest.mark.parametrize("network, shape, values", list(cases()))
def test_every_network_makes_and_scores_samples(network, shape, values):
    generator, critic = build(shape, network, **values)
    assert generator.built and critic.built
    latents = 3 * np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    samples = generator(latents, training=True)
    assert samples.shape == (2, *shape)
    assert samples.dtype == "float32"
    if spec_of(shape, network).bounded:
        assert np.abs(samples).max() <= 1
    else:
        assert generator.layers[-1].name != "tanh"
    scores = critic(samples, training=True)
    assert scores.shape == (2, 1)
    assert scores.dtype == "float32"
    assert np.all(np.isfinite(scores)) and np.ptp(scores) > 0
    if values.get("critic_normalization") != "batch":
        assert not networks_check.batch_normalizations(critic)
        alone = [critic(samples[number : number + 1], training=True) for number in (0, 1)]
        np.testing.assert_allclose(np.concatenate(alone), scores, rtol=1e-3, atol=1e-5)


def kinds(model):
    """The normalisations within a network."""
    for layer in model.layers:
        if "Normalization" in type(layer).__name__:
            kind = "batch" if isinstance(layer, keras.layers.BatchNormalization) else "layer"
            yield "instance" if getattr(layer, "groups", 1) > 1 else kind


@pytest.mark.parametrize("network", registry.NETWORKS)
def test_every_network_takes_its_defaults_and_normalises_as_its_row_says(network):
    row = registry.find(network)
    generator, critic = registry.build(config.Model(network=network, width=8), of_shape((16, 16, 1)))
    assert generator.input_shape == (None, 128)
    for model, name in ((generator, row.generator_normalization), (critic, row.critic_normalization)):
        assert set(kinds(model)) == {name} - {"none"}


@pytest.mark.parametrize("network", registry.NETWORKS)
def test_every_network_gives_float32_whatever_it_computes_in(network):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        generator, critic = build((8, 8, 1), network)
        samples = generator(np.ones((2, 3), np.float32))
        assert samples.dtype == critic(samples).dtype == "float32"
    finally:
        keras.config.set_dtype_policy(before)
    assert {layer.compute_dtype for layer in critic.layers} == {"bfloat16", "float32"}


@pytest.mark.parametrize("network", [name for name in registry.NETWORKS if name not in ONE_SHAPE])
def test_every_network_depends_on_the_seed_alone(network):
    """Weights, and the names of layers: one that Keras gives counts what else the process has built."""

    def built(seed):
        keras.utils.set_random_seed(seed)
        pair = build((8, 8, 1), network)
        return [layer.name for model in pair for layer in model.layers], [w for model in pair for w in model.weights]

    (names, first), (same_names, again), (_, other) = built(1), built(1), built(2)
    assert names == same_names
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    for weight in first:
        if weight.path.endswith("bias"):
            np.testing.assert_array_equal(weight, 0)


# parameters that are trained: of the authors' scripts, and by the formula where they print none
NONE = {"generator_normalization": "none", "critic_normalization": "none"}


def convolution(inputs, outputs, kernel=3):
    return kernel**2 * inputs * outputs + outputs


def up_128(inputs, outputs):
    return (
        2 * (inputs + outputs) + convolution(inputs, outputs) + convolution(outputs, outputs) + (inputs + 1) * outputs
    )


def down_128(inputs, outputs):
    return 4 * inputs + convolution(inputs, inputs) + convolution(inputs, outputs) + (inputs + 1) * outputs


PUBLISHED = [
    # MNIST: generator with its crop to 7x7, critic 64, 128, 256
    ("dcgan", (28, 28, 1), NONE, 1_554_177, 1_030_145),
    # CIFAR-10; its generator 128 x 8192 + 8192, 5x5 convolutions 512 → 256 → 128 → 3, two per normalised channel
    (
        "dcgan",
        (32, 32, 3),
        {"width": 128, "critic_normalization": "none"},
        129 * 8192 + 25 * (512 * 256 + 256 * 128 + 128 * 3) + (256 + 128 + 3) + 2 * (512 + 256 + 128),
        4_114_689,
    ),
    # toy data: 2-d latents
    ("mlp", (2,), {"latent_dim": 2, "generator_normalization": "none"}, 527_874, 527_361),
    # eleven layers of 512 x 512 behind the first
    (
        "mlp12",
        (2,),
        {"latent_dim": 2},
        3 * 512 + 11 * 513 * 512 + 513 * 2,
        3 * 512 + 11 * 513 * 512 + 513,
    ),
    ("cifar10_resnet", (32, 32, 3), {}, 1_204_483, 1_053_825),
    # 64x64: the good one, the baseline and the six hard ones
    ("resnet64", (64, 64, 3), {}, 8_540_483, 7_491_841),
    ("dcgan", (64, 64, 3), {}, 5_364_739, 4_316_545),
    ("constant_filters", (64, 64, 3), {}, 444_291, 4_316_545),
    ("mlp_generator", (64, 64, 3), {}, 7_157_760, 4_316_545),
    ("dcgan", (64, 64, 3), NONE, 5_362_819, 4_314_753),
    ("gated", (64, 64, 3), {}, 10_724_675, 8_624_897),
    ("tanh", (64, 64, 3), {}, 5_364_739, 4_316_545),
    ("resnet101", (64, 64, 3), {}, 9_189_587, 7_618_801),
    # 128x128: no count is published
    (
        "resnet128",
        (128, 128, 3),
        {},
        129 * 8192
        + up_128(512, 512)
        + up_128(512, 256)
        + up_128(256, 128)
        + up_128(128, 64)
        + 128
        + convolution(64, 3, 5),
        convolution(3, 128, 5)
        + down_128(128, 256)
        + down_128(256, 512)
        + down_128(512, 1024)
        + 2 * (4 * 1024 + 2 * convolution(1024, 1024))
        + 1025,
    ),
    # a PyTorch zoo's, without biases, whose first and last convolutions are 4x4 on 4x4: dense layers here
    (
        "zoo_dcgan",
        (64, 64, 3),
        {},
        16 * (128 * 512 + 512 * 256 + 256 * 128 + 128 * 64 + 64 * 3) + 2 * (512 + 256 + 128 + 64),
        16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512) + 2 * (128 + 256 + 512),
    ),
]


@pytest.mark.parametrize("network, shape, values, generator_count, critic_count", PUBLISHED)
def test_parameter_counts_of_the_paper(network, shape, values, generator_count, critic_count):
    model = config.from_values({"network": network, **values}).model  # of the row's own width
    for network, count in zip(registry.build(model, of_shape(shape)), (generator_count, critic_count), strict=True):
        assert sum(math.prod(weight.shape) for weight in network.trainable_weights) == count
        if model.network == "resnet101":
            # three in each of 33 blocks, and the first and the last; shortcuts do not count
            names = [layer.name for layer in network.layers]
            assert sum(name.startswith(("convolution", "dense", "scores")) for name in names) == 3 * 33 + 2


@pytest.mark.parametrize("network", registry.NETWORKS)
def test_every_network_normalises_by_layers_whose_second_derivative_is_right(network):
    """A penalised critic is warned of otherwise, see `networks_check`; a warning fails a test."""
    row = registry.NETWORKS[network]
    for normalization in row.critic_normalizations:
        if normalization != "batch":
            generator, critic = build(IMAGES[0], network, critic_normalization=normalization)
            networks_check.check(generator, critic, 3, penalised=True)

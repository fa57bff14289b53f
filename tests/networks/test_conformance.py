"""What every network passes: any shape it says it makes, any normalisation, the papers' parameter counts."""

import keras
import numpy as np
import pytest

from wgangp_tf import config
from wgangp_tf.networks import registry
from wgangp_tf.samples.spec import of_shape

IMAGES = [(8, 8, 1), (7, 7, 1), (28, 28, 1), (48, 80, 3), (33, 17, 1), (64, 64, 3)]
OTHERS = [(2,), (16,), (12, 3), (4, 4, 4, 1)]
NORMALIZATIONS = ["none", "layer", "instance", "batch"]


def build(sample_shape, **values):
    width = 32 if values.get("network") == "mlp12" else 8  # of few ReLUs in a row of twelve layers one may be all shut
    return registry.build(config.from_values({"width": width, "latent_dim": 3, **values}).model, of_shape(sample_shape))


def cases():
    for name, row in registry.NETWORKS.items():
        for shape in IMAGES + ([] if row.images_only else OTHERS):
            for normalization in NORMALIZATIONS:
                if normalization != "instance" or row.images_only:
                    yield name, shape, normalization


@pytest.mark.parametrize("network, shape, normalization", list(cases()))
def test_every_network_makes_and_scores_samples(network, shape, normalization):
    generator, critic = build(
        shape, network=network, generator_normalization=normalization, critic_normalization=normalization
    )
    assert generator.built and critic.built
    latents = 3 * np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    samples = generator(latents, training=True)
    assert samples.shape == (2, *shape)
    assert samples.dtype == "float32"
    if len(shape) == 3:
        assert np.abs(samples).max() <= 1
    scores = critic(samples, training=True)
    assert scores.shape == (2, 1)
    assert scores.dtype == "float32"
    assert np.all(np.isfinite(scores)) and np.ptp(scores) > 0


@pytest.mark.parametrize("network", registry.NETWORKS)
def test_every_network_takes_its_defaults_and_normalises_as_its_row_says(network):
    row = registry.find(network)
    generator, critic = registry.build(config.Model(network=network), of_shape((8, 8, 1)))
    assert generator.input_shape == (None, 128)
    kinds = {
        "none": set(),
        "batch": {"BatchNormalization"},
        "layer": {"GroupNormalization"} if row.images_only else {"LayerNormalization"},
    }
    for model, name in ((generator, row.generator_normalization), (critic, row.critic_normalization)):
        found = {type(layer).__name__ for layer in model.layers if "Normalization" in type(layer).__name__}
        # of a small picture there may be one convolution, which is not normalised
        assert found <= kinds[name]
        assert found == kinds[name] or len([layer for layer in model.layers if "Conv" in type(layer).__name__]) == 1


@pytest.mark.parametrize("network", registry.NETWORKS)
def test_every_network_draws_its_weights_from_the_seed(network):
    def weights(seed):
        keras.utils.set_random_seed(seed)
        return [weight for model in build((8, 8, 1), network=network) for weight in model.get_weights()]

    first, again, other = weights(1), weights(1), weights(2)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    for model in build((8, 8, 1), network=network):
        for weight in model.trainable_variables:
            if weight.path.endswith("bias"):
                np.testing.assert_array_equal(weight, 0)


# parameters that are trained: of the authors' scripts, and the same by the formula
PUBLISHED = [
    # MNIST: generator with its crop to 7x7, critic 64, 128, 256
    (
        (28, 28, 1),
        {"network": "dcgan", "width": 64, "generator_normalization": "none", "critic_normalization": "none"},
        1_554_177,
        1_030_145,
    ),
    # 64x64 DCGAN, batch normalisation in the generator, layer normalisation in the critic
    ((64, 64, 3), {"network": "dcgan", "width": 64}, 5_364_739, 4_316_545),
    # the same without any
    (
        (64, 64, 3),
        {"network": "dcgan", "width": 64, "generator_normalization": "none", "critic_normalization": "none"},
        5_362_819,
        4_314_753,
    ),
    # CIFAR-10 DCGAN; its generator 128 x 8192 + 8192, 5x5 convolutions 512 → 256 → 128 → 3, two per normalised channel
    (
        (32, 32, 3),
        {"network": "dcgan", "width": 128, "critic_normalization": "none"},
        129 * 8192 + 25 * (512 * 256 + 256 * 128 + 128 * 3) + (256 + 128 + 3) + 2 * (512 + 256 + 128),
        4_114_689,
    ),
    # toy data: 2-d latents
    (
        (2,),
        {"network": "mlp", "width": 512, "latent_dim": 2, "generator_normalization": "none"},
        527_874,
        527_361,
    ),
]


@pytest.mark.parametrize("shape, values, generator_count, critic_count", PUBLISHED)
def test_parameter_counts_of_the_paper(shape, values, generator_count, critic_count):
    generator, critic = build(shape, **{"latent_dim": 128} | values)
    assert sum(np.prod(weight.shape, dtype=int) for weight in generator.trainable_weights) == generator_count
    assert sum(np.prod(weight.shape, dtype=int) for weight in critic.trainable_weights) == critic_count

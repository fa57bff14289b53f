import pytest

from wgangp_tf.networks import dcgan
from wgangp_tf.samples.spec import of_shape


@pytest.mark.parametrize(
    "shape, sizes",
    [
        ((28, 28), [(28, 28), (14, 14), (7, 7), (4, 4)]),  # the paper's MNIST network
        ((64, 64), [(64, 64), (32, 32), (16, 16), (8, 8), (4, 4)]),
        ((48, 80), [(48, 80), (24, 40), (12, 20), (6, 10)]),
        ((33, 17), [(33, 17), (17, 9), (9, 5)]),
        ((7, 7), [(7, 7), (4, 4)]),
    ],
)
def test_sizes_are_halved_while_the_short_side_stays_at_least_4(shape, sizes):
    assert dcgan._sizes(*shape) == sizes


def test_channels_double_up_to_eight_times_the_width():
    generator, critic = dcgan.build(
        of_shape((128, 128, 3)), latent_dim=2, width=3, generator_normalization="none", critic_normalization="layer"
    )
    convolutions = [layer for layer in critic.layers if "Conv2D" in type(layer).__name__]
    assert [layer.filters for layer in convolutions] == [3, 6, 12, 24, 24]
    assert all(layer.strides == (2, 2) and layer.kernel_size == (5, 5) for layer in convolutions)
    transposed = [layer for layer in generator.layers if "Transpose" in type(layer).__name__]
    assert [layer.filters for layer in transposed] == [24, 12, 6, 3, 3]
    # every convolution but the first is normalised
    assert sum("Normalization" in type(layer).__name__ for layer in critic.layers) == 4

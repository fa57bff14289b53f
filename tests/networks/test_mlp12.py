from wgangp_tf.networks import mlp12
from wgangp_tf.samples.spec import of_shape


def test_twelve_hidden_layers_and_an_output():
    networks = mlp12.build(
        of_shape((2,)), latent_dim=3, width=5, generator_normalization="none", critic_normalization="none"
    )
    for network, first, last in zip(networks, (3, 2), (2, 1), strict=True):
        kernels = [weight.shape for weight in network.weights[::2]]
        assert kernels == [(first, 5), *[(5, 5)] * 11, (5, last)]

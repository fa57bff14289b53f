import numpy as np

from wgangp_tf.networks import mlp
from wgangp_tf.samples.spec import of_shape


def test_three_hidden_layers_and_a_linear_end_for_points():
    generator, critic = mlp.build(
        of_shape((2,)),
        latent_dim=3,
        width=5,
        generator_normalization="none",
        critic_normalization="none",
        initializer="paper",
    )
    assert [weight.shape for weight in generator.weights[::2]] == [(3, 5), (5, 5), (5, 5), (5, 2)]
    assert [weight.shape for weight in critic.weights[::2]] == [(2, 5), (5, 5), (5, 5), (5, 1)]
    # doubling the last layer doubles the samples: no tanh at the end
    latents = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    before = generator(latents).numpy()
    generator.set_weights([*generator.get_weights()[:-2], *(100 * weight for weight in generator.get_weights()[-2:])])
    np.testing.assert_allclose(generator(latents), 100 * before, rtol=1e-5)
    assert np.abs(generator(latents)).max() > 1

import numpy as np

from wgangp_tf.gan import losses


def test_wasserstein_losses_of_each_sample():
    real, fake = np.array([3.0, 1.0]), np.array([1.0, 4.0])
    np.testing.assert_array_equal(losses.wasserstein_critic(real, fake), [-2.0, 3.0])
    np.testing.assert_array_equal(losses.wasserstein_generator(real, fake), [-1.0, -4.0])

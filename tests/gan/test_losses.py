import numpy as np
import pytest

from wgangp_tf.gan import losses

REAL, FAKE = np.array([3.0, 1.0], np.float32), np.array([1.0, 4.0], np.float32)
LOG = np.log1p(np.exp([-3.0, -1.0, 1.0, 4.0, -2.0, 3.0, -4.0, 2.0, -3.0]))  # softplus of these
(S_m3, S_m1, S_1, S_4, S_m2, S_3, S_m4, S_2, _) = LOG


@pytest.mark.parametrize(
    "name, critic, generator",
    [
        ("wasserstein", [-2.0, 3.0], [-1.0, -4.0]),
        ("non-saturating", [S_m3 + S_1, S_m1 + S_4], [S_m1, S_m4]),
        ("least-squares", [(2.0**2 + 1) / 2, (0 + 4.0**2) / 2], [0.0, 3.0**2 / 2]),
        ("relativistic", [S_m2, S_3], [S_2, S_m3]),
    ],
)
def test_losses_of_each_sample(name, critic, generator):
    loss = losses.LOSSES[name]
    np.testing.assert_allclose(loss.critic(REAL, FAKE), critic, rtol=1e-6)
    np.testing.assert_allclose(loss.generator(REAL, FAKE), generator, rtol=1e-6)


def test_every_loss_is_tested_here():
    assert set(losses.LOSSES) == {"wasserstein", "non-saturating", "least-squares", "relativistic"}

"""The terms of every method, on a critic whose answer is known by hand: D(x) = 3 x1 + 4 x2, of gradient norm 5."""

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.gan import methods
from wgangp_tf.gan.batches import Batch
from wgangp_tf.gan.draws import Draws
from wgangp_tf.gan.objective import Objective

REAL = Batch(tf.constant([[1.0, 0.0], [0.0, 0.5]]))  # scores 3 and 2
FAKE = Batch(tf.constant([[1.0, 1.0], [-1.0, 1.0]]))  # scores 7 and 1
DRAWS = Draws(0, 0)


def linear(batch):
    return tf.linalg.matvec(batch.samples, tf.constant([3.0, 4.0]))[:, None]


def softplus(value):
    return np.log1p(np.exp(value))


# method → (critic's losses, generator's losses, penalty)
EXPECTED = {
    "wgan-gp": ([4, -1], [-7, -1], 16),
    "wgan-lp": ([4, -1], [-7, -1], 16),
    "wgan": ([4, -1], [-7, -1], None),
    "dragan": ([softplus(-3) + softplus(7), softplus(-2) + softplus(1)], [softplus(-7), softplus(-1)], 16),
    "dcgan": ([softplus(-3) + softplus(7), softplus(-2) + softplus(1)], [softplus(-7), softplus(-1)], None),
    "lsgan": ([(4 + 49) / 2, (1 + 1) / 2], [36 / 2, 0], None),
    "r1": ([softplus(-3) + softplus(7), softplus(-2) + softplus(1)], [softplus(-7), softplus(-1)], 25),
    "r3gan": ([softplus(4), softplus(-1)], [softplus(3 - 7), softplus(2 - 1)], 50),
}


@pytest.mark.parametrize("method", methods.METHODS)
@pytest.mark.parametrize("together", [True, False])
def test_terms_of_every_method(method, together):
    critic_losses, generator_losses, penalty = EXPECTED[method]
    objective = Objective(methods.find(method), gp_weight=0.5, together=together)
    terms = objective.critic_terms(linear, REAL, FAKE, DRAWS)
    np.testing.assert_allclose(terms.estimates, [3 - 7, 2 - 1], rtol=1e-6)
    np.testing.assert_allclose(terms.losses, critic_losses, rtol=1e-5)
    for norms in terms.norms.values():
        np.testing.assert_allclose(norms, [5, 5], rtol=1e-6)
    expected = np.mean(critic_losses)
    if penalty is None:
        assert terms.penalties is None and terms.norms == {}
    else:
        np.testing.assert_allclose(terms.penalties, [penalty, penalty], rtol=1e-5)
        expected += 0.5 * penalty
    np.testing.assert_allclose(objective.critic_loss(terms), expected, rtol=1e-5)
    np.testing.assert_allclose(objective.generator_loss(linear, REAL, FAKE), np.mean(generator_losses), rtol=1e-5)


@pytest.mark.parametrize(
    "method, places",
    [
        ("wgan-gp", ("interpolates",)),
        ("wgan", ("interpolates",)),
        ("dragan", ("interpolates", "around_real")),
        ("r1", ("interpolates", "real")),
        ("r3gan", ("interpolates", "real", "fake")),
    ],
)
def test_norms_are_known_where_they_are_penalised_and_at_interpolates(method, places):
    objective = Objective(methods.find(method), gp_weight=1.0)
    assert objective.places == places
    watched = objective.watched(quadratic, REAL, FAKE, DRAWS)
    assert list(watched) == ([] if method in ("wgan-gp", "wgan-lp") else ["interpolates"])


def quadratic(batch):
    """D(x) = ‖x‖²/2, whose gradient at x is x."""
    return tf.reduce_sum(tf.square(batch.samples), axis=1) / 2


def test_each_penalty_is_taken_at_its_place():
    """A norm that differs from place to place tells where it was taken."""
    real, fake = Batch(tf.constant([[3.0, 4.0]])), Batch(tf.constant([[0.0, 2.0]]))
    objective = Objective(methods.find("r3gan"), gp_weight=1.0)
    norms = objective.critic_terms(quadratic, real, fake, DRAWS).norms
    np.testing.assert_allclose([norms["real"][0], norms["fake"][0]], [5.0, 2.0], rtol=1e-6)
    around = objective.norms_at("around_real", quadratic, real, fake, DRAWS)
    noise = DRAWS.uniform("around_real", 1, [2]).numpy()
    # the numbers 3 and 4 have the standard deviation 1/2
    np.testing.assert_allclose(around, [np.linalg.norm([3.0, 4.0] + 0.25 * noise)], rtol=1e-6)
    epsilon = DRAWS.uniform("interpolates", 1).numpy()
    between = objective.norms_at("interpolates", quadratic, real, fake, DRAWS)
    point = epsilon * np.array([3.0, 4.0]) + (1 - epsilon) * np.array([0.0, 2.0])
    np.testing.assert_allclose(between, [np.linalg.norm(point)], rtol=1e-6)


def test_labels_go_with_the_samples_that_the_critic_sees():
    seen = []

    def critic(batch):
        seen.append(batch.labels.numpy().tolist())
        return linear(batch)

    real, fake = Batch(REAL.samples, tf.constant([1, 2])), Batch(FAKE.samples, tf.constant([3, 4]))
    objective = Objective(methods.find("wgan-gp"), gp_weight=1.0)
    objective.critic_terms(critic, real, fake, DRAWS)
    assert seen == [[1, 2, 3, 4], [1, 2]]  # scores in one pass; interpolates have the labels of the real ones

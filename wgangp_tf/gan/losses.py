"""Losses of critic and generator, one value a sample.

Each takes and gives float32 [batch]; means and divisions by replicas are the training step's business.
"""

import dataclasses
from collections.abc import Callable

import tensorflow as tf


def wasserstein_critic(real_scores, fake_scores):
    """D(fake) − D(real): its negative mean is the Wasserstein estimate (Arjovsky et al. 2017, Algorithm 1)."""
    return fake_scores - real_scores


def wasserstein_generator(real_scores, fake_scores):
    """−D(fake) (Arjovsky et al. 2017, Algorithm 1)."""
    del real_scores
    return -fake_scores


def non_saturating_critic(real_scores, fake_scores):
    """−log σ(D(real)) − log(1 − σ(D(fake))) (Goodfellow et al. 2014, eq. 1)."""
    return tf.nn.softplus(-real_scores) + tf.nn.softplus(fake_scores)


def non_saturating_generator(real_scores, fake_scores):
    """−log σ(D(fake)) (Goodfellow et al. 2014, section 3)."""
    del real_scores
    return tf.nn.softplus(-fake_scores)


def least_squares_critic(real_scores, fake_scores):
    """½(D(real) − 1)² + ½D(fake)² (Mao et al. 2017, eq. 2 with a = 0, b = 1)."""
    return 0.5 * tf.square(real_scores - 1.0) + 0.5 * tf.square(fake_scores)


def least_squares_generator(real_scores, fake_scores):
    """½(D(fake) − 1)² (Mao et al. 2017, eq. 2 with c = 1)."""
    del real_scores
    return 0.5 * tf.square(fake_scores - 1.0)


def relativistic_critic(real_scores, fake_scores):
    """−log σ(D(real) − D(fake)), pair by pair (Jolicoeur-Martineau 2018; Huang et al. 2024, eq. 2)."""
    return tf.nn.softplus(fake_scores - real_scores)


def relativistic_generator(real_scores, fake_scores):
    """−log σ(D(fake) − D(real)), pair by pair (Huang et al. 2024, eq. 2)."""
    return tf.nn.softplus(real_scores - fake_scores)


@dataclasses.dataclass(frozen=True)
class Loss:
    """What critic and generator minimise.

    Attributes:
      critic, generator: (real scores, fake scores) -> losses, each [batch]; the generator's gets None for the real
        scores unless its method is `paired`.
    """

    critic: Callable
    generator: Callable


# by the name that a `methods.Method` gives it
LOSSES = {
    "wasserstein": Loss(wasserstein_critic, wasserstein_generator),
    "non-saturating": Loss(non_saturating_critic, non_saturating_generator),
    "least-squares": Loss(least_squares_critic, least_squares_generator),
    "relativistic": Loss(relativistic_critic, relativistic_generator),
}

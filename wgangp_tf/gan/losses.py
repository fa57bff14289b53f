"""Losses of critic and generator, one value a sample.

Each takes and gives float32 [batch]; means and divisions by replicas are the training step's business.
"""


def wasserstein_critic(real_scores, fake_scores):
    """D(fake) − D(real): its negative mean is the Wasserstein estimate (Arjovsky et al. 2017, Algorithm 1)."""
    return fake_scores - real_scores


def wasserstein_generator(fake_scores):
    """−D(fake) (Arjovsky et al. 2017, Algorithm 1)."""
    return -fake_scores


# loss of a `methods.Method` → (critic's, generator's)
LOSSES = {"wasserstein": (wasserstein_critic, wasserstein_generator)}

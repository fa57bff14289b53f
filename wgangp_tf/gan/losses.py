"""Losses of critic and generator, one value a sample.

Each takes and gives float32 [batch]; means and divisions by replicas are the training step's business.
"""

import dataclasses
from collections.abc import Callable


def wasserstein_critic(real_scores, fake_scores):
    """D(fake) − D(real): its negative mean is the Wasserstein estimate (Arjovsky et al. 2017, Algorithm 1)."""
    return fake_scores - real_scores


def wasserstein_generator(real_scores, fake_scores):
    """−D(fake) (Arjovsky et al. 2017, Algorithm 1)."""
    del real_scores
    return -fake_scores


@dataclasses.dataclass(frozen=True)
class Loss:
    """What critic and generator minimise.

    Attributes:
      critic, generator: (real scores, fake scores) -> losses, each [batch].
      paired: whether the generator's loss looks at real samples too; otherwise it gets None for their scores.
    """

    critic: Callable
    generator: Callable
    paired: bool = False


# by the name that a `methods.Method` gives it
LOSSES = {"wasserstein": Loss(wasserstein_critic, wasserstein_generator)}

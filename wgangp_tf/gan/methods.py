"""The table of methods. A new one is a row here, and a function in `losses` or `penalties` where it needs one.

Imports no TensorFlow, so that the command line can look names up at once.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from wgangp_tf.errors import unknown_name

OF_PENALTY = frozenset({"gp_weight", "gp_interval", "gp_batch_fraction"})  # config fields


@dataclasses.dataclass(frozen=True)
class Penalty:
    """A penalty on the norm of the critic's gradient.

    Attributes:
      place: key of `penalties.PLACES`, where the norm is taken.
      shape: key of `penalties.SHAPES`, what a norm costs.
      share: factor beside gp_weight.
    """

    place: str
    shape: str
    share: float = 1.0


@dataclasses.dataclass(frozen=True)
class Method:
    """What makes a method.

    Attributes:
      summary: one line for `list`.
      loss: key of `losses.LOSSES`.
      penalties: on the critic's gradient, in the critic's loss.
      paired: whether the generator's loss looks at real samples too, one for each fake one.
      clips: whether the critic's weights are clipped after each critic update.
      defaults: config values of the method where they differ from `config`'s, which are WGAN-GP's; of its own paper.
      measured: {data set: config values} with which it was seen to train there, before `defaults`.
    """

    summary: str
    loss: str
    penalties: tuple[Penalty, ...] = ()
    paired: bool = False
    clips: bool = False
    defaults: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    measured: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)

    @property
    def fields(self):
        """Config fields that this method has a use for and another may not have."""
        found = set(OF_PENALTY) if self.penalties else set()
        found |= {"clip_value"} if self.clips else set()
        return found | (set() if self.paired else {"generator_batch_size"})


# Where a method's paper has rates for days on a GPU: those with which it trains on the digits in their minute, n_critic
# 1 at twice the steps of the data set's 3. Tried and measured: benchmarks/README.md.
_IN_A_MINUTE = {"digits": {"learning_rate": 1e-3, "steps": 6000}}

# Clipping on points: a network and a length with which it trains in minutes. benchmarks/README.md
_CLIPPED_POINTS = {
    "width": 128,
    "clip_value": 0.1,
    "learning_rate_decay": "linear",
    "ema_decay": 0.99,
    "steps": 12_000,
}

METHODS = {
    "wgan-gp": Method(
        summary="Wasserstein, two-sided gradient penalty (Gulrajani et al. 2017)",
        loss="wasserstein",
        penalties=(Penalty("interpolates", "two-sided"),),
        measured={"shapes": {"n_critic": 2, "learning_rate": 2e-3, "beta_1": 0.5}},
    ),
    "wgan-lp": Method(
        summary="Wasserstein, one-sided gradient penalty (Petzka et al. 2018)",
        loss="wasserstein",
        penalties=(Penalty("interpolates", "one-sided"),),
    ),
    "wgan": Method(
        summary="Wasserstein, clipped critic weights (Arjovsky et al. 2017)",
        loss="wasserstein",
        clips=True,
        defaults={"optimizer": "rmsprop", "learning_rate": 5e-5},
        # each the best of those tried: benchmarks/README.md
        measured={
            "digits": {"learning_rate": 5e-4, "clip_value": 0.03, "steps": 6000},
            "8gaussians": _CLIPPED_POINTS | {"learning_rate": 2e-3},
            "25gaussians": _CLIPPED_POINTS | {"learning_rate": 5e-4},
            "swiss_roll": _CLIPPED_POINTS | {"learning_rate": 5e-4},
            "shapes": {"n_critic": 2, "learning_rate": 2e-3, "clip_value": 0.03},
            "signals": {"learning_rate": 5e-4, "clip_value": 0.03},
            "wine": {"learning_rate": 5e-4, "clip_value": 0.03},
        },
    ),
    "dragan": Method(
        summary="non-saturating, two-sided gradient penalty around real samples (Kodali et al. 2017)",
        loss="non-saturating",
        penalties=(Penalty("around_real", "two-sided"),),
        defaults={"n_critic": 1, "gp_weight": 10.0, "learning_rate": 2e-4, "beta_1": 0.5, "beta_2": 0.999},
        measured=_IN_A_MINUTE,
    ),
    "dcgan": Method(
        summary="non-saturating, no penalty (Goodfellow et al. 2014, with the settings of Radford et al. 2016)",
        loss="non-saturating",
        defaults={"n_critic": 1, "learning_rate": 2e-4, "beta_1": 0.5, "beta_2": 0.999},
    ),
    "lsgan": Method(
        summary="least squares, no penalty (Mao et al. 2017)",
        loss="least-squares",
        defaults={"n_critic": 1, "optimizer": "rmsprop", "learning_rate": 1e-4},
    ),
    "r1": Method(
        summary="non-saturating, zero-centred gradient penalty at real samples (Mescheder et al. 2018)",
        loss="non-saturating",
        penalties=(Penalty("real", "zero-centred"),),
        # gp_weight is the factor in front of the mean: γ/2 with γ = 10
        defaults={"n_critic": 1, "gp_weight": 5.0, "learning_rate": 1e-4, "beta_1": 0.0, "beta_2": 0.99},
        measured=_IN_A_MINUTE,
    ),
    "r3gan": Method(
        summary="relativistic pairs, zero-centred penalties at real and fake samples (Huang et al. 2024)",
        loss="relativistic",
        paired=True,
        penalties=(Penalty("real", "zero-centred"), Penalty("fake", "zero-centred")),
        # γ/2 with γ = 1, as for stacked MNIST; no normalisation in either network
        defaults={
            "n_critic": 1,
            "gp_weight": 0.5,
            "learning_rate": 2e-4,
            "beta_1": 0.0,
            "beta_2": 0.99,
            "generator_normalization": "none",
            "critic_normalization": "none",
        },
        measured=_IN_A_MINUTE,
    ),
}


def find(name):
    """The row of a method.

    Raises:
      UserError: no such name.
    """
    if name not in METHODS:
        raise unknown_name("method", name, METHODS)
    return METHODS[name]

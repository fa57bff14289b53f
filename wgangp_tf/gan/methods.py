"""The table of methods. A new one is a row here, and a function in `losses` or `penalties` where it needs one.

Imports no TensorFlow, so that the command line can look names up at once.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from wgangp_tf.errors import unknown_name


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
      clips: whether the critic's weights are clipped after each critic update.
      defaults: config values of the method where they differ from `config`'s, which are WGAN-GP's.
    """

    summary: str
    loss: str
    penalties: tuple[Penalty, ...] = ()
    clips: bool = False
    defaults: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def fields(self):
        """Config fields that this method has a use for and another may not have."""
        return ({"gp_weight"} if self.penalties else set()) | ({"clip_value"} if self.clips else set())


METHODS = {
    "wgan-gp": Method(
        summary="Wasserstein, two-sided gradient penalty (Gulrajani et al. 2017)",
        loss="wasserstein",
        penalties=(Penalty("interpolates", "two-sided"),),
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

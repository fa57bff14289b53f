"""The known ways for a training to fail, what shows each in the numbers of a run, and what to try.

A new one is a row of `FAILURES`. The limits stand between what healthy runs and bad ones measured: docs/health.md.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

from wgangp_tf.gan import methods

_TINY = 1e-12
_RECENT = 4  # lines that a mean is over


@dataclasses.dataclass(frozen=True)
class Failure:
    """A known way for a training to fail, and from where on a number shows it.

    Attributes:
      name: what happens, as a clause.
      quantity: the name in `quantities` of the number that shows it.
      value: callable of (line, `Past`, config) -> what is held against the limit; None where the line does not tell.
      below: whether values below the limit show it; else those above.
      limit: see `value`.
      reason: why that limit: what was measured, and with what.
      shows: the number in words, filled in from the line and "value".
      advice: what to try, with the flags.
      flags: those flags.
      explained_by: names of failures that this one follows from, and beside which it is not said.
      by_clock: whether it depends on the speed of the machine.
    """

    name: str
    quantity: str
    value: Callable[[dict, "Past", Any], float | None]
    below: bool
    limit: float
    reason: str
    shows: str
    advice: str
    flags: tuple[str, ...]
    explained_by: tuple[str, ...] = ()
    by_clock: bool = False

    def shown_by(self, value):
        return value < self.limit if self.below else value > self.limit


class Past:
    """What the lines so far said.

    Attributes:
      recent: the last lines, this one the last of them, at most `_RECENT`.
      least, greatest: {name: the least and the greatest so far, this line's included}.
    """

    def __init__(self):
        self.recent, self.least, self.greatest = [], {}, {}

    def meet(self, line):
        self.recent = [*self.recent, line][-_RECENT:]
        for name, value in line.items():
            self.least[name] = min(value, self.least.get(name, math.inf))
            self.greatest[name] = max(value, self.greatest.get(name, -math.inf))


def _held_to_one(line, config, shapes):
    """Mean gradient norm at the place where the method holds it to 1 by a penalty of these shapes; None without one."""
    for penalty in methods.find(config.model.method).penalties:
        if penalty.shape in shapes:
            # at interpolates, the first place there was, it has the plain name
            return line.get(f"gradient_norm_{penalty.place}", line.get("gradient_norm"))
    return None


def _norm(line, past, config):
    return _held_to_one(line, config, ("two-sided", "one-sided"))


def _norm_of_both_sides(line, past, config):
    return _held_to_one(line, config, ("two-sided",))


def _held_out_share(line, past, config):
    estimate = line["wasserstein_estimate"]
    if estimate <= 0 or "validation_wasserstein_estimate" not in line:
        return None
    return line["validation_wasserstein_estimate"] / estimate


def _beside_the_means(line, past, config):
    if "distance_of_means" not in line:  # of a run before it was logged
        return None
    if len(past.recent) > 1 and line["wasserstein_estimate"] >= past.greatest["wasserstein_estimate"] > 0:
        return 1.0  # it has just begun to tell them apart, and does so better than at any line before
    # where norms are not held to 1, the estimate is no distance: then only its sign tells
    distance = line["distance_of_means"] if _norm(line, past, config) is not None else 0.0
    return line["wasserstein_estimate"] / max(distance, _TINY)


def _diversity_kept(line, past, config):
    return line["diversity"] / max(min(past.greatest["diversity"], 1.0), _TINY) if "diversity" in line else None


def _modes_kept(line, past, config):
    best = past.greatest.get("modes_covered", 0)
    return line["modes_covered"] / best if best else None


def _growth(line, past, config):
    return line["gradient_norm"] / max(past.least["gradient_norm"], _TINY)


def _update(line, past, config):
    """Of the network whose weights move further; single steps differ, so that it is the mean over some lines."""
    names = [name for name in ("critic_update", "generator_update") if name in line]
    known = {name: [before[name] for before in past.recent if name in before] for name in names}
    return max((sum(values) / len(values) for values in known.values()), default=None)


def _leap(line, past, config):
    return line["gradient_norm_max"] / max(line["gradient_norm"], _TINY)


def _saturated_more(line, past, config):
    """The share of values at a bound, of those that are elsewhere in real samples."""
    free = 1.0 - line.get("saturated_real", 1.0)
    return (line["saturated"] - line["saturated_real"]) / free if free > 0 else None


def _waiting_share(line, past, config):
    """Over some lines: batches are read several at a time, so that one line may wait for those of the next."""
    first, *others = past.recent
    seconds = line["seconds"] - first["seconds"]
    waited = [other["waiting_seconds"] for other in others if "waiting_seconds" in other]
    return sum(waited) / seconds if waited and seconds > 0 else None


_TOO_LARGE, _LEAPS, _UNMET = "the updates are too large", "the critic's gradient leaps about", "the penalty is not met"
_FLAT = "the critic is too flat"
_UNSTEADY = (_TOO_LARGE, _LEAPS, _UNMET)
_SAME = "all generated samples are the same"

# "Healthy" are the runs whose logs tests/training/test_failures.py keeps; they were made before the limits.
_ROWS = (
    Failure(
        name=_TOO_LARGE,
        quantity="critic_update",
        value=_update,
        below=False,
        limit=0.06,
        reason="healthy runs: at most 0.04; a rate of 0.05 on digits: 0.065 to 0.11",
        shows="a step moves a network's weights by {value:.0%} of their norm",
        advice="Try a lower --learning_rate",
        flags=("learning_rate",),
    ),
    Failure(
        name=_LEAPS,
        quantity="gradient_norm_max",
        value=_leap,
        below=False,
        limit=14.0,
        reason="healthy runs: at most 6.8, in the first 100 steps on 25 Gaussians; a rate of 1 on digits: 17 to 240",
        shows="its greatest norm is {gradient_norm_max:.3g}, {value:.0f} times the mean",
        advice="Try a lower --learning_rate",
        flags=("learning_rate",),
    ),
    Failure(
        name=_UNMET,
        quantity="gradient_norm",
        value=_norm,
        below=False,
        limit=8.0,
        reason="healthy runs: 1.0 to 1.1, up to 3.7 where points have a gp_weight of 0.1; a gp_weight of 0: from 90 on",
        shows="the critic's gradient norm is {value:.3g}, and the penalty aims at 1",
        advice="Try a higher --gp_weight or a lower --critic_learning_rate",
        flags=("gp_weight", "critic_learning_rate"),
    ),
    Failure(
        name=_FLAT,
        quantity="gradient_norm",
        value=_norm_of_both_sides,
        below=True,
        limit=0.5,
        reason="healthy runs: at least 1.0; small initial weights that hardly learn: 7e-5",
        shows="its gradient norm is {value:.2g}, and the penalty aims at 1",
        advice="Try a lower --learning_rate where it was steeper before, else a higher --critic_learning_rate",
        flags=("learning_rate", "critic_learning_rate"),
    ),
    Failure(
        name="the training diverges",
        quantity="gradient_norm",
        value=_growth,
        below=False,
        limit=10.0,
        reason="healthy runs: at most 1.4 with a penalty, 2.5 without; a gp_weight of 0 on digits: 20 in 300 steps",
        shows="the critic's gradient norm is {gradient_norm:.3g}, {value:.0f} times its least so far",
        advice="Try a lower --learning_rate, a higher --gp_weight or --method=wgan-gp",
        flags=("learning_rate", "gp_weight", "method"),
    ),
    Failure(
        name="the critic overfits",
        quantity="validation_wasserstein_estimate",
        value=_held_out_share,
        below=True,
        limit=0.2,
        reason="healthy runs: at least 0.38, the digits at their end, but for single lines; where it knows its samples "
        "by heart, held-out ones are no more real to it than generated ones: 0",
        shows="its estimate is {wasserstein_estimate:.2g} on training samples, "
        "{validation_wasserstein_estimate:.2g} on held-out ones",
        advice="Try more samples, --augment or --flip where they are pictures, a smaller --width or fewer --steps",
        flags=("augment", "flip", "width", "steps"),
        explained_by=_UNSTEADY,
    ),
    Failure(
        name="the critic is too weak",
        quantity="wasserstein_estimate",
        value=_beside_the_means,
        below=True,
        limit=0.5,
        reason="at its best it is at least 1, since a Wasserstein distance is at least that of the means; healthy "
        "runs: at least 0.94, but for lines at which the estimate is higher than ever before, which are not told; one "
        "whose pictures are noise: 0.28 to 0.47; a critic of rate 1e-6: -0.9",
        shows="it rates real samples {wasserstein_estimate:.2g} above generated ones, whose mean lies "
        "{distance_of_means:.2g} from theirs",
        advice="Try a higher --n_critic or --critic_learning_rate",
        flags=("n_critic", "critic_learning_rate"),
        explained_by=(*_UNSTEADY, _FLAT),
    ),
    Failure(
        name=_SAME,
        quantity="diversity",
        value=lambda line, past, config: line.get("diversity"),
        below=True,
        limit=0.05,
        reason="healthy runs: at least 0.36, but for single lines; a rate of 1 on digits: 0",
        shows="the distance between them is {value:.1%} of that between real ones",
        advice="Try a lower --learning_rate or another --seed",
        flags=("learning_rate", "seed"),
    ),
    Failure(
        name="the generator loses its diversity",
        quantity="diversity",
        value=_diversity_kept,
        below=True,
        limit=0.5,
        reason="healthy runs: at least 0.84, but for single lines; a critic of rate 1e-6 on digits: 0.29",
        shows="the distance between its samples is {value:.0%} of what it was, and {diversity:.0%} of that between "
        "real ones",
        advice="Try a lower --learning_rate, a higher --n_critic or --method=wgan-gp",
        flags=("learning_rate", "n_critic", "method"),
        explained_by=(_SAME,),
    ),
    Failure(
        name="the generator loses modes",
        quantity="modes_covered",
        value=_modes_kept,
        below=True,
        limit=0.5,
        reason="healthy runs: at least 0.86",
        shows="its samples are in {modes_covered:.0f} modes, {value:.0%} of what it was",
        advice="Try a lower --learning_rate, a higher --n_critic or --method=wgan-gp",
        flags=("learning_rate", "n_critic", "method"),
        explained_by=(_SAME,),
    ),
    Failure(
        name="the generator is saturated",
        quantity="saturated",
        value=_saturated_more,
        below=False,
        limit=0.5,
        reason="healthy runs: at most 0.18, points that still lie outside the others' range; a rate of 1 on digits: 1",
        shows="{saturated:.0%} of its values are at a bound, of real ones {saturated_real:.0%}",
        advice="Try a lower --learning_rate or --generator_normalization=batch",
        flags=("learning_rate", "generator_normalization"),
    ),
    Failure(
        name="the input is too slow",
        quantity="waiting_seconds",
        value=_waiting_share,
        below=False,
        limit=0.3,
        reason="healthy runs, on a machine with five others: at most 0.1; so much can be won by a faster input",
        shows="{value:.0%} of the time went into waiting for data",
        advice="Try --cache=disk or --cache=memory",
        flags=("cache",),
        by_clock=True,
    ),
)
FAILURES = {failure.name: failure for failure in _ROWS}

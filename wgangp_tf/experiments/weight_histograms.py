"""The critics' weights: clipping pushes them to the two bounds, the penalty leaves them around 0 (paper, Fig. 1b)."""

import numpy as np

from wgangp_tf.experiments import deep_critics
from wgangp_tf.experiments.place import Numbers, at_least, at_most

_NEAR = 0.05  # of the bound
_LEAST = {0.1: 0.4, 0.01: 0.9}  # share of weights near the bound that is claimed
_BINS = 81


def measure(place):
    """The numbers of the figure."""
    weights = {name: critic["weights"] for name, critic in deep_critics.measured(place).items()}
    bounds = {f"clipping {clip:g}": clip for clip in deep_critics.CLIPS}
    bounds["penalty"] = float(np.abs(weights["penalty"]).max())
    shares = {name: share_near(weights[name], bounds[name]) for name in weights}
    how = deep_critics.settings(place.small)
    checks = [
        at_least(f"share of weights within 5 % of the bound, clipping at {clip:g}", shares[f"clipping {clip:g}"], least)
        for clip, least in _LEAST.items()
    ]
    checks.append(at_most("share of weights within 5 % of the largest, penalty", shares["penalty"], 0.1))
    arrays = {}
    for name, values in weights.items():
        counts, edges = np.histogram(values, bins=_BINS, range=(-bounds[name], bounds[name]))
        arrays |= {f"shares {name}": counts / len(values), f"edges {name}": edges}
    return Numbers(
        values={"near_the_bound": shares, "bounds": bounds, "names": list(weights), **how},
        arrays=arrays,
        checks=tuple(checks),
        caption=(
            f"Weights of the same critics (12 layers of {how['width']} on the Swiss roll, {how['steps']:,} generator "
            f"updates), biases left out. Clipping at c pushes them to −c and c: {_of_clipping(shares)} lie within 5 % "
            "of these bounds, so that the critic is far simpler than its size. Under the penalty they stay around 0. "
            "After Gulrajani et al. 2017, Fig. 1b, right."
        ),
        lines=tuple(_line(name, shares[name], bounds[name]) for name in weights),
    )


def _of_clipping(shares):
    """How many weights lie near each bound, in words."""
    *most, last = (f"{shares[f'clipping {clip:g}']:.0%} at c = {clip:g}" for clip in deep_critics.CLIPS)
    return f"{', '.join(most)} and {last}"


def _line(name, share, bound):
    of = f"the largest, {bound:.3g}" if name == deep_critics.PENALTY else f"the bound, {bound:g}"
    return f"{name}: {share:.3%} of the weights within 5 % of {of}"


def share_near(weights, bound):
    """Share of weights whose size is within 5 % of the bound or above."""
    return float(np.mean(np.abs(weights) >= (1 - _NEAR) * bound))

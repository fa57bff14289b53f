"""Gradient norms by layer: clipping explodes or vanishes with depth, the penalty does not (paper, Fig. 1b left)."""

import numpy as np

from wgangp_tf.experiments import deep_critics
from wgangp_tf.experiments.place import Numbers, at_least, at_most

_TINIEST = 1e-300  # a gradient that is 0 even in float64


def measure(place):
    """The numbers of the figure."""
    critics = deep_critics.measured(place)
    norms = {name: critic["gradient_norms"] for name, critic in critics.items()}
    decades = {name: decades_over_depth(values) for name, values in norms.items()}
    how = deep_critics.settings(place.small)
    checks = [
        at_least(f"decades between first and last layer, clipping at {clip:g}", abs(decades[f"clipping {clip:g}"]), 3)
        for clip in (0.1, 0.01)
    ]
    checks.append(at_most("decades between first and last layer, penalty", abs(decades["penalty"]), 1))
    return Numbers(
        values={"decades": decades, "names": list(norms), **how},
        arrays={f"norms {name}": values for name, values in norms.items()},
        checks=tuple(checks),
        caption=(
            "Norm of the critic loss's gradient at the output of each layer of 12-layer ReLU critics on the Swiss roll "
            f"(width {how['width']}, batch {how['batch_size']}, after {how['steps']:,} generator updates). Clipping "
            "makes it grow or shrink by about the same factor at each layer, whichever bound is chosen; under the "
            "penalty it is about the same at all depths. A gradient that is exactly 0 has no place on the axis and is "
            "left out. After Gulrajani et al. 2017, Fig. 1b, left."
        ),
        lines=tuple(_line(name, values, decades[name]) for name, values in norms.items()),
    )


def _line(name, norms, decades):
    """How the gradient comes from the score to the first layer, in words."""
    first, last = norms[0], norms[-1]
    if first == 0:
        return f"{name}: {last:.3g} at the score, and exactly 0 at the first layer"
    way = "grows" if decades >= 0 else "shrinks"
    return f"{name}: {way} by {abs(decades):.1f} decades towards the first layer, from {last:.3g} to {first:.3g}"


def decades_over_depth(norms):
    """log10 of the first layer's norm over the last's: above 0 it explodes towards the input, below it vanishes."""
    first, last = np.maximum(norms[[0, -1]], _TINIEST)
    return float(np.log10(first / last))

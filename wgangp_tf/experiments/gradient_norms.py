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
            "makes it grow or shrink by the same factor at each layer, whichever bound is chosen; under the penalty it "
            "is the same at all depths. After Gulrajani et al. 2017, Fig. 1b, left."
        ),
    )


def decades_over_depth(norms):
    """log10 of the first layer's norm over the last's: above 0 it explodes towards the input, below it vanishes."""
    first, last = np.maximum(norms[[0, -1]], _TINIEST)
    return float(np.log10(first / last))

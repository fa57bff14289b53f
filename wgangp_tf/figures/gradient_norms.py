"""Gradient norms by layer, on a logarithmic axis."""

import numpy as np

from wgangp_tf.figures import style

_MARKERS = "osD^"


def draw(values, arrays):
    """See `drawing.draw`."""

    def fill(picture):
        axes = picture.subplots()
        for name, color, marker in zip(values["names"], style.CYCLE, _MARKERS, strict=False):
            norms = arrays[f"norms {name}"]
            norms = np.where(norms > 0, norms, np.nan)  # a logarithm has no place for 0
            axes.semilogy(np.arange(1, len(norms) + 1), norms, color=color, marker=marker, markersize=4, label=name)
        axes.set(xlabel="layer of the critic (1: beside the samples, 13: the score)", ylabel="norm of ∂loss/∂output")
        axes.set_xticks(range(1, 14))
        axes.legend()

    return style.drawn(7.0, 4.2, values["caption"], fill)

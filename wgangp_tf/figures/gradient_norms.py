"""Gradient norms by layer, on a logarithmic axis."""

import numpy as np

from wgangp_tf.figures import style

_LOWEST = 1e-25  # of the axis: a gradient below it is drawn at its edge
_MARKERS = "osD^"


def draw(values, arrays):
    """See `drawing.draw`."""

    def fill(picture):
        axes = picture.subplots()
        for name, color, marker in zip(values["names"], style.CYCLE, _MARKERS, strict=False):
            norms = np.maximum(arrays[f"norms {name}"], _LOWEST)
            axes.semilogy(np.arange(1, len(norms) + 1), norms, color=color, marker=marker, markersize=4, label=name)
        axes.set(xlabel="layer of the critic (1: beside the samples, 13: the score)", ylabel="norm of ∂loss/∂output")
        axes.set_xticks(range(1, 14))
        axes.legend()

    return style.drawn(7.0, 4.2, values["caption"], fill)

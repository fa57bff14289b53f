"""Generated pictures, each beside the real ones nearest to it: whether a generator learned pictures by heart."""

import numpy as np

from wgangp_tf.figures import style
from wgangp_tf.figures.report_parts import said

_TILE = 0.9  # inches of the longer side of a picture
_DOTS = 150  # an inch
_GAP, _APART = 0.08, 0.4  # tiles between two pictures, and between a generated one and the real ones
_BELOW = 0.2  # inches below a picture, for its distance
_HEAD = 0.3  # inches above all, for the titles
_INK = "#333333"


def draw(generated, near, distances, *, features, usual=None):
    """A row for each generated picture: itself, and right of it the real ones nearest to it, each over its distance.

    Args:
      generated: uint8 [n, height, width, 1 or 3].
      near: uint8 [n, k, height, width, 1 or 3], nearest first.
      distances: [n, k].
      features: str, what the distances are of.
      usual: float, the mean distance of held-out real samples to their nearest training sample, or None.

    Returns:
      uint8 [height', width', 3], for `samples.drawing.write`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    height, width = generated.shape[1:3]
    high, wide = (_TILE * side / max(height, width) for side in (height, width))  # inches
    left = [0.0, *(1 + _APART + k * (1 + _GAP) for k in range(near.shape[1]))]  # tiles
    size = (left[-1] + 1) * wide, _HEAD + len(generated) * (high + _BELOW)

    def fill(picture):
        axes = picture.add_axes((0.02, 0, 0.96, 1))
        axes.set(xlim=(0, size[0]), ylim=(size[1], 0))
        axes.axis("off")
        for row, tiles in enumerate(np.concatenate([generated[:, None], near], axis=1)):
            top = _HEAD + row * (high + _BELOW)
            for place, tile in enumerate(tiles):
                start = left[place] * wide
                _show(axes, tile, (start, start + wide, top + high, top))
                if place:
                    told = said(float(distances[row, place - 1]))
                    how = {"ha": "center", "va": "top", "fontsize": 7, "color": _INK}
                    axes.text(start + wide / 2, top + high + 0.02, told, **how)
        for start, title in ((left[0], "generated"), (left[1], "nearest real ones")):
            axes.text(start * wide, _HEAD - 0.06, title, ha="left", va="bottom", fontsize=9)

    figure = style.drawn(size[0] / 0.96, size[1], _caption(features, usual), fill)
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(_DOTS)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _caption(features, usual):
    sentences = [f"Below each: its distance by {features} features."]
    if usual is not None:
        sentences.append(f"Real samples that were held out lie {said(usual)} from theirs on average.")
    far = "far below that" if usual is not None else "near 0"
    return " ".join([*sentences, f"A distance {far} is a sample that the generator has learned by heart."])


def _show(axes, pixels, extent):
    grey = pixels.shape[-1] == 1
    axes.imshow(
        pixels[..., 0] if grey else pixels, cmap="gray", vmin=0, vmax=255, extent=extent, aspect="auto", zorder=2
    )

"""Arrays drawn: signals as lines, pictures and slices of volumes in one scale of colour, tables by their features.

Each takes generated samples, real ones, or both, float [n, *shape], and returns a `Chart`.
What is real is orange and what is generated is blue, told apart with every common kind of colour blindness; where
colour stands for numbers, both have the scale of the real ones.
"""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np

REAL, GENERATED = "#E69F00", "#0072B2"  # Okabe and Ito 2008
_PALE = "#F5D38E"  # the real colour under lines
_DPI = 100
_SETTINGS = {
    "font.size": 8,
    "axes.grid": False,  # also in a figure whose others have one
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
_PANELS, _CHANNELS = 16, 4  # signals of one channel, and channels of a signal
_PICTURES, _COLUMNS = 24, 6
_VOLUMES = 6
_FEATURES, _CORRELATED = 16, 24
_BINS = 24
_DIRECTIONS = ("front", "above", "side")  # that a volume is cut from: across depth, height, width
_NAME = 24  # characters of a feature's name that have room


@dataclasses.dataclass(frozen=True)
class Chart:
    """A picture that is not drawn yet.

    Attributes:
      width, height: in inches.
      title: above it.
      legend: pairs (colour, word).
      fill: callable of a matplotlib figure, or of a part of one, that draws what is in it.
    """

    width: float
    height: float
    title: str
    legend: tuple[tuple[str, str], ...]
    fill: Callable[[Any], None]

    def draw(self, figure):
        """Fills a matplotlib figure, or a part of one."""
        import matplotlib
        from matplotlib.lines import Line2D

        with matplotlib.rc_context(_SETTINGS):
            self.fill(figure)
            figure.suptitle(self.title, x=0.01, ha="left", parse_math=False)
            lines = [Line2D([], [], color=color, linewidth=3, label=word) for color, word in self.legend]
            if lines:
                figure.legend(handles=lines, loc="upper right", ncols=2)

    def pixels(self):
        """uint8 [height, width, 3]."""
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        with matplotlib.rc_context(_SETTINGS):
            figure = Figure(figsize=(self.width, self.height), dpi=_DPI, layout="constrained")
            canvas = FigureCanvasAgg(figure)
            self.draw(figure)
            canvas.draw()
            return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def signals(spec, samples, real):
    """Generated signals, each over any real one, a panel each; of several channels a row of panels each."""
    channels = min(spec.shape[-1], _CHANNELS)
    columns = _CHANNELS
    rows = channels if channels > 1 else math.ceil(min(max(map(len, _given(samples, real))), _PANELS) / columns)
    time = np.arange(spec.shape[0])

    def fill(figure):
        panels = np.reshape(figure.subplots(rows, columns, sharex=True, sharey=channels == 1 or "row"), [rows, columns])
        for row, column in np.ndindex(rows, columns):
            number, channel = (column, row) if channels > 1 else (row * columns + column, 0)
            for some, color, width in ((real, _PALE, 2.5), (samples, GENERATED, 1.2)):
                if some is not None and number < len(some):
                    panels[row, column].plot(time, some[number, :, channel], color=color, linewidth=width)
            name = name_of(spec, channel) if channels > 1 or spec.features else "value"
            panels[row, 0].set_ylabel(name, parse_math=False)
        for panel in panels[-1]:
            panel.set_xlabel("place in the signal")

    shown = f", {channels} of {spec.shape[-1]} channels" if channels < spec.shape[-1] else ""
    title = "signals" if samples is None or real is None else "generated signals, each over any real one"
    return Chart(2.4 * columns, 0.5 + 1.4 * rows, f"{title}{shown}", _colored(samples, real), fill)


def pictures(spec, samples, real):
    """Generated pictures beside real ones; three channels as red, green and blue, of others the first."""
    low, high = reach(samples, real)
    color = spec.shape[-1] == 3
    given = [(some[:_PICTURES], word) for some, word in ((samples, "generated"), (real, "real")) if some is not None]

    def fill(figure):
        panels = figure.subplots(1, len(given), squeeze=False)[0]
        for panel, (some, word) in zip(panels, given, strict=True):
            shown = tiled(some if color else some[..., :1], _COLUMNS)
            shown = np.clip((shown - low) / (high - low), 0, 1) if color else shown[..., 0]
            image = panel.imshow(shown, vmin=low, vmax=high, interpolation="nearest", cmap=color_map("viridis"))
            panel.set(title=word, xticks=[], yticks=[])
            panel.spines[:].set_visible(False)
        if not color:
            figure.colorbar(image, ax=list(panels), label=name_of(spec, 0), shrink=0.7)

    tall, wide = (
        side * count for side, count in zip(spec.shape, (math.ceil(_PICTURES / _COLUMNS), _COLUMNS), strict=False)
    )
    height = float(np.clip(4.6 * tall / wide, 1.5, 9))
    of = "" if color or spec.shape[-1] == 1 else f", the first of {spec.shape[-1]} channels"
    return Chart(4.6 * len(given) + 0.8, height + 0.8, f"pictures{of}", (), fill)


def volumes(spec, samples, real):
    """The middle slices of volumes, seen from three directions, generated ones above real ones; the first channel."""
    low, high = reach(samples, real)
    words = ((samples, "generated"), (real, "real"))
    given = [(some[:_VOLUMES, ..., 0], word) for some, word in words if some is not None]
    columns = max(len(some) for some, _ in given)
    depth, height, width = spec.shape[:3]
    tall = np.clip([height / width, depth / width, depth / height], 0.25, 3)

    def fill(figure):
        ratios = {"height_ratios": [*tall] * len(given)}
        panels = figure.subplots(3 * len(given), columns, squeeze=False, gridspec_kw=ratios)
        for panel in panels.flat:
            panel.set(xticks=[], yticks=[])
            panel.spines[:].set_visible(False)
        for part, (some, word) in enumerate(given):
            for row, direction in enumerate(_DIRECTIONS):
                panels[3 * part + row, 0].set_ylabel(f"{word},\n{direction}", rotation=0, ha="right", va="center")
                for number, volume in enumerate(some):
                    middle = np.take(volume, volume.shape[row] // 2, axis=row)
                    image = panels[3 * part + row, number].imshow(
                        middle, vmin=low, vmax=high, cmap=color_map("viridis")
                    )
        figure.colorbar(image, ax=list(panels.flat), label=name_of(spec, 0), shrink=0.5)

    of = f", the first of {spec.shape[-1]} channels" if spec.shape[-1] > 1 else ""
    tall_all = 1.3 * len(given) * tall.sum() + 0.8
    return Chart(1.2 * columns + 1.5, tall_all, f"middle slices of volumes{of}", (), fill)


def table(spec, samples, real):
    """The distribution of each feature, generated over real, and how features go together: their correlations."""
    given = [(some, word) for some, word in ((samples, "generated"), (real, "real")) if some is not None]
    features = most_varied(given[-1][0], _FEATURES)
    correlated = most_varied(given[-1][0], _CORRELATED)
    count = spec.shape[0]
    columns = min(4, len(features))
    rows = math.ceil(len(features) / columns)
    with_correlations = len(correlated) > 1

    def fill(figure):
        left, right = figure.subfigures(1, 2, width_ratios=[3, 2]) if with_correlations else (figure, None)
        panels = left.subplots(rows, columns, squeeze=False)
        for panel, feature in zip(panels.flat, features, strict=False):
            _marginal(panel, [some[:, feature] for some, _ in given], [word for _, word in given])
            panel.set_title(name_of(spec, feature), fontsize=7, parse_math=False)
        for panel in panels.flat[len(features) :]:
            panel.set_axis_off()
        if with_correlations:
            _correlations(right, [(some[:, correlated], word) for some, word in given], correlated)

    of = f", the {len(features)} of {count} that vary most" if len(features) < count else ""
    if len(correlated) < count and with_correlations:
        of += f"; correlations of {len(correlated)}"
    height = max(1.25 * rows + 0.6, 2.6 * len(given) + 0.4 if with_correlations else 0)
    return Chart(11 if with_correlations else 7, height, f"features{of}", _colored(samples, real), fill)


def _marginal(panel, values, words):
    reference = values[-1]
    low, high = min(np.quantile(some, 0.002) for some in values), max(np.quantile(some, 0.998) for some in values)
    low, high = (low, high) if high > low else around(reference[0])
    edges = np.linspace(low, high, _BINS + 1)
    for some, word in zip(reversed(values), reversed(words), strict=True):
        heights = np.histogram(some, edges)[0] / len(some)
        if word == "real":
            panel.stairs(heights, edges, fill=True, color=REAL, alpha=0.6)
        else:
            panel.stairs(heights, edges, color=GENERATED, linewidth=1.3)
    panel.set(yticks=[])
    panel.tick_params(labelsize=6)


def _correlations(figure, given, numbers):
    panels = figure.subplots(len(given), 1, squeeze=False)[:, 0]
    for panel, (some, word) in zip(panels, given, strict=True):
        # blue for −1, red for 1: told apart where green and red are not
        image = panel.imshow(correlations(some), vmin=-1, vmax=1, cmap=color_map("RdBu_r"), interpolation="nearest")
        panel.set(title=f"correlations, {word}", xlabel="feature", ylabel="feature")
        panel.set(xticks=range(len(numbers)), yticks=range(len(numbers)), xticklabels=numbers, yticklabels=numbers)
        panel.tick_params(labelsize=5 if len(numbers) > _FEATURES else 6)
        panel.tick_params(axis="x", labelrotation=90)
    figure.colorbar(image, ax=list(panels), shrink=0.6)


def correlations(samples):
    """Pearson's, of each pair of features of samples [n, features]; 0 of a feature that does not change."""
    samples = np.asarray(samples, np.float64)
    centred = samples - samples.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    standard = centred / np.where(lengths > 0, lengths, 1)
    return standard.T @ standard


def most_varied(samples, most):
    """The features of samples [n, features] whose variance is largest, in their order: int [at most `most`]."""
    variances = np.var(np.asarray(samples, np.float64), axis=0)
    return np.sort(np.argsort(-variances, kind="stable")[:most])


def tiled(images, columns):
    """float [n, height, width, channels] side by side, nan between them."""
    count, height, width, channels = images.shape
    rows = math.ceil(count / columns)
    gap = max(1, min(height, width) // 16)
    canvas = np.full([rows * (height + gap) - gap, columns * (width + gap) - gap, channels], np.nan)
    for number, image in enumerate(images):
        top, left = number // columns * (height + gap), number % columns * (width + gap)
        canvas[top : top + height, left : left + width] = image
    return canvas


def reach(samples, real):
    """(least, greatest) value of the real samples, or else of the generated ones; never equal."""
    some = samples if real is None else real
    low, high = float(np.min(some)), float(np.max(some))
    return (low, high) if high > low else around(low)


def around(value):
    """(a value below, a value above) a number, told apart from it however large it is."""
    half = max(0.5, 1e-3 * abs(value))
    return value - half, value + half


def _given(samples, real):
    return [some for some in (samples, real) if some is not None]


def name_of(spec, number):
    """What an entry of the last axis is called, cut to what there is room for."""
    plain = "feature" if len(spec.shape) == 1 else "channel"
    name = spec.features[number] if spec.features else f"{plain} {number}"
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def color_map(name):
    """A colour map in which what is no number is white."""
    import matplotlib

    return matplotlib.colormaps[name].with_extremes(bad="white")


def _colored(samples, real):
    """[(colour, word)] of what is there, for a legend."""
    colors = ((samples, GENERATED, "generated"), (real, REAL, "real"))
    return tuple((color, word) for some, color, word in colors if some is not None)

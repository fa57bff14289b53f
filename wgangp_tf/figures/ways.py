"""The way from one latent to another, of arrays: features and signals as lines, pictures and volumes as a strip."""

import numpy as np

from wgangp_tf.figures import style
from wgangp_tf.samples import charts

_WIDTH = 9.0  # inches
_FEATURES = 8  # that are drawn of a table
_TITLE = "from one latent to another"
_ALONG = "share of the way"


def chart(spec, strip, known, classes=()):
    """A `charts.Chart` of the ways.

    Args:
      spec: `samples.spec.Spec` of arrays.
      strip: float [ways, places, *sample], in the user's units.
      known: float [n, *sample], real ones, or generated ones where there are none: their scale is taken.
      classes: names of the class of each way, () where there are none.
    """
    # an axis of channels that is not there outside the networks is added
    strip, known = (np.reshape(some, [*lead, *spec.shape]) for some, lead in ((strip, strip.shape[:2]), (known, [-1])))
    draw = {1: _features, 2: _signals, 3: _pictures, 4: _volumes}[len(spec.shape)]
    return draw(spec, strip, known, [f"class {name}" for name in classes])


def _features(spec, strip, known, titles):
    """Each feature along each way, in standard deviations, so that those of other units have room beside it."""
    spread = known.std(axis=0, dtype=np.float64)
    strip = (strip - known.mean(axis=0, dtype=np.float64)) / np.where(spread > 0, spread, 1)
    drawn = charts.most_varied(strip.reshape(-1, strip.shape[-1]), _FEATURES)
    share = np.linspace(0, 1, strip.shape[1])

    def fill(figure):
        panels = _row(figure, len(strip), titles)
        for panel, way in zip(panels, strip, strict=True):
            for feature, color in zip(drawn, style.CYCLE, strict=False):
                panel.plot(share, way[:, feature], color=color, linewidth=1.2)
            panel.set_xlabel(_ALONG)
        panels[0].set_ylabel("feature, in standard deviations")
        legend = figure.legend(
            panels[0].lines, [charts.name_of(spec, feature) for feature in drawn], loc="outside right"
        )
        for text in legend.get_texts():
            text.set_parse_math(False)

    of = f", the {len(drawn)} features of {spec.shape[0]} that change most" if len(drawn) < spec.shape[0] else ""
    return charts.Chart(_WIDTH, 2.4, f"{_TITLE}{of}", (), fill)


def _signals(spec, strip, known, titles):
    """The first channel: a line for each place, from the dark end to the light one."""
    places = strip.shape[1]

    def fill(figure):
        import matplotlib

        colors = matplotlib.colormaps["viridis"]
        panels = _row(figure, len(strip), titles)
        for panel, way in zip(panels, strip, strict=True):
            for number, signal in enumerate(way):
                panel.plot(signal[:, 0], color=colors(number / (places - 1)), linewidth=0.9)
            panel.set_xlabel("place in the signal")
        panels[0].set_ylabel(
            charts.name_of(spec, 0) if spec.features or spec.shape[-1] > 1 else "value", parse_math=False
        )
        figure.colorbar(matplotlib.cm.ScalarMappable(cmap=colors), ax=list(panels), label=_ALONG)

    return charts.Chart(_WIDTH, 2.4, f"{_TITLE}{_first(spec)}", (), fill)


def _pictures(spec, strip, known, titles):
    """A row for each way; three channels as red, green and blue, of others the first."""
    low, high = charts.reach(known, None)
    if spec.shape[-1] == 3:
        return _strip(spec, np.clip((strip - low) / (high - low), 0, 1), (0, 1), titles)
    return _strip(spec, strip[..., :1], (low, high), titles)


def _volumes(spec, strip, known, titles):
    """The middle slice across depth, of the first channel, a row for each way."""
    middle = strip[:, :, spec.shape[0] // 2, :, :, :1]
    return _strip(spec, middle, charts.reach(known[..., 0], None), titles, ": middle slices")


def _strip(spec, strip, limits, titles, what=""):
    ways, places, height, width, channels = strip.shape
    tiles = charts.tiled(strip.reshape(-1, height, width, channels), places)
    color = channels == 3

    def fill(figure):
        axes = figure.subplots()
        how = {"vmin": limits[0], "vmax": limits[1], "interpolation": "nearest", "cmap": charts.color_map("viridis")}
        # what is between them is white
        image = axes.imshow(np.nan_to_num(tiles, nan=1.0) if color else tiles[..., 0], **how)
        axes.spines[:].set_visible(False)
        axes.set(xticks=[], yticks=[])
        if titles:
            axes.set_yticks((np.arange(ways) + 0.5) * len(tiles) / ways, titles, parse_math=False)
            axes.tick_params(length=0)
        if not color:
            figure.colorbar(image, ax=axes, label=charts.name_of(spec, 0), shrink=0.8)

    tall = float(np.clip((_WIDTH - 1) * tiles.shape[0] / tiles.shape[1], 1.2, _WIDTH))
    of = "" if color else _first(spec)
    return charts.Chart(_WIDTH, tall + 0.5, f"{_TITLE}{what}{of}", (), fill)


def _row(figure, count, titles):
    """Panels side by side in one scale, under their titles."""
    panels = figure.subplots(1, count, sharex=True, sharey=True, squeeze=False)[0]
    for panel, title in zip(panels, titles, strict=False):
        panel.set_title(title, fontsize=8, parse_math=False)
    return panels


def _first(spec):
    """How many channels there are, where not all are drawn."""
    return f", the first of {spec.shape[-1]} channels" if spec.shape[-1] > 1 else ""

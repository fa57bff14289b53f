"""Level sets of critics, a row for each, and below them how steep each is on the way from fake to real."""

import numpy as np

from wgangp_tf.figures import number_files, style

_ROWS = 2  # critics whose level sets are drawn: the others would look like the second
_LEVELS = 15  # at most
_SLOPES = (1e-6, 1e2)  # of the axis
_BINS = 80
_TITLES = {"8gaussians": "8 Gaussians", "25gaussians": "25 Gaussians", "swiss_roll": "Swiss roll"}


def draw(values, arrays):
    """See `drawing.draw`."""

    def fill(picture):
        names = list(values["datasets"])
        panels = picture.subplots(_ROWS + 1, len(names), height_ratios=[1] * _ROWS + [0.62], squeeze=False)
        for row, critic in zip(panels, values["critics"][:_ROWS], strict=False):
            _surfaces(picture, row, names, critic, values, arrays)
        for axes, name in zip(panels[0], names, strict=True):
            axes.set_title(_TITLES.get(name, name))
        _slopes(panels[-1], names, values, arrays)

    return style.drawn(9.0, 8.2, values["caption"], fill)


def _surfaces(picture, row, names, critic, values, arrays):
    """The level sets of one critic on each data set, all on one scale."""
    surfaces = [arrays[f"surface {name} {critic}"] for name in names]
    levels = _levels(min(map(np.min, surfaces)), max(map(np.max, surfaces)))
    reach = values["reach"]
    for axes, name, surface in zip(row, names, surfaces, strict=True):
        steps = np.linspace(-reach, reach, len(surface))
        drawn = axes.contourf(steps, steps, surface, levels, cmap="cividis")
        axes.contour(steps, steps, surface, levels, colors="white", linewidths=0.4, linestyles="solid")
        axes.scatter(*arrays[f"real {name}"].T, s=2.5, color=style.RED, linewidths=0)
        axes.set(aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach))
        axes.set_xticks([-2, 0, 2])
        axes.set_yticks([-2, 0, 2])
        axes.grid(False)
        found, exact = values["datasets"][name]["critics"][critic], values["datasets"][name]
        estimate = number_files.said(found["estimate"], ".3g")
        exactly = " ± ".join(number_files.said(exact[key], ".3f") for key in ("exact", "exact_error"))
        axes.set_xlabel(f"estimate {estimate}\nexact distance {exactly}", fontsize=9)
    row[0].set_ylabel(critic)
    bar = picture.colorbar(drawn, ax=list(row), fraction=0.03, pad=0.01, ticks=levels[::2])
    bar.set_label("D − mean D(real)")
    bar.formatter.set_powerlimits((-2, 3))


def _levels(low, high):
    """Round numbers that reach over a range."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(_LEVELS, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)


def _slopes(row, names, values, arrays):
    """How steep the critics are on straight lines between assigned pairs."""
    edges = np.geomspace(*_SLOPES, _BINS + 1)
    for axes, name in zip(row, names, strict=True):
        for critic, color, line in zip(values["critics"], (style.BLUE, style.RED, style.GREEN), "--:", strict=False):
            # of float64: the least of the axis is less than itself in float32, and off it
            slopes = np.clip(arrays[f"slopes {name} {critic}"].astype(np.float64), *_SLOPES)
            counts, _ = np.histogram(slopes, edges)
            axes.stairs(counts / len(slopes), edges, color=color, label=critic, linewidth=1.4, linestyle=line)
        axes.axvline(1.0, color=style.BLACK, linewidth=0.8, linestyle="--")
        axes.set(xscale="log", xlim=_SLOPES, xlabel="slope ‖∇D‖, fake to real")
        axes.sharey(row[0])
    row[0].set_ylabel("share")
    row[0].legend(fontsize=8, loc="upper left")

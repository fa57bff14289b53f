"""Generated points over real ones, a row a method, from early in training to its end; and the curves of all methods."""

import numpy as np

from wgangp_tf.figures import style

_PANEL, _ROW, _CURVES = 1.55, 2.05, 2.6  # inches: width of a panel, height of a row of them, height of the curves


def draw(values, arrays):
    """See `drawing.draw`."""
    sets, methods, shown = values["sets"], values["methods"], values["shown"]
    height = len(methods) * _ROW + 0.3

    def fill(picture):
        panels, curves = picture.subfigures(2, 1, height_ratios=[height, _CURVES])
        for data_set, part in zip(sets, np.ravel(panels.subfigures(1, len(sets))), strict=True):
            part.suptitle(data_set, fontsize=10)
            grid = part.subplots(len(methods), len(shown), squeeze=False)
            for row, method in zip(grid, methods, strict=True):
                row[0].set_ylabel(method, fontsize=11)
                for place, axes in enumerate(row):
                    _panel(axes, values, arrays, data_set, method, place)
        _fill_curves(curves, values, arrays)

    width = max(len(sets) * len(shown) * _PANEL + 0.4, 8.0)
    return style.drawn(width, height + _CURVES, values["caption"], fill)


def _panel(axes, values, arrays, data_set, method, place):
    axes.set(xticks=[], yticks=[], aspect="equal")
    axes.grid(False)
    axes.spines[["top", "right"]].set_visible(True)
    axes.spines[:].set_color("#BBBBBB")
    points, real = arrays[f"points {data_set} {method}"], arrays[f"real {data_set}"]
    axes.scatter(*real.T, s=1, color=style.REAL, linewidths=0)
    reach = 1.25 * float(np.abs(real).max())
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))  # one scale for all methods
    if place >= len(points):
        axes.set_xlabel("diverged", fontsize=8)
        return
    axes.scatter(*points[place].T, s=1.5, color=style.BLUE, linewidths=0, alpha=0.6)
    step, seconds, modes, near, distance = arrays[f"curves {data_set} {method}"][values["shown"][place]]
    axes.set_title(f"{step:,.0f} steps, {_time(seconds)}", fontsize=8)
    found = "" if np.isnan(modes) else f"{modes:.0f} modes, {near:.0%} near\n"
    axes.set_xlabel(f"{found}distance {distance:.3f}", fontsize=8)


def _fill_curves(picture, values, arrays):
    """Against time: the share near a mode, and the distance; two panels a set."""
    with_modes = {name: not np.isnan(arrays[f"curves {name} {values['methods'][0]}"][0, 3]) for name in values["sets"]}
    axes_of = iter(picture.subplots(1, len(with_modes) + sum(with_modes.values()), squeeze=False)[0])
    for data_set in values["sets"]:
        if with_modes[data_set]:
            _curves(next(axes_of), values, arrays, data_set, 3, "share of samples within 4σ", ylim=(0, 1))
        axes = next(axes_of)
        _curves(axes, values, arrays, data_set, 4, "exact Wasserstein-1 distance")
        axes.axhline(values["finals"][f"{data_set} {values['methods'][0]}"]["floor"], color=style.REAL, linestyle="--")
        axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)


def _curves(axes, values, arrays, data_set, column, label, **settings):
    for number, method in enumerate(values["methods"]):
        curve = arrays[f"curves {data_set} {method}"]
        color, dashes = style.CYCLE[number % len(style.CYCLE)], "-" if number < len(style.CYCLE) else ":"
        axes.plot(curve[:, 1] / 60, curve[:, column], dashes, color=color, marker="o", markersize=2.5, label=method)
    axes.set(xlabel="time of the run in minutes", **settings)
    axes.set_title(data_set, fontsize=10)
    axes.set_ylabel(label, fontsize=9)
    axes.set_xlim(left=0)


def _time(seconds):
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"

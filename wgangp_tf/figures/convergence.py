"""Quality against generator updates and against time, four ways of training."""

from wgangp_tf.figures import style

_MARKERS = "os^D"


def draw(values, arrays):
    """See `drawing.draw`."""

    def fill(picture):
        panels = picture.subplots(2, 2, sharex="col", sharey="row")
        for row, quality in zip(panels, ("coverage", "precision"), strict=True):
            row[0].set(ylabel=quality, ylim=(0, 1))
            for axes, (column, unit) in zip(row, ((0, 1), (1, 60)), strict=True):
                for name, color, marker in zip(values["names"], style.CYCLE, _MARKERS, strict=False):
                    curve = arrays[name]
                    found = curve[:, values["columns"].index(quality)]
                    label = f"{name}: {values['said'][name]}"
                    axes.plot(curve[:, column] / unit, found, color=color, marker=marker, markersize=3, label=label)
                axes.set_xlim(left=0)
        for axes in panels[0]:
            axes.axhline(values["quality"], color=style.REAL, linestyle="--")
        panels[1, 0].set_xlabel("generator updates")
        panels[1, 1].set_xlabel("time of the run in minutes")
        title = f"to coverage {values['quality']:g}"
        panels[1, 1].legend(loc="lower right", fontsize=9, title=title, title_fontsize=9)

    return style.drawn(9.0, 5.4, values["caption"], fill)

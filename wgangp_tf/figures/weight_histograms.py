"""Histograms of the critics' weights, each on the scale of its bound."""

from wgangp_tf.figures import style


def draw(values, arrays):
    """See `drawing.draw`."""
    names = values["names"]

    def fill(picture):
        panels = picture.subplots(1, len(names), sharey=True)
        top = max(arrays[f"shares {name}"].max() for name in names)
        for axes, name, color in zip(panels, names, style.CYCLE, strict=False):
            axes.stairs(arrays[f"shares {name}"], arrays[f"edges {name}"], fill=True, color=color)
            axes.set(title=name, xlabel="weight", ylim=(top / 2e4, 1.0), yscale="log")
            bound = values["bounds"][name]
            axes.set_xticks([-bound, 0, bound], [f"{-bound:.2g}", "0", f"{bound:.2g}"])
        panels[0].set_ylabel("share of weights in a bin")

    return style.drawn(9.0, 3.2, values["caption"], fill)

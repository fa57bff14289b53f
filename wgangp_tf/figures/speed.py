"""The charts of `benchmark`: how long a step takes beside others, how near the limit it is, and its curves."""

from wgangp_tf.figures import speed_table, style

_CAPTION = (
    "Left: time of a training step, ours = 1, medians of turns that alternate; longer is slower. Right: arithmetic a "
    "second, as a share of what products of large matrices reach on this machine in the same run."
)
_CURVE_CAPTION = "Time of a training step of {work}, medians of turns that alternate."


def draw(numbers):
    """The chart of the steps: matplotlib Figure.

    Args:
      numbers: as `benchmark.json` holds them.
    """
    lines = [line for line in numbers["lines"] if "against_ours" in line]
    places = list(dict.fromkeys((line["work"], line["precision"]) for line in lines))
    who = list(dict.fromkeys(line["label"] for line in lines))

    def fill(picture):
        left, right = picture.subplots(1, 2, sharey=True)
        height = 0.8 / max(len(who), 1)
        for line in lines:
            row = who.index(line["label"])
            at = places.index((line["work"], line["precision"])) + (row - (len(who) - 1) / 2) * height
            colour = style.CYCLE[row % len(style.CYCLE)]
            left.barh(at, line["against_ours"], height, color=colour)
            right.barh(at, 100 * line.get("share_of_limit", 0), height, color=colour)
        left.set_yticks(range(len(places)), ["\n".join(place) for place in places])
        left.set_ylim(max(len(places), 1) - 0.5, -0.5)
        left.axvline(1, color=style.BLACK, linewidth=0.8)
        left.set_xlabel("time of a step, ours = 1")
        right.set_xlabel("share of the machine's products (%)")
        bars = [left.barh(0, 0, color=style.CYCLE[row % len(style.CYCLE)]) for row in range(len(who))]
        if who:
            picture.legend(bars, who, loc="outside upper center", ncols=len(who), fontsize=8)

    return style.drawn(9, 1.8 + 0.8 * max(len(places), 1), _CAPTION, fill)


def measured_curves(numbers):
    """{axis: its lines with numbers}, of the axes that have some: a run may have been stopped."""
    found = {axis: [line for line in of["lines"] if "seconds" in line] for axis, of in numbers["curves"].items()}
    return {axis: lines for axis, lines in found.items() if lines}


def draw_curves(numbers):
    """The chart of the curves: matplotlib Figure."""
    curves = measured_curves(numbers)

    def fill(picture):
        for axes, (axis, of) in zip(picture.subplots(1, len(curves), squeeze=False)[0], curves.items(), strict=True):
            names = [speed_table.value_of(axis, line) for line in of]
            axes.plot(names, [1e3 * line["seconds"] for line in of], "o-", color=style.BLUE)
            axes.set_ylim(0, 1.08 * max(1e3 * line["seconds"] for line in of))
            axes.set_xlabel(axis)
            axes.set_ylabel("ms a step")

    work = next(iter(numbers["curves"].values()))["work"]
    return style.drawn(2.8 * len(curves), 2.8, _CURVE_CAPTION.format(work=work), fill)

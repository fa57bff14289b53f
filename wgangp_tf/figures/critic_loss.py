"""Training and held-out estimate over the steps, above how far they are apart."""

import numpy as np

from wgangp_tf.figures import style


def draw(values, arrays):
    """See `drawing.draw`."""
    names = values["names"]

    def fill(picture):
        above, below = picture.subplots(2, len(names), sharex="col", height_ratios=[1.5, 1.0], squeeze=False)
        for number, (name, top, bottom) in enumerate(zip(names, above, below, strict=True)):
            steps, training, held_out = (arrays[f"{key} {name}"] for key in ("steps", "training", "held_out"))
            top.plot(steps, training, color=style.BLUE, label="training")
            top.plot(steps, held_out, color=style.ORANGE, linestyle="--", label="held out")
            top.set(title=name, ylim=_limits(steps, training, held_out))
            bottom.plot(steps, (training - held_out) / np.abs(training), color=style.BLACK, linewidth=1)
            bottom.axhline(0.0, color=style.REAL, linewidth=0.8)
            bottom.set(xlabel="generator updates", ylim=(-0.5, 1.0))
            if number == 0:
                top.set_ylabel("Wasserstein estimate")
                bottom.set_ylabel("gap / training")
                top.legend()

    return style.drawn(9.0, 4.8, values["caption"], fill)


def _limits(steps, *curves):
    """Of the axis: the first tenth of the steps, where the generator makes noise, may leave it."""
    kept = np.concatenate([curve[steps > steps[-1] / 10] for curve in curves])
    return min(0.0, float(kept.min())), 1.15 * float(kept.max())

"""What generators make of the toy sets while they train: which methods find every mode, and how sharply."""

import numpy as np

from wgangp_tf.experiments import trainings
from wgangp_tf.experiments.place import Numbers, at_least
from wgangp_tf.gan import methods
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.metrics import wasserstein

_LOOKS = 16  # at each training
_COUNT = 10_000  # samples that modes are counted of
_ASSIGNED = 2000  # samples that the distance is computed of
_DRAWN = 1500  # samples in a panel
_SETS = ("8gaussians", "25gaussians", "swiss_roll")
_VALUES = ("step", "seconds", "modes_covered", "within_4_sigma", "wasserstein")


def measure(place):
    """The numbers of the figure."""
    sets = _SETS[1:2] if place.small else _SETS
    names = ("wgan-gp", "wgan", "dcgan") if place.small else tuple(methods.METHODS)
    # of the looks, those that are drawn
    shown = (0, 1, 3, 7, 15) if place.small else (1, 5, 15)
    arrays, finals = {}, {}
    for number, (data_set, name) in enumerate((d, n) for d in sets for n in names):
        place.say(f"training {number + 1} of {len(sets) * len(names)}: {name} on {data_set}")
        key = f"{data_set} {name}"
        found = _part(place, data_set, name)
        arrays[f"curves {key}"] = found["curves"]
        arrays[f"real {data_set}"] = found["real"]
        arrays[f"points {key}"] = found["points"][[k for k in shown if k < len(found["points"])]]
        last = dict(zip(_VALUES, map(float, found["curves"][-1]), strict=True))
        finals[key] = last | {"floor": float(found["floor"])}
    return Numbers(
        values={"sets": sets, "methods": names, "shown": shown, "looks": _LOOKS, "values": _VALUES, "finals": finals},
        arrays=arrays,
        checks=_checks(finals),
        caption=_caption(place.small),
        lines=tuple(_line(key, last) for key, last in finals.items()),
    )


def _line(key, last):
    data_set, name = key.split()
    near = (
        ""
        if np.isnan(last["modes_covered"])
        else (f"{last['modes_covered']:.0f} modes, {last['within_4_sigma']:.1%} of samples near one, ")
    )
    return (
        f"{name} on {data_set}, {last['step']:,.0f} steps in {last['seconds']:.0f} s: {near}distance "
        f"{last['wasserstein']:.3f} (real points: {last['floor']:.3f})"
    )


def _checks(finals):
    """Of the penalty's training on the grid of 25."""
    final = finals["25gaussians wgan-gp"]
    return (
        at_least("modes of 25 covered, wgan-gp", final["modes_covered"], 25),
        at_least("share of samples within 4 sigma of a mode of 25, wgan-gp", final["within_4_sigma"], 0.8),
    )


def _caption(small):
    how = (
        "at the preset toy_25gaussians_small with rates that fall to zero: wgan-gp as the preset has it (Adam 1e-3, "
        "λ 0.1), wgan with RMSProp 5e-4 and clipping at 0.1, dcgan with Adam 2e-4 and one critic update a step"
        if small
        else "at the authors' networks, each with its own paper's optimizer and rate"
    )
    return (
        f"Generated points (blue) over real ones (grey) as training goes on, {how}. Below each panel: modes covered, "
        f"share of {_COUNT:,} samples near a mode (within 4 standard deviations, 4σ), and the exact Wasserstein-1 "
        f"distance of {_ASSIGNED:,} samples to as many held-out real points; dashed, that of real points to them."
    )


def _part(place, data_set, name):
    given = _given(data_set, name, place.small)

    def make():
        every = given["steps"] // _LOOKS
        source, looks = trainings.looks(place, f"{data_set}-{name}", given, every, _COUNT)
        return measured(source, looks)

    counts = {"looks": _LOOKS, "count": _COUNT, "assigned": _ASSIGNED, "drawn": _DRAWN}
    return place.part(f"{data_set}-{name}", trainings.settings(given, **counts), make)


def measured(source, looks):
    """The numbers of a training.

    Args:
      source: `data.source.Source` of points.
      looks: list of `trainings.Look`, at least one.

    Returns:
      {"curves": float64 [looks, 5], one column each of step, seconds, modes covered, share within 4 sigma (both NaN
      where the modes are not known) and Wasserstein-1 distance to held-out points; "points": float32 [looks, n, 2];
      "real": float32 [n, 2]; "floor": distance of real points to as many held-out ones}.
    """
    real, held_out = source.train.samples[:_ASSIGNED], source.validation.samples[:_ASSIGNED]
    modes = None if source.train.modes is None else metrics.make(["modes", "near_modes"], source.train)
    rows = []
    for look in looks:
        near = {"modes_covered": np.nan, "within_4_sigma": np.nan}
        if modes is not None:
            modes.update(look.samples)
            near = modes.result()
        distance = wasserstein.distance(look.samples[: len(held_out)], held_out)
        rows.append([look.step, look.seconds, near["modes_covered"], near["within_4_sigma"], distance])
    return {
        "curves": np.array(rows, np.float64),
        "points": np.stack([look.samples[:_DRAWN] for look in looks]),
        "real": real[:_DRAWN],
        "floor": wasserstein.distance(real, held_out),
    }


def _given(data_set, name, small):
    """Flags of a training; the steps among them, which the looks are cut from."""
    quiet = {"method": name, "sample_every": 10_000_000, "checkpoint_every": 250}
    if small:
        return {"preset": f"toy_{data_set}_small", "steps": 12_000, **_SMALL.get(name, {}), **quiet}
    # the data set alone: a preset's rates would go before the method's own
    return {"dataset": data_set, "width": 512, "steps": 96_000, **_FULL.get(name, {}), **quiet}


# what the preset says for the penalty is another method's own here
_SMALL = {
    "wgan": {"optimizer": "rmsprop", "learning_rate": 5e-4, "clip_value": 0.1},
    "dcgan": {"n_critic": 1, "learning_rate": 2e-4, "beta_2": 0.999},
}
# its paper's, not what was measured for minutes
_FULL = {
    "wgan": {
        "n_critic": 5,
        "learning_rate": 5e-5,
        "learning_rate_decay": "none",
        "clip_value": 0.01,
        "ema_decay": 0.999,
    },
}

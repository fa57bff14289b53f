"""How fast four ways of training reach a quality, in steps and in time (after Gulrajani et al. 2017, Fig. 3)."""

import numpy as np

from wgangp_tf.experiments import trainings
from wgangp_tf.experiments.place import Numbers, at_least, at_most
from wgangp_tf.metrics import registry as metrics

CLIPPING, RMSPROP, ADAM, DCGAN = "clipping", "penalty, RMSProp", "penalty, Adam", "DCGAN"
NAMES = (CLIPPING, RMSPROP, ADAM, DCGAN)
_LOOKS = 20  # at each training
_COUNT = 2048  # samples of each
VALUES = ("step", "seconds", "precision", "recall", "density", "coverage")
_QUALITY = 0.8  # the coverage that the times are to


def measure(place):
    """The numbers of the figure."""
    curves = {}
    for number, name in enumerate(NAMES):
        place.say(f"training {number + 1} of {len(NAMES)}: {name}")
        curves[name] = _curve(place, name)
    reached = {name: first_at(curve, _QUALITY) for name, curve in curves.items()}
    said = {name: _said(found) for name, found in reached.items()}
    return Numbers(
        values={"names": NAMES, "columns": VALUES, "quality": _QUALITY, "reached": reached, "said": said},
        arrays=curves,
        checks=_checks(curves, reached),
        caption=_caption(place.small),
        lines=tuple(f"{name}, coverage {_QUALITY:g}: {words}" for name, words in said.items()),
    )


def _said(found):
    """When a training reached the quality, in words."""
    return f"{found['step']:,} steps, {found['seconds']:.0f} s" if found else "not reached"


def first_at(curve, quality):
    """{"step", "seconds"} of the first look with at least that coverage; None where there is none."""
    found = np.flatnonzero(curve[:, VALUES.index("coverage")] >= quality)
    return {"step": int(curve[found[0], 0]), "seconds": float(curve[found[0], 1])} if len(found) else None


def _checks(curves, reached):
    best = {name: curve[:, VALUES.index("coverage")].max() for name, curve in curves.items()}
    # where clipping does not get there, its whole run is less than it would take
    longest = {"step": curves[CLIPPING][-1, 0], "seconds": curves[CLIPPING][-1, 1]}
    clipping = reached[CLIPPING] or longest
    adam = reached[ADAM] or {"step": np.inf, "seconds": np.inf}
    share = {unit: adam[unit] / clipping[unit] for unit in longest}
    quality = f"coverage {_QUALITY:g}"
    return (
        at_least("highest coverage, penalty with clipping's optimizer and rate", best[RMSPROP], best[CLIPPING]),
        at_most(f"steps of the penalty with Adam to {quality}, over clipping's", share["step"], 1),
        at_most(f"time of the penalty with Adam to {quality}, over clipping's", share["seconds"], 1),
    )


def _caption(small):
    networks = "dense networks on the 8x8 digits" if small else "the paper's DCGAN on CIFAR-10"
    return (
        f"Coverage and precision (Naeem et al. 2020, Kynkäänniemi et al. 2019; {_COUNT:,} samples, pixels, 5 "
        f"neighbours) of {networks}, against generator updates and against the time of the whole run, for clipping "
        "with RMSProp, the penalty with the same optimizer and rate, the penalty with Adam at the rate it bears, and "
        f"DCGAN, which trains the critic once a step. Dashed: the coverage of {_QUALITY:g} that the numbers give the "
        "time to. After Gulrajani et al. 2017, Fig. 3, which has the Inception score."
    )


def _curve(place, name):
    key = name.replace(", ", "-").replace(" ", "-").lower()
    given = _given(name, place.small)

    def make():
        source, looks = trainings.looks(place, key, given, given["steps"] // _LOOKS, _COUNT)
        return {"curve": measured(source.train, looks)}

    return place.part(key, trainings.settings(given, looks=_LOOKS, count=_COUNT), make)["curve"]


def measured(real, looks):
    """float64 [looks, values] of `VALUES`.

    Args:
      real: `data.source.Split`.
      looks: list of `trainings.Look`.
    """
    evaluator, rows = metrics.make("neighbours", real, features="pixels"), []
    for look in looks:
        evaluator.update(look.samples)
        found = evaluator.result()
        rows.append([look.step, look.seconds, *(found[name] for name in VALUES[2:])])
    return np.array(rows, np.float64)


def data(small):
    """See `registry.data`."""
    return _given(ADAM, small)


def _given(name, small):
    """Flags of a training: one network for all, and what makes the four."""
    quiet = {"sample_every": 10_000_000, "checkpoint_every": 250 if small else 500}
    set_up = _SMALL if small else {"preset": "cifar10_dcgan", "steps": 200_000}
    return set_up | (_SMALL_WAYS if small else _WAYS)[name] | quiet


_BETAS = {"beta_1": 0.5, "beta_2": 0.999}  # of DCGAN
_SMALL = {
    "dataset": "digits",
    "batch_size": 64,
    "n_critic": 3,
    "learning_rate_decay": "none",
    "ema_decay": 0.99,
    "steps": 3000,
}
_SMALL_WAYS = {
    CLIPPING: {"method": "wgan", "optimizer": "rmsprop", "learning_rate": 5e-4, "clip_value": 0.03},
    RMSPROP: {"method": "wgan-gp", "optimizer": "rmsprop", "learning_rate": 5e-4},
    ADAM: {"method": "wgan-gp", "optimizer": "adam", "learning_rate": 2e-3},
    DCGAN: {"method": "dcgan", "n_critic": 1, "optimizer": "adam", "learning_rate": 2e-4, **_BETAS},
}
_BATCH = {"critic_normalization": "batch"}  # where no gradient of single samples is penalised, as in the paper
_WAYS = {
    CLIPPING: {"method": "wgan", "optimizer": "rmsprop", "learning_rate": 5e-5, "clip_value": 0.01, **_BATCH},
    RMSPROP: {"method": "wgan-gp", "optimizer": "rmsprop", "learning_rate": 5e-5},
    ADAM: {"method": "wgan-gp", "optimizer": "adam", "learning_rate": 1e-4, "beta_1": 0.5, "beta_2": 0.9},
    DCGAN: {"method": "dcgan", "n_critic": 1, "optimizer": "adam", "learning_rate": 2e-4, **_BETAS, **_BATCH},
}

"""Six architectures that are hard to train, by each of the paper's methods (Gulrajani et al. 2017, Fig. 2)."""

import numpy as np

from wgangp_tf.experiments import trainings
from wgangp_tf.experiments.place import Numbers, at_least
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.metrics.features import pixels

# {preset without "lsun64_": what it is, in the picture}
ARCHITECTURES = {
    "constant_filters": "narrow generator,\nnot normalised",
    "mlp_generator": "dense generator",
    "no_normalization": "no normalisation",
    "gated": "gates",
    "tanh": "tanh",
    "resnet101": "101-layer ResNet",
}
_SMALL_METHODS = ("wgan-gp", "wgan")
_METHODS = ("wgan-gp", "wgan", "dcgan", "lsgan")
_COUNT = 2000  # samples that are measured
_DRAWN = 16  # samples in a panel
_TRAINED = 0.5  # distance below which a training counts as one that works
_QUALITIES = ("distance", "precision", "coverage")


def measure(place):
    """The numbers of the figure."""
    names = _SMALL_METHODS if place.small else _METHODS
    arrays, found = {}, {}
    for number, (method, architecture) in enumerate((m, a) for m in names for a in ARCHITECTURES):
        place.say(f"training {number + 1} of {len(names) * len(ARCHITECTURES)}: {architecture} by {method}")
        key, part = f"{method} {architecture}", _part(place, architecture, method)
        arrays[f"samples {key}"], arrays["real"] = part["samples"], part["real"]
        diverged = bool(part["diverged"])
        found[key] = {"diverged": diverged} | {n: None if diverged else float(part[n]) for n in _QUALITIES}
    trained = {m: sum(_trained(found[f"{m} {a}"]) for a in ARCHITECTURES) for m in names}
    return Numbers(
        values={"methods": names, "architectures": ARCHITECTURES, "found": found, "trained": trained},
        arrays=arrays,
        checks=(at_least(f"architectures of 6 at a distance below {_TRAINED:g}, wgan-gp", trained["wgan-gp"], 6),),
        caption=_caption(place.small, place.bedrooms),
        lines=tuple(_line(key, values) for key, values in found.items()),
    )


def _trained(values):
    return not values["diverged"] and values["distance"] < _TRAINED


def _line(key, values):
    if values["diverged"]:
        return f"{key}: diverged"
    return f"{key}: " + ", ".join(f"{name} {values[name]:.2f}" for name in _QUALITIES)


def _caption(small, folder=None):
    pictures = "bedrooms" if folder is None else "pictures of a folder"
    how, but = f"64x64 {pictures}, at the paper's settings of each method", ""
    if small:
        how = (
            "16x16 shapes, width 16, one critic update a step, and the 101-layer networks with two blocks at a size in "
            "place of six"
        )
        but = ", but for the rates of the dense generator under the penalty"
    return (
        f"The first {_DRAWN} samples of each training: {how}. The settings of a method are the same for all{but}. "
        f"Below each, the Fréchet distance between the pixels of {_COUNT:,} samples and of the real pictures, over the "
        "variance of the real ones: 0 means the same mean and covariance, 1 is the mean picture alone. After Gulrajani "
        "et al. 2017, Fig. 2."
    )


def _part(place, architecture, method):
    key = f"{method}-{architecture}"
    given = trainings.with_pictures(place, _given(architecture, method, place.small))

    def make():
        model, source, _ = trainings.trained(place, key, given)
        samples = None if model is None else trainings.generated(model, _COUNT)
        return measured(source.train, samples)

    return place.part(key, trainings.settings(given, count=_COUNT, drawn=_DRAWN), make)


def measured(real, samples):
    """What a training came to.

    Args:
      real: `data.source.Split`.
      samples: array [n, *sample], or None of a training that diverged, which has no quality.

    Returns:
      {"samples": the first of them, "real": as many real ones, "diverged": bool, "distance": squared Fréchet distance
      of pixels over the variance of the real ones, infinite where it diverged, "precision", "coverage": in [0, 1]}.
    """
    # spread: many a data set is sorted by class
    found = {"real": real.samples[np.arange(_DRAWN) * len(real) // _DRAWN], "diverged": samples is None}
    if samples is None:
        return found | {"samples": found["real"][:0], "distance": np.inf, "precision": 0.0, "coverage": 0.0}
    values = metrics.measure(("frechet", "neighbours"), real, samples, features="pixels")
    variance = pixels(real.samples).var(axis=0, ddof=1).sum()
    qualities = {name: values[name] for name in ("precision", "coverage")}
    return found | {"samples": samples[:_DRAWN], "distance": values["frechet_distance"] / variance} | qualities


def data(small):
    """See `registry.data`."""
    return _given("gated", "wgan-gp", small)


def _given(architecture, method, small):
    """Flags of a training: the preset's networks at the method's settings."""
    given = {"preset": f"lsun64_{architecture}" + ("_small" if small else ""), "method": method}
    given |= {"sample_every": 10_000_000, "checkpoint_every": 250} | (_SMALL if small else _OWN).get(method, {})
    if small and (method, architecture) == ("wgan-gp", "mlp_generator"):
        given |= _DENSE
    # the paper's: layer normalisation under the penalty, batch normalisation otherwise
    return (
        given
        if method == "wgan-gp" or architecture == "no_normalization"
        else given | {"critic_normalization": "batch"}
    )


_OWN = {
    "dcgan": {"n_critic": 1, "learning_rate": 2e-4, "beta_1": 0.5, "beta_2": 0.999},
    "lsgan": {"n_critic": 1, "optimizer": "rmsprop", "learning_rate": 1e-4},
    "wgan": {"n_critic": 5, "optimizer": "rmsprop", "learning_rate": 5e-5, "clip_value": 0.01},
}
# at the others' rates a narrow dense generator collapses where the critic learns once a step; of five pairs of rates
# tried this is the best
_DENSE = {"learning_rate": 2e-4, "critic_learning_rate": 4e-3}
_SMALL = {"wgan": {"optimizer": "rmsprop", "critic_learning_rate": 5e-4, "clip_value": 0.01}}

"""The table of metrics. A new one is a file in this folder and a row here; importing it costs nothing."""

import dataclasses
import importlib

from wgangp_tf.config import check_range
from wgangp_tf.errors import UserError, unknown_name
from wgangp_tf.metrics import evaluator, features


@dataclasses.dataclass(frozen=True)
class Row:
    """A metric by name.

    Attributes:
      place: "file:class" in this folder, the class an `evaluator.Measure`.
      summary: one line, source included.
      values: names of what it measures; no two metrics share one.
      features: those it uses where none are named; None for a metric of the samples themselves.
      needs_labels: whether the real samples must be labelled.
      needs_modes: whether the modes of the real samples must be known.
      least_real, least_fake: how many samples it needs at least; `Evaluator.least_fake` where features decide it.
      ordered: whether its draws depend on the order of the samples, and so the values a little.
      quick: whether it takes no longer than a step, and so is measured at each log.
      judges: kinds of samples ("images", "points") of which its first value, the less the better, says which
        checkpoint of a run is the best.
    """

    place: str
    summary: str
    values: tuple[str, ...]
    features: str | None = "pixels"
    needs_labels: bool = False
    needs_modes: bool = False
    least_real: int = 1
    least_fake: int = 1
    ordered: bool = False
    quick: bool = False
    judges: tuple[str, ...] = ()


METRICS = {
    "frechet": Row(
        place="frechet:Frechet",
        summary="squared Fréchet distance of Gaussians (Heusel et al. 2017); FID on the features of Inception only",
        values=("frechet_distance",),
        least_real=2,
        least_fake=2,
        judges=("images", "points"),
    ),
    "frechet_infinity": Row(
        place="frechet:FrechetInfinity",
        summary="the Fréchet distance extrapolated to infinitely many generated samples (Chong and Forsyth 2020)",
        values=("frechet_distance_infinity",),
        least_real=2,
        least_fake=4,
        ordered=True,
    ),
    "kernel": Row(
        place="kernel:Kernel",
        summary="squared maximum mean discrepancy, cubic kernel (Bińkowski et al. 2018); KID on Inception's only",
        values=("kernel_distance", "kernel_distance_std"),
        least_real=4,
        least_fake=4,
        ordered=True,
    ),
    "neighbours": Row(
        place="neighbours:Neighbours",
        summary="precision, recall (Kynkäänniemi et al. 2019), density, coverage (Naeem et al. 2020), 5 neighbours",
        values=("precision", "recall", "density", "coverage"),
        least_real=6,
        least_fake=6,
    ),
    "class_balance": Row(
        place="class_balance:ClassBalance",
        summary="shares of the classes over equal ones, by a support vector machine on the real samples",
        values=("class_accuracy", "class_ratio_min", "class_ratio_max"),
        needs_labels=True,
    ),
    "modes": Row(
        place="modes:Modes",
        summary="modes covered and share of samples within 4 sigma of one, where the modes are known (toy mixtures)",
        values=("modes_covered", "within_4_sigma"),
        features=None,
        needs_modes=True,
        quick=True,
    ),
}


def find(name):
    """The row of a metric.

    Raises:
      UserError: no such name.
    """
    if name not in METRICS:
        raise unknown_name("metric", name, METRICS)
    return METRICS[name]


def make(name, real, *, features=None, seed=0):
    """The evaluator of a metric, or of several that share the features of each sample.

    Args:
      name: key of `METRICS`, or a list of them.
      real: the real samples: an object with `samples` (uint8 for pictures, else floats, [n, *sample]; indexed by
        int64 rows), `labels` (int [n] or None), `modes` (see `data.source.Split`, or None), `sample_shape` and `len`.
      features: key of `features.FEATURES`, or what `features.named` returned; None for each metric's own.
        A metric that uses none, as its row says, does not look at it.
      seed: int, of every draw.

    Returns:
      `evaluator.Evaluator`.

    Raises:
      UserError: no such metric or features, or the real samples are not what it needs.
    """
    names = [name] if isinstance(name, str) else list(name)
    check_range("seed", seed, 0, 2**31 - 1)
    rows = {name: find(name) for name in names}
    for name, row in rows.items():
        lacking = lacks(row, real)
        if lacking is not None:
            raise UserError(f"metric {name!r} needs {lacking[0]} of the real samples. Received: {lacking[1]}")
    classes = {name: _class_of(row) for name, row in rows.items()}
    side = evaluator.RealSide(real, keep=len(names) > 1 or any(cls.keeps_real for cls in classes.values()))
    extractors = {}
    measures = {
        name: cls(side, _extractor(rows[name], features, real, extractors), seed) for name, cls in classes.items()
    }
    return evaluator.Evaluator(measures, rows, side)


def measure(name, real, fake, *, features=None, seed=0):
    """The values of a metric, or of several, of generated samples that are all there.

    Args:
      name, real, features, seed: see `make`.
      fake: array [n, *sample], in the units of `real.samples`.

    Returns:
      {name: float}.

    Raises:
      UserError: no such metric or features, or the samples are not what it needs.
    """
    made = make(name, real, features=features, seed=seed)
    made.update(fake)
    return made.result()


def fitting(real, features=None):
    """The metrics that these real samples allow.

    Args:
      real, features: see `make`.

    Returns:
      ([names], {name of another one: why it cannot be measured, in words}).
    """
    del features
    lacking = {name: lacks(row, real) for name, row in METRICS.items()}
    reasons = {name: f"it needs {what[0]} of the real samples" for name, what in lacking.items() if what is not None}
    return [name for name in METRICS if name not in reasons], reasons


def judge(kind):
    """Name of the value by which checkpoints are compared that make samples of a kind, less is better; or None."""
    return next((row.values[0] for row in METRICS.values() if kind in row.judges), None)


def quick(real):
    """Names of the metrics that are measured at each log of a training on these samples."""
    return [name for name, row in METRICS.items() if row.quick and lacks(row, real) is None]


def lacks(row, real):
    """What a metric needs and these real samples do not have: (what, what there is), or None."""
    if row.needs_labels and real.labels is None:
        return "labels", "none"
    if row.needs_modes and real.modes is None:
        return "the modes", "none"
    if len(real) < row.least_real:
        return f"at least {row.least_real}", f"{len(real)}"
    return None


def _class_of(row):
    file, name = row.place.split(":")
    return getattr(importlib.import_module(f"wgangp_tf.metrics.{file}"), name)


def _extractor(row, chosen, real, made):
    """The features of one metric; the same object for all that use the same."""
    if row.features is None:
        return None
    chosen = row.features if chosen is None else chosen
    if not isinstance(chosen, str):
        return chosen
    if chosen not in made:
        made[chosen] = features.named(chosen, real)
    return made[chosen]

"""The table of metrics. A new one is a file in this folder and a row here; importing it costs nothing."""

import dataclasses
import importlib

from wgangp_tf.config import check_range
from wgangp_tf.errors import UserError, unknown_name
from wgangp_tf.metrics import evaluator
from wgangp_tf.metrics import features as features_table
from wgangp_tf.metrics.needs import NEEDS


@dataclasses.dataclass(frozen=True)
class Row:
    """A metric by name.

    Attributes:
      place: "file:class" in this folder, the class an `evaluator.Measure`.
      summary: one line, source included.
      values: names of what it measures; no two metrics share one.
      features: those it uses where none are named, see `features.chosen`; None for a metric of the samples themselves.
      needs: what must be known of the real samples or of the features, keys of `needs.NEEDS`.
      least_real, least_fake: how many samples it needs at least; `Evaluator.least_fake` where features decide it.
      ordered: whether its draws depend on the order of the samples, and so the values a little.
      judges: kinds of samples ("images", "points", "arrays") of which its first value, the less the better, says which
        checkpoint of a run is the best.
      quick_with: key of `needs.NEEDS`; where that is met the metric takes no longer than a step, and so is measured at
        each log.
    """

    place: str
    summary: str
    values: tuple[str, ...]
    features: str | None = "best"
    needs: tuple[str, ...] = ()
    least_real: int = 1
    least_fake: int = 1
    ordered: bool = False
    judges: tuple[str, ...] = ()
    quick_with: str | None = None


METRICS = {
    "frechet": Row(
        place="frechet:Frechet",
        summary="squared Fréchet distance of Gaussians (Heusel et al. 2017); FID on the features of Inception only",
        values=("frechet_distance",),
        least_real=2,
        least_fake=2,
        judges=("images",),
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
        features="plain",
        least_real=6,
        least_fake=6,
    ),
    "class_balance": Row(
        place="class_balance:ClassBalance",
        summary="shares of the classes over equal ones, by a support vector machine on the real samples",
        values=("class_accuracy", "class_ratio_min", "class_ratio_max"),
        features="plain",
        needs=("labels",),
    ),
    "conditional_accuracy": Row(
        place="asked_classes:ConditionalAccuracy",
        summary="share of samples that a classifier says to be of the class asked for (Shmelkov et al. 2018: GAN-test)",
        values=("conditional_accuracy", "classifier_accuracy"),
        needs=("asked_classes",),
    ),
    "trained_on_generated": Row(
        place="asked_classes:TrainedOnGenerated",
        summary="a classifier taught by generated samples, tested on held-out real ones (Ravuri and Vinyals 2019: CAS)",
        values=("trained_on_generated_accuracy", "trained_on_real_accuracy"),
        features="plain",
        needs=("asked_classes", "held_out", "held_out_labels"),
        ordered=True,
    ),
    "modes": Row(
        place="modes:Modes",
        summary="modes covered, divergence of their shares from the real (Metz et al. 2017), where they are known",
        values=("modes_covered", "modes_kl"),
        features=None,
        needs=("modes",),
        quick_with="centres",
    ),
    "near_modes": Row(
        place="modes:NearModes",
        summary="share of samples within 4 sigma of a mode (after Srivastava et al. 2017), where the centres are known",
        values=("within_4_sigma",),
        features=None,
        needs=("centres",),
        quick_with="centres",
    ),
    "classifier_score": Row(
        place="classifier_score:ClassifierScore",
        summary="exp of the mean divergence of a sample's classes from all (Salimans et al. 2016); Inception's is IS",
        values=("classifier_score", "classifier_score_std"),
        needs=("classes",),
        least_fake=20,
        ordered=True,
    ),
    "sliced_wasserstein": Row(
        place="sliced_wasserstein:SlicedWasserstein",
        summary="sliced Wasserstein distance; of pictures by patches of a Laplacian pyramid (Karras et al. 2018)",
        values=("sliced_wasserstein",),
        features=None,
        ordered=True,
    ),
    "ms_ssim": Row(
        place="ms_ssim:MsSsim",
        summary="likeness of random pairs, MS-SSIM (Wang et al. 2003, Odena et al. 2017): higher is less diverse",
        values=("ms_ssim", "ms_ssim_real"),
        features=None,
        needs=("pictures",),
        least_real=2,
        least_fake=2,
        ordered=True,
    ),
    "wasserstein": Row(
        place="wasserstein:Wasserstein",
        summary="exact Wasserstein-1 distance of up to 1,000 samples by optimal assignment, and that of real ones",
        values=("wasserstein", "wasserstein_floor"),
        least_real=2,
        judges=("points", "arrays"),
        ordered=True,
    ),
    "oscillations": Row(
        place="oscillations:Oscillation",
        summary="Wasserstein-1 distances of the frequencies and decays of signals, by the damped oscillations that fit",
        values=(
            "frequency_distance",
            "frequency_distance_floor",
            "decay_distance",
            "decay_distance_floor",
            "oscillation_misfit",
            "oscillation_misfit_real",
        ),
        features=None,
        needs=("signals",),
        least_real=2,
    ),
    "marginals": Row(
        place="marginals:Marginals",
        summary="of tables: the features' means, deviations, distributions and correlations against the real ones",
        values=("mean_error", "deviation_error", "marginal_distance", "marginal_distance_floor", "correlation_error"),
        features=None,
        needs=("vectors",),
        least_real=2,
    ),
    "memorising": Row(
        place="memorising:Memorising",
        summary="distance to the nearest training sample, against that of held-out ones (after Meehan et al. 2020)",
        values=("nearest_training_distance", "nearest_training_distance_held_out", "nearest_training_ratio"),
        features="plain",
        needs=("held_out",),
    ),
}

# of values that say which samples are better: the end that is good
BETTER = {
    "frechet_distance": "less",
    "frechet_distance_infinity": "less",
    "kernel_distance": "less",
    "precision": "more",
    "recall": "more",
    "coverage": "more",
    "class_ratio_min": "more",
    "class_ratio_max": "less",
    "conditional_accuracy": "more",
    "trained_on_generated_accuracy": "more",
    "modes_covered": "more",
    "modes_kl": "less",
    "classifier_score": "more",
    "sliced_wasserstein": "less",
    "wasserstein": "less",
    "within_4_sigma": "more",
    "frequency_distance": "less",
    "decay_distance": "less",
    "oscillation_misfit": "less",
    "mean_error": "less",
    "deviation_error": "less",
    "marginal_distance": "less",
    "correlation_error": "less",
}


def find(name):
    """The row of a metric.

    Raises:
      UserError: no such name.
    """
    if name not in METRICS:
        raise unknown_name("metric", name, METRICS)
    return METRICS[name]


def make(name, real, *, features=None, seed=0, options=None, extractors=None):
    """The evaluator of a metric, or of several that share the features of each sample.

    Args:
      name: key of `METRICS`, or a list of them.
      real: the real samples: an object with `samples` (uint8 for pictures, else floats, [n, *sample]; indexed by
        int64 rows), `labels` (int [n] or None), `modes`, `identity` and `features` (see `data.source.Split`),
        `sample_shape` and `len`; and, if there are any, `held_out` (more real ones, as `samples`, that the generator
        did not learn from: then `samples` are those that it did learn from), `held_out_labels`, `conditional` and
        `channel_axis`.
      features: see `features.chosen`, or what `features.named` returned; None for each metric's own.
        A metric that uses none, as its row says, does not look at it.
      seed: int, of every draw.
      options: `features.Options`; None for its defaults, with which nothing is kept.
      extractors: those that `fitting` made, or None.

    Returns:
      `evaluator.Evaluator`.

    Raises:
      UserError: no such metric or features, or the real samples are not what it needs.
    """
    names = [name] if isinstance(name, str) else list(name)
    check_range("seed", seed, 0, 2**31 - 1)
    rows = {name: find(name) for name in names}
    for name, row in rows.items():
        _refuse(name, lacks(row, real))
    classes = {name: _class_of(row) for name, row in rows.items()}
    options = options or features_table.Options()
    keep = len(names) > 1 or any(cls.keeps_real for cls in classes.values())
    side = evaluator.RealSide(real, keep, options.cache)
    extractors = {} if extractors is None else extractors
    measures = {}
    for name, cls in classes.items():
        extractor = _extractor(rows[name], features, real, options, extractors)
        _refuse(name, lacks(rows[name], real, extractor))
        measures[name] = cls(side, extractor, seed)
    return evaluator.Evaluator(measures, rows, side)


def measure(name, real, fake, *, labels=None, features=None, seed=0, options=None):
    """The values of a metric, or of several, of generated samples that are all there.

    Args:
      name, real, features, seed, options: see `make`.
      fake: array [n, *sample], in the units of `real.samples`.
      labels: int [n], of the classes that were asked for, or None.

    Returns:
      {name: float}.

    Raises:
      UserError: no such metric or features, or the samples are not what it needs.
    """
    made = make(name, real, features=features, seed=seed, options=options)
    made.update(fake, labels)
    return made.result()


def fitting(real, features=None, options=None):
    """The metrics that these real samples allow.

    Args:
      real, features, options: see `make`.

    Returns:
      ([names], {name of another one: why it cannot be measured, in words}, the features it made, for `make`).
    """
    options, made, fit, reasons = options or features_table.Options(), {}, [], {}
    for name, row in METRICS.items():
        lacking = lacks(row, real) or lacks(row, real, _extractor(row, features, real, options, made))
        if lacking is None:
            fit.append(name)
        else:
            reasons[name] = f"it needs {lacking[0]}"
    return fit, reasons, made


def judge(kind):
    """Name of the value by which checkpoints are compared that make samples of a kind, less is better; or None."""
    return next((row.values[0] for row in METRICS.values() if kind in row.judges), None)


def quick(real):
    """Names of the metrics that are measured at each log of a training on these samples."""
    return [
        name
        for name, row in METRICS.items()
        if row.quick_with and NEEDS[row.quick_with].met(real, None) and lacks(row, real) is None
    ]


def lacks(row, real, features=None):
    """What a metric needs and does not have.

    Args:
      row: of `METRICS`.
      real: see `make`.
      features: what `features.named` returned, or None: then nothing is asked of them.

    Returns:
      (what it needs, what there is), str each; or None, if it lacks nothing.
    """
    for need in (NEEDS[name] for name in row.needs):
        if not need.met(real, features):
            return need.words, need.received(real, features)
    if len(real) < row.least_real:
        return f"at least {row.least_real} of the real samples", f"{len(real)}"
    return None


def _refuse(name, lacking):
    if lacking is not None:
        raise UserError(f"metric {name!r} needs {lacking[0]}. Received: {lacking[1]}")


def _class_of(row):
    file, name = row.place.split(":")
    return getattr(importlib.import_module(f"wgangp_tf.metrics.{file}"), name)


def _extractor(row, wanted, real, options, made):
    """The features of one metric; the same object for all that use the same."""
    if row.features is None:
        return None
    wanted = row.features if wanted is None else wanted
    if not isinstance(wanted, str):
        return wanted
    name = features_table.chosen(wanted, real, options)
    if name not in made:
        made[name] = features_table.named(name, real, options)
    return made[name]

"""Every number a run logs: its name, unit and meaning, how it is gathered between two logs, and the chart it stands in.

The progress line, TensorBoard's pages and reports read this table; a new number is a row here.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Quantity:
    """A number that is logged.

    Attributes:
      name: key in metrics.jsonl and tag in TensorBoard.
      unit: in words; "" for counts and shares.
      meaning: one line.
      chart: title of the chart it stands in, or "" for none.
      gathered: over the steps since the last log: "mean", "least", "greatest" or "last"; "" where it is measured at the
        log itself.
      short: name in the progress line, or "" where it does not stand there.
    """

    name: str
    unit: str
    meaning: str
    chart: str = ""
    gathered: str = ""
    short: str = ""


ESTIMATE_CHART = "Wasserstein estimate, training and held out"
LOSS_CHART = "Critic loss, training and held out"
NORM_CHART = "Gradient norm at interpolates"
_WEIGHTS, _UPDATES = "Weight norms", "Last update beside the weights"
_AT_BOUND = "Share of values at a bound"
_SCORE = "score"
_NORM = "score per unit of data"


def _norms(name, place, chart):
    """The three numbers of the gradient norms at one place."""
    short = "gradient_norm" if name == "gradient_norm" else ""
    return (
        Quantity(name, _NORM, f"norm of the critic's gradient at {place}, mean", chart, "mean", short),
        Quantity(f"{name}_min", _NORM, f"least norm at {place}", chart, "least"),
        Quantity(f"{name}_max", _NORM, f"greatest norm at {place}", chart, "greatest"),
    )


_OF_STEPS = (
    Quantity("critic_loss", _SCORE, "what the critic minimises, penalty included", LOSS_CHART, "mean"),
    Quantity("generator_loss", _SCORE, "what the generator minimises", "Generator loss", "mean"),
    Quantity(
        "wasserstein_estimate",
        _SCORE,
        "mean score of real samples minus that of fake ones; no penalty in it",
        ESTIMATE_CHART,
        "mean",
        "wasserstein",
    ),
    Quantity("gradient_penalty", "", "mean penalty before gp_weight", "Gradient penalty", "mean"),
    Quantity(
        "classification_loss",
        "nats",
        "cross-entropy of the critic's guesses of real samples' classes; part of critic_loss",
        "Classification loss, training and held out",
        "mean",
    ),
    *_norms("gradient_norm", "interpolates", NORM_CHART),
    *_norms("gradient_norm_real", "real samples", "Gradient norm at real samples"),
    *_norms("gradient_norm_fake", "fake samples", "Gradient norm at fake samples"),
    *_norms("gradient_norm_around_real", "points around real samples", "Gradient norm around real samples"),
    Quantity("learning_rate", "", "of the generator's optimizer", "Learning rate", "last"),
    Quantity(
        "skipped_updates",
        "updates",
        "updates left out since the run began, as float16 could not hold their gradients: mixed_float16 alone",
        "Skipped updates",
        "last",
    ),
)
_AT_LOGS = (
    Quantity("step", "steps", "training steps done: n_critic critic updates and one generator update each"),
    Quantity("images", "samples", "real samples seen, repeats counted"),
    Quantity("seconds", "s", "since the run began, without the time it lay still"),
    Quantity("images_per_second", "1/s", "real samples a second since the last log", "Speed", short="images/s"),
    Quantity("evaluation_seconds", "s", "that the evaluation at this step took", "Time of an evaluation"),
    Quantity("waiting_seconds", "s", "that training waited for data since the last log", "Waiting for data"),
    Quantity("generator_weight_norm", "", "Euclidean norm of all trainable weights of the generator", _WEIGHTS),
    Quantity("critic_weight_norm", "", "Euclidean norm of all trainable weights of the critic", _WEIGHTS),
    Quantity(
        "generator_update", "", "how far the last step moved the generator's weights, beside their norm", _UPDATES
    ),
    Quantity(
        "critic_update", "", "how far the last step's critic updates moved its weights, beside their norm", _UPDATES
    ),
    Quantity(
        "diversity",
        "",
        "mean distance between generated samples, beside that between real ones",
        "Diversity of samples",
    ),
    Quantity(
        "distance_of_means",
        "unit of data",
        "from the mean generated sample to the mean real one: a Wasserstein distance is at least that",
        "Distance of means",
    ),
    Quantity(
        "saturated",
        "",
        "share of generated values at a bound: the outermost grey levels of pictures, else the range of real values",
        _AT_BOUND,
    ),
    Quantity("saturated_real", "", "share of real values at a bound", _AT_BOUND),
)
_FEATURES = "units of the features"
_FRECHET, _KERNEL, _REGIONS = "Fréchet distance", "Kernel distance", "Precision, recall, density, coverage"
_CLASSES, _SURENESS, _LIKENESS = "Classes", "Classifier score", "Likeness of pairs (MS-SSIM)"
_FREQUENCIES, _DECAYS, _MISFIT = "Frequencies of signals", "Decays of signals", "Signals that are no oscillations"
_FEATURES_OF_TABLES = "Features of tables"
_ASKED = "Classes asked for"
_ASSIGNED, _NEAREST = "Wasserstein distance of samples", "Distance to the nearest training sample"
_OF_METRICS = (
    Quantity("modes_covered", "", "modes with a generated sample", "Modes", short="modes_covered"),
    Quantity(
        "within_4_sigma", "", "share of generated samples within 4 sigma of a mode", "Modes", short="within_4_sigma"
    ),
    Quantity(
        "modes_kl", "nats", "divergence of the modes' shares from the real ones; 0 is equal", "Divergence of modes"
    ),
    Quantity(
        "frechet_distance", "", "squared Fréchet distance between Gaussians of the features; less is better", _FRECHET
    ),
    Quantity("frechet_distance_infinity", "", "Fréchet distance extrapolated to infinitely many samples", _FRECHET),
    Quantity("kernel_distance", "", "squared maximum mean discrepancy of the features; less is better", _KERNEL),
    Quantity("kernel_distance_std", "", "standard deviation of the kernel distance over random subsets", _KERNEL),
    Quantity("precision", "", "share of generated samples in the region of the real ones", _REGIONS),
    Quantity("recall", "", "share of real samples in the region of the generated ones", _REGIONS),
    Quantity("density", "", "generated samples in real neighbourhoods, about 1 for equal distributions", _REGIONS),
    Quantity("coverage", "", "share of real samples with a generated one in their neighbourhood", _REGIONS),
    Quantity("class_accuracy", "", "right answers of the classifier on held-back real samples, a share", _CLASSES),
    Quantity("conditional_accuracy", "", "share of samples that are recognised as the class asked for", _ASKED),
    Quantity("classifier_accuracy", "", "right answers on real samples of the classifier that recognises", _ASKED),
    Quantity(
        "trained_on_generated_accuracy",
        "",
        "right answers on held-out samples of a classifier taught by generated ones",
        _ASKED,
    ),
    Quantity("trained_on_real_accuracy", "", "the same of one taught by as many real ones", _ASKED),
    Quantity("class_ratio_min", "", "share of the rarest class over an equal share", _CLASSES),
    Quantity("class_ratio_max", "", "share of the most frequent class over an equal share", _CLASSES),
    Quantity("classifier_score", "", "sureness and variety of the classes; 1 is the least, more is better", _SURENESS),
    Quantity(
        "classifier_score_std", "", "standard deviation of the classifier score over 10 parts of the samples", _SURENESS
    ),
    Quantity("sliced_wasserstein", "", "mean distance of random projections; less is better", "Sliced Wasserstein"),
    Quantity(
        "ms_ssim", "", "likeness of pairs of generated samples; more than of real ones is less variety", _LIKENESS
    ),
    Quantity("ms_ssim_real", "", "likeness of pairs of real samples", _LIKENESS),
    Quantity("wasserstein", _FEATURES, "Wasserstein-1 distance of generated samples to real ones", _ASSIGNED),
    Quantity("wasserstein_floor", _FEATURES, "Wasserstein-1 distance between two sets of real samples", _ASSIGNED),
    Quantity(
        "frequency_distance",
        "cycles in a signal's length",
        "Wasserstein-1 distance of the frequencies of generated signals to those of real ones",
        _FREQUENCIES,
    ),
    Quantity(
        "frequency_distance_floor", "cycles in a signal's length", "the same between two halves of real", _FREQUENCIES
    ),
    Quantity(
        "decay_distance",
        "powers of e in a signal's length",
        "Wasserstein-1 distance of the decays of generated signals to those of real ones",
        _DECAYS,
    ),
    Quantity(
        "decay_distance_floor", "powers of e in a signal's length", "the same between two halves of real", _DECAYS
    ),
    Quantity("oscillation_misfit", "", "share of energy that no damped oscillation explains", _MISFIT),
    Quantity("oscillation_misfit_real", "", "the same of real signals", _MISFIT),
    Quantity(
        "mean_error",
        "real deviations",
        "greatest difference, over the features, of the generated mean from the real",
        _FEATURES_OF_TABLES,
    ),
    Quantity(
        "deviation_error",
        "",
        "greatest difference, over the features, of the generated deviation over the real from 1",
        _FEATURES_OF_TABLES,
    ),
    Quantity(
        "marginal_distance",
        "real deviations",
        "Wasserstein-1 distance of a feature's values to the real ones, mean over the features",
        _FEATURES_OF_TABLES,
    ),
    Quantity("marginal_distance_floor", "real deviations", "the same between two halves of real", _FEATURES_OF_TABLES),
    Quantity(
        "correlation_error",
        "",
        "root of the mean square difference of the features' correlations from the real ones",
        _FEATURES_OF_TABLES,
    ),
    Quantity("nearest_training_distance", _FEATURES, "mean from generated to nearest training sample", _NEAREST),
    Quantity(
        "nearest_training_distance_held_out", _FEATURES, "mean from held-out to nearest training sample", _NEAREST
    ),
    Quantity(
        "nearest_training_ratio",
        "",
        "distance of generated samples over that of held-out ones: towards 0 for copies",
        "Memorising",
    ),
)
_HELD_OUT = tuple(
    dataclasses.replace(
        quantity,
        name=f"validation_{quantity.name}",
        meaning=f"{quantity.meaning}; on held-out samples",
        gathered="",
        short="held_out" if quantity.name == "wasserstein_estimate" else "",
    )
    for quantity in _OF_STEPS
    if quantity.name not in ("generator_loss", "learning_rate", "skipped_updates")
    and not quantity.name.endswith(("_min", "_max"))
)

QUANTITIES = {quantity.name: quantity for quantity in (*_OF_STEPS, *_HELD_OUT, *_AT_LOGS, *_OF_METRICS)}


def charts(names):
    """{title: names} of the charts that these names fill, in the table's order."""
    found = {}
    for quantity in QUANTITIES.values():
        if quantity.chart and quantity.name in names:
            found.setdefault(quantity.chart, []).append(quantity.name)
    return found


def shown(values):
    """{short name: value} of what stands in the progress line, in the table's order."""
    return {q.short: values[q.name] for q in QUANTITIES.values() if q.short and q.name in values}


def duration(seconds):
    """A time in words: 40 seconds, 12 minutes, 3.5 hours, 5.2 days."""
    for unit, size in (("days", 86_400), ("hours", 3600)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"

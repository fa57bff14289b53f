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
    Quantity("evaluation_seconds", "s", "that the evaluation at this step took"),
    Quantity("modes_covered", "", "modes with a generated sample within 4 sigma", "Modes", short="modes_covered"),
    Quantity(
        "within_4_sigma", "", "share of generated samples within 4 sigma of a mode", "Modes", short="within_4_sigma"
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

QUANTITIES = {quantity.name: quantity for quantity in (*_OF_STEPS, *_HELD_OUT, *_AT_LOGS)}


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

"""The table of metrics. A new one is a file in this folder and a row here; importing it costs nothing."""

import dataclasses
import importlib

from wgangp_tf.errors import UserError, unknown_name


@dataclasses.dataclass(frozen=True)
class Row:
    """A metric by name.

    Attributes:
      module: file of this folder with `measure(real, fake) -> {name: float}`, where `real` is a `data.source.Split` and
        `fake` an array [n, *sample] in the same units (uint8 for images).
      summary: one line, source included.
      values: names of what it measures.
      needs_labels: whether the real samples must be labelled.
      needs_modes: whether the modes of the real samples must be known.
      quick: whether it takes no longer than a step, and so is measured at each log.
    """

    module: str
    summary: str
    values: tuple[str, ...]
    needs_labels: bool = False
    needs_modes: bool = False
    quick: bool = False


METRICS = {
    "neighbours": Row(
        module="neighbours",
        summary="precision, recall (Kynkäänniemi et al. 2019), density, coverage (Naeem et al. 2020), 5 neighbours",
        values=("precision", "recall", "density", "coverage"),
    ),
    "class_balance": Row(
        module="class_balance",
        summary="shares of the classes over equal ones, by a support vector machine on the real samples",
        values=("class_accuracy", "class_ratio_min", "class_ratio_max"),
        needs_labels=True,
    ),
    "modes": Row(
        module="modes",
        summary="modes covered and share of samples within 4 sigma of one, where the modes are known (toy mixtures)",
        values=("modes_covered", "within_4_sigma"),
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


def quick(real):
    """Names of the metrics that are measured at each log of a training on these samples."""
    return [name for name, row in METRICS.items() if row.quick and _lacks(row, real) is None]


def measure(name, real, fake):
    """The values of a metric.

    Args:
      name: key of `METRICS`.
      real: `data.source.Split`.
      fake: array [n, *sample], in the units of `real.samples`.

    Returns:
      {name: float}.

    Raises:
      UserError: no such metric, or the samples are not what it needs.
    """
    row = find(name)
    if tuple(fake.shape[1:]) != real.sample_shape:
        raise UserError(f"fake must be samples of shape {real.sample_shape}. Received: {tuple(fake.shape[1:])}")
    lacking = _lacks(row, real)
    if lacking is not None:
        raise UserError(f"metric {name!r} needs {lacking} of the real samples. Received: none")
    return importlib.import_module(f"wgangp_tf.metrics.{row.module}").measure(real, fake)


def _lacks(row, real):
    """What a metric needs and these samples do not have, or None."""
    if row.needs_labels and real.labels is None:
        return "labels"
    return "the modes" if row.needs_modes and real.modes is None else None

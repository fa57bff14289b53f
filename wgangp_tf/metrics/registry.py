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
    """

    module: str
    summary: str
    values: tuple[str, ...]
    needs_labels: bool = False


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
}


def find(name):
    """The row of a metric.

    Raises:
      UserError: no such name.
    """
    if name not in METRICS:
        raise unknown_name("metric", name, METRICS)
    return METRICS[name]


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
    if row.needs_labels and real.labels is None:
        raise UserError(f"metric {name!r} needs labels of the real samples. Received: none")
    return importlib.import_module(f"wgangp_tf.metrics.{row.module}").measure(real, fake)

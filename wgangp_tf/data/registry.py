"""The table of data sets. A new one is a file in this folder and a row here; importing it costs nothing."""

import dataclasses
import importlib
from collections.abc import Mapping
from typing import Any

from wgangp_tf.errors import unknown_name

_SIZE = (64, 64)  # of pictures of any size, where none is asked for


@dataclasses.dataclass(frozen=True)
class Row:
    """A data set by name.

    Attributes:
      module: file of this folder with `load(data, storage) -> Source`.
      summary: one line for `list`.
      kind: "images" or "points".
      sample_shape: what `load` gives where nothing else is asked for, or None where only the data tells.
      size: number of training samples, or None where only the data tells.
      defaults: config values that suit this data set.
    """

    module: str
    summary: str
    kind: str = "images"
    sample_shape: tuple[int, ...] | None = None
    size: int | None = None
    defaults: Mapping[str, Any] = dataclasses.field(default_factory=dict)


DATASETS = {
    "digits": Row(
        module="digits",
        summary="1,797 handwritten digits, 8x8 grey, embedded in scikit-learn",
        sample_shape=(8, 8, 1),
        size=1500,
        # chosen by measurement: benchmarks/README.md
        defaults={
            "network": "mlp",
            "width": 256,
            "n_critic": 3,
            "learning_rate": 2e-3,
            "learning_rate_decay": "linear",
            "ema_decay": 0.99,
            "steps": 3000,
        },
    ),
}


def find(name):
    """The row of a data set.

    Raises:
      UserError: no such name.
    """
    if name not in DATASETS:
        raise unknown_name("dataset", name, DATASETS)
    return DATASETS[name]


def sample_shape(data):
    """Shape of one sample of the data set a `config.Data` names, without loading it."""
    row = find(data.dataset)
    if row.sample_shape is not None and data.image_size is None:
        return row.sample_shape
    return (*(data.image_size or _SIZE), data.channels or 3)


def load(data, storage):
    """The data set a `config.Data` names, prepared as it says.

    Args:
      data: `config.Data`.
      storage: `settings.Storage`.

    Returns:
      A `Source`.

    Raises:
      UserError: no such name, or the data cannot be used.
    """
    module = importlib.import_module(f"wgangp_tf.data.{find(data.dataset).module}")
    return module.load(data, storage)

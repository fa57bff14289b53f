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


# The authors' script for toy data; its gp_weight of 0.1 differs from the paper's 10.
_TOY_DEFAULTS = {
    "network": "mlp",
    "width": 512,
    "latent_dim": 2,
    "gp_weight": 0.1,
    "batch_size": 256,
    "learning_rate": 1e-4,
    "beta_1": 0.5,
    "beta_2": 0.9,
}

DATASETS = {
    "digits": Row(
        module="digits",
        summary="1,797 handwritten digits, 8x8 grey, embedded in scikit-learn",
        sample_shape=(8, 8, 1),
        size=1500,
        defaults={"network": "mlp"},
    ),
    "8gaussians": Row(
        module="toy",
        summary="50,000 points of 8 Gaussians on a circle",
        kind="points",
        sample_shape=(2,),
        size=50_000,
        defaults=_TOY_DEFAULTS,
    ),
    "25gaussians": Row(
        module="toy",
        summary="50,000 points of 25 Gaussians on a grid",
        kind="points",
        sample_shape=(2,),
        size=50_000,
        defaults=_TOY_DEFAULTS,
    ),
    "swiss_roll": Row(
        module="toy",
        summary="50,000 points of a Swiss roll seen from the side",
        kind="points",
        sample_shape=(2,),
        size=50_000,
        defaults=_TOY_DEFAULTS,
    ),
    "folder": Row(
        module="folder",
        summary="your own pictures: any tree of JPEG, PNG, GIF, BMP and WebP files under --data_dir",
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

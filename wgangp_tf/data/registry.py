"""The table of data sets. A new one is a file in this folder and a row here; nothing heavy is imported until then.

Beside the table, every image data set of tensorflow-datasets has its name there.
"""

import contextlib
import ctypes
import dataclasses
import difflib
import importlib
from collections.abc import Callable, Mapping
from typing import Any

from wgangp_tf import presets
from wgangp_tf.config import Data, check_choice
from wgangp_tf.data import array
from wgangp_tf.data import tensorflow_datasets as tfds_sets
from wgangp_tf.data.source import described
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import Spec, of_pictures

_SIZE = (64, 64)  # of pictures in folders, where none is asked for


@dataclasses.dataclass(frozen=True)
class Row:
    """A data set by name.

    Attributes:
      module: file of this folder with `load(data, storage) -> Source` and `class_names(data, storage)`, the names of
        the classes it would have.
      summary: one line for `list`.
      kind: of its samples, see `samples.spec.KINDS`.
      sample_shape: what `load` gives where nothing else is asked for, or None where only the data tells.
      size: number of training samples, or None where only the data tells.
      fixed_size: whether the samples come in `sample_shape` only.
      folders: whether the pictures lie in folders named by their class.
      features: key of `metrics.features.FEATURES`, a classifier of samples of `sample_shape`; None where there is none.
      own_labels: whether its labels have names that the user says.
      places: which of `PLACES` it has a use for.
      prepared: which fields of `Storage` say how its prepared samples are kept, or how many may be missing.
      defaults: config values that suit this data set; those of a preset where naming the data set means the preset
        (which may add to them).
      spec: callable (data, storage) → `Spec`, as `spec` below, of a data set whose samples the table cannot say.
      complete: callable data → `config.Data` with what is left out of it written out; None where the spec says it.
      check: callable (data, storage), which raises a UserError where nothing can be loaded; as quick as a look.
      by_axes: {axes of a sample, channels included: config values}, in place of `defaults` for such samples of it.
    """

    module: str
    summary: str
    kind: str = "images"
    sample_shape: tuple[int, ...] | None = None
    size: int | None = None
    fixed_size: bool = False
    folders: bool = False
    features: str | None = None
    own_labels: bool = False
    places: tuple[str, ...] = ()
    prepared: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    by_axes: Mapping[int, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    spec: Callable | None = None
    complete: Callable | None = None
    check: Callable | None = None


def _check_folder(data, storage):
    del data
    if storage.data_dir is not None:
        from wgangp_tf.data import listing

        listing.check_folder(storage.data_dir)


PLACES = {"data_dir": "folder", "data_file": "array"}  # fields of `Storage` that say where a data set of one's own is
_TFDS_PLACES = ("data_dir", "manual_dir", "download")
_KEPT = ("cache", "cache_dir")
_FROM_FILES = (*_KEPT, "max_bad_files")
_OF_ARRAYS = ("array", "channels_last", "scale", "scale_axes")  # fields of `Data`
_OF_PICTURES = ("image_size", "channels", "crop", "flip", "resize", "dequantize")
_WORDS = {"points": "points of the plane", "arrays": "arrays"}

DATASETS = {
    "digits": Row(
        module="digits",
        summary="1,797 handwritten digits, 8x8 grey, embedded in scikit-learn",
        sample_shape=(8, 8, 1),
        size=1500,
        fixed_size=True,
        features="digits",
        defaults=presets.DIGITS,
    ),
    "stacked_digits": Row(
        module="stacked_digits",
        summary="128,000 stacks of three digits, 8x8 colour: 1,000 modes to cover",
        sample_shape=(8, 8, 3),
        size=128_000,
        fixed_size=True,
        defaults={
            "network": "mlp",
            "width": 512,
            "n_critic": 2,
            "learning_rate": 2e-3,
            "learning_rate_decay": "linear",
            "ema_decay": 0.99,
            "steps": 4000,
        },
    ),
    "8gaussians": Row(
        module="toy",
        summary="50,000 points of 8 Gaussians on a circle",
        kind="points",
        sample_shape=(2,),
        size=50_000,
        defaults=presets.find("toy_8gaussians"),
    ),
    "25gaussians": Row(
        module="toy",
        summary="50,000 points of 25 Gaussians on a grid",
        kind="points",
        sample_shape=(2,),
        size=50_000,
        defaults=presets.find("toy_25gaussians"),
    ),
    "swiss_roll": Row(
        module="toy",
        summary="50,000 points of a Swiss roll seen from the side",
        kind="points",
        sample_shape=(2,),
        size=50_000,
        defaults=presets.find("toy_swiss_roll"),
    ),
    "signals": Row(
        module="signals",
        summary="10,000 damped oscillations of random frequency, decay and phase, 64 values each",
        kind="arrays",
        sample_shape=(64, 1),
        size=10_000,
        defaults=presets.find("signals"),
    ),
    "wine": Row(
        module="wine",
        summary="161 wines of three cultivars, 13 features of very different scales, embedded in scikit-learn",
        kind="arrays",
        sample_shape=(13,),
        size=161,
        defaults=presets.find("wine"),
    ),
    "shapes": Row(
        module="shapes",
        summary="3,600 lit shapes drawn by this project, 32x32 colour, through the way of folders",
        sample_shape=(32, 32, 3),
        size=3600,
        folders=True,
        prepared=_FROM_FILES,
        features="shapes",
        defaults=presets.SHAPES,
    ),
    "folder": Row(
        module="folder",
        summary="your own pictures: any tree of JPEG, PNG, GIF, BMP and WebP files under --data_dir",
        folders=True,
        places=("data_dir",),
        prepared=_FROM_FILES,
        check=_check_folder,
        # small pictures that can be looked at after minutes: those that want larger ones name a size
        defaults=presets.OWN_PICTURES,
    ),
    "array": Row(
        module="array",
        summary="your own arrays and tables: a .npy, .npz, .csv or .parquet file, --data_file",
        kind="arrays",
        own_labels=True,
        places=("data_file",),
        prepared=("cache",),
        spec=array.spec,
        complete=array.completed,
        check=array.spec,
        by_axes={1: presets.OWN_VECTORS, **dict.fromkeys((2, 3, 4), presets.OWN_MAPS)},
    ),
    "celeb_a": Row(
        module="tensorflow_datasets",
        summary="162,770 faces of CelebA, the centred 178x178 square of each, 64x64",
        places=_TFDS_PLACES,
        prepared=_KEPT,
        sample_shape=(64, 64, 3),
        size=162_770,
        defaults=presets.find("celeb_a"),
    ),
    "mnist": Row(
        module="tensorflow_datasets",
        summary="60,000 handwritten digits, 28x28 grey",
        places=_TFDS_PLACES,
        prepared=_KEPT,
        sample_shape=(28, 28, 1),
        size=60_000,
    ),
    "fashion_mnist": Row(
        module="tensorflow_datasets",
        summary="60,000 pieces of clothing, 28x28 grey",
        places=_TFDS_PLACES,
        prepared=_KEPT,
        sample_shape=(28, 28, 1),
        size=60_000,
    ),
    "cifar10": Row(
        module="tensorflow_datasets",
        summary="50,000 small photographs of 10 classes, 32x32 colour",
        places=_TFDS_PLACES,
        prepared=_KEPT,
        sample_shape=(32, 32, 3),
        size=50_000,
    ),
}

_SURELY_MEANT = 0.9  # similarity from which a name is taken for a misspelt one of ours without asking tfds


def find(name):
    """The row of a data set; those of tensorflow-datasets without a row of their own share a plain one.

    Raises:
      UserError: no such name, here or there.
    """
    if name in DATASETS:
        return DATASETS[name]
    if name not in tfds_sets.packaged_names():
        nearest = difflib.get_close_matches(name, DATASETS, n=1, cutoff=_SURELY_MEANT)
        if nearest:
            raise _unknown(name, nearest)
        if not tfds_sets.knows(name):
            everything = [*DATASETS, *tfds_sets.known_names()]
            raise _unknown(name, difflib.get_close_matches(name, everything, n=1, cutoff=0.6))
    return Row(
        module="tensorflow_datasets",
        summary=f"{name} of tensorflow-datasets",
        places=_TFDS_PLACES,
        prepared=_KEPT,
        spec=tfds_sets.spec,
    )


def _unknown(name, nearest):
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    known = ", ".join(DATASETS)
    return UserError(f"Unknown dataset {name!r}.{hint} Known: {known}, and any image data set of tensorflow-datasets.")


def spec(data, storage):
    """What a sample of the data set a `config.Data` names is, without loading it: all of the `Spec` but what only the
    data tells, classes and a scale.

    Args:
      data: `config.Data`.
      storage: `settings.Storage`.
    """
    row = find(data.dataset)
    _check_options(data, row)
    if row.spec is not None:
        return row.spec(data, storage)
    if row.kind != "images":
        return Spec(row.kind, row.sample_shape)
    *size, channels = row.sample_shape or (*_SIZE, 3)
    return of_pictures((*(data.image_size or size), data.channels or channels), dequantized=data.dequantize)


def defaults(data, storage):
    """{field: value}: the config values that suit the data set a `config.Data` names."""
    row = find(data.dataset)
    if not row.by_axes:
        return row.defaults
    return row.by_axes.get(len(spec(data, storage).shape), row.defaults)


def complete(data, spec):
    """A `config.Data` with what the data has by itself written out; `spec` is that of its samples."""
    row = find(data.dataset)
    if row.complete is not None:
        return row.complete(data)
    if spec.kind != "images":
        return data
    *size, channels = spec.shape
    return dataclasses.replace(data, image_size=tuple(size), channels=channels)


def class_names(data, storage):
    """Names of the classes that a data set's labels stand for, without loading it: a tuple, () for none.

    Raises:
      UserError: no such name, no folder, or a data set without labels.
    """
    module = importlib.import_module(f"wgangp_tf.data.{find(data.dataset).module}")
    return tuple(module.class_names(data, storage))


def check(data, storage):
    """Raises a UserError if a data set has no use for what is asked of it, or its folder is not there; loads nothing.

    Args:
      data: `config.Data`, which names it.
      storage: `settings.Storage`.
    """
    row = find(data.dataset)
    _check_options(data, row)
    for name in dict.fromkeys((*PLACES, *_TFDS_PLACES)):
        value = getattr(storage, name)
        if value and name not in row.places:
            meant = f" Did you mean dataset={PLACES[name]}?" if name in PLACES else ""
            raise UserError(f"dataset {data.dataset!r} has no use for {name}. Received: {name}={value}.{meant}")
    if row.check is not None:
        row.check(data, storage)


def check_given(data, given):
    """Raises a UserError for a flag about prepared samples that a data set has no use for.

    Args:
      data: `config.Data`, which names it.
      given: {flag: value}, without those left out.
    """
    useless = [name for name in _FROM_FILES if name in given and name not in find(data.dataset).prepared]
    if useless:
        received = f"{useless[0]}={given[useless[0]]}"
        raise UserError(f"dataset {data.dataset!r} has no use for {useless[0]}. Received: {received}")


def _check_options(data, row):
    """Raises a UserError for options of other samples than these are."""
    useless = {} if row.kind == "images" else dict.fromkeys(_OF_PICTURES, f"holds {_WORDS[row.kind]}, not pictures")
    if "data_file" not in row.places:
        useless |= dict.fromkeys(_OF_ARRAYS, "is no array of your own")
    for name, why in useless.items():
        if getattr(data, name) != getattr(Data, name):
            raise UserError(f"dataset {data.dataset!r} {why}. Received: {name}={getattr(data, name)}")
    if not row.own_labels:
        check_choice("labels", data.labels, ("none", "auto", "folder"))
    if data.labels == "folder" and not row.folders:
        raise UserError(f"dataset {data.dataset!r} has no folders to take labels from. Received: labels=folder")
    if row.fixed_size:
        _check_fixed(data, row)


def _check_fixed(data, row):
    height, width, channels = row.sample_shape
    for name in ("crop", "resize"):
        if getattr(data, name) != getattr(Data, name):
            raise UserError(
                f"dataset {data.dataset!r} has {height}x{width} pictures, which are not cut or resized. "
                f"Received: {name}={getattr(data, name)}"
            )
    if data.image_size not in (None, (height, width)):
        received = "x".join(map(str, data.image_size))
        raise UserError(f"dataset {data.dataset!r} has {height}x{width} pictures. Received: image_size={received}")
    if data.channels not in (None, channels):
        plural = "s" if channels > 1 else ""
        raise UserError(f"dataset {data.dataset!r} has {channels} channel{plural}. Received: channels={data.channels}")


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
    check(data, storage)
    row = find(data.dataset)
    module = importlib.import_module(f"wgangp_tf.data.{row.module}")
    source = described(module.load(data, storage), row.features)
    _give_back_memory()
    return source


def _give_back_memory():
    """What was needed to read the data goes back to the system; glibc keeps it while anything lies above it."""
    with contextlib.suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)

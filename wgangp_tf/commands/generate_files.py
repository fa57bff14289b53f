"""The files that `generate` writes: a table of forms, each of the samples that it has a way for."""

import dataclasses
import io
from collections.abc import Callable

import numpy as np

from wgangp_tf import files
from wgangp_tf.errors import UserError, either

DIRECTORY = "directory"
TITLE = "generated"  # of its PNG files
_ROWS = 1000  # of a table that are text at a time


@dataclasses.dataclass(frozen=True)
class Form:
    """What may be written.

    Attributes:
      write: callable (samples, `serving.load.Generator`, pathlib.Path, `samples.columns.Columns` of a picture or None,
        `labels` of the samples).
      fits: callable, `samples.spec.Spec` → whether such samples can be written so.
    """

    write: Callable
    fits: Callable


def usual(card):
    """The suffix of the file where none is named.

    Args:
      card: dict of the SavedModel, or {}.
    """
    samples = card.get("samples", {})
    if samples.get("kind") != "arrays":
        return ".png"
    # as they are stored: an axis of channels that the networks alone see is no reason against a table
    axes = len(samples.get("shape", ())) - (not samples.get("channel_axis", True))
    return ".csv" if samples.get("features") and axes == 1 else ".npy"


def check(spec, out, form):
    """Raises a UserError if samples of a `Spec` cannot be written in a form."""
    if FORMS[form].fits(spec):
        return
    what = "points" if spec.kind == "points" else f"samples of shape {spec.stored_shape}"
    fitting = suffixes([name for name, row in FORMS.items() if row.fits(spec)])
    raise UserError(f"--out expects a {fitting} file for {what}. Received: {str(out)!r}")


def suffixes(names=None):
    """Suffixes in words: all of them, or some."""
    return either([name for name in (names or FORMS) if name != DIRECTORY])


def name(number):
    """Of a picture in a directory."""
    return f"{number:06d}.png"


def labels(generator, count, seed, columns):
    """Names of the samples' classes, text [count]; None where the generator takes none, or does not name them.

    Args:
      generator: `serving.load.Generator`.
      count, seed: ints, of the samples.
      columns: `samples.columns.Columns` that were asked for, or None.
    """
    spec = generator.spec
    if not (generator.conditional and spec.classes and (columns or spec.class_frequencies)):
        return None
    numbers = generator.labels_of(count, seed) if columns is None else columns.of_samples
    return np.array(spec.classes)[numbers]


def _labels_name(generator):
    """What the data calls its labels, or None where they have no name."""
    data = generator.card.get("config", {}).get("data", {})
    return data.get("labels") if data.get("dataset") == "array" else None


def _picture(samples, generator, out, columns, labels):
    from wgangp_tf.samples import drawing

    del labels
    drawing.write(out, drawing.picture(generator.spec, samples, columns=columns), TITLE)


def _pictures(samples, generator, out, columns, labels):
    from wgangp_tf.samples import drawing

    del generator, columns, labels
    out.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(samples):
        drawing.write(out / name(number), image, TITLE)


def _npy(samples, generator, out, columns, labels):
    del generator, columns, labels
    buffer = io.BytesIO()
    np.save(buffer, samples)
    files.replace(out, buffer.getvalue())


def _npz(samples, generator, out, columns, labels):
    """The samples, by the name that they had in the data, else as the SavedModel calls its output; their classes."""
    del columns
    config = generator.card.get("config", {})
    arrays = {config.get("data", {}).get("array") or generator.spec.output: samples}
    if labels is not None:
        name = _labels_name(generator)
        arrays["labels" if name is None or name in arrays else name] = labels
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    files.replace(out, buffer.getvalue())


def _csv(samples, generator, out, columns, labels):
    """A line of the columns' names, where they have some, then one a sample, each number as short as float32 allows.

    The last column holds the classes, where there are some: columns without names are numbered then, so that its name
    can stand above it.
    """
    import csv

    del columns
    text, features = io.StringIO(), generator.spec.features
    writer = csv.writer(text, lineterminator="\n")
    if labels is not None:
        own = _labels_name(generator) if features else None
        writer.writerow([*(features or range(samples.shape[1])), own or "label"])
    elif features:
        writer.writerow(features)
    for start in range(0, len(samples), _ROWS):
        rows = samples[start : start + _ROWS].astype(str)
        if labels is not None:
            rows = np.column_stack([rows, labels[start : start + _ROWS]])
        writer.writerows(rows)
    files.replace(out, text.getvalue())


FORMS = {
    ".png": Form(_picture, lambda spec: spec.drawable),
    ".npy": Form(_npy, lambda spec: True),
    ".npz": Form(_npz, lambda spec: True),
    ".csv": Form(_csv, lambda spec: len(spec.stored_shape) == 1),
    DIRECTORY: Form(_pictures, lambda spec: spec.drawable and spec.kind == "images"),
}

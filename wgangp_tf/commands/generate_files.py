"""The files that `generate` writes: a table of forms, each of the samples that it has a way for."""

import dataclasses
import io
from collections.abc import Callable

import numpy as np

from wgangp_tf import files
from wgangp_tf.errors import UserError

DIRECTORY = "directory"
_ROWS = 1000  # of a table that are text at a time


@dataclasses.dataclass(frozen=True)
class Form:
    """What may be written.

    Attributes:
      write: callable (samples, `serving.load.Generator`, pathlib.Path, `samples.columns.Columns` of a picture or None).
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
    *others, last = [name for name in (names or FORMS) if name != DIRECTORY]
    return f"{', '.join(others)} or {last}"


def name(number):
    """Of a picture in a directory."""
    return f"{number:06d}.png"


def _picture(samples, generator, out, columns):
    from wgangp_tf.samples import drawing

    drawing.write(out, drawing.picture(generator.spec, samples, columns=columns))


def _pictures(samples, generator, out, columns):
    from wgangp_tf.samples import drawing

    del generator, columns
    out.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(samples):
        drawing.write(out / name(number), image)


def _npy(samples, generator, out, columns):
    del generator, columns
    buffer = io.BytesIO()
    np.save(buffer, samples)
    files.replace(out, buffer.getvalue())


def _npz(samples, generator, out, columns):
    """One array, of the name that it had in the data, else as the SavedModel calls its output."""
    del columns
    config = generator.card.get("config", {})
    buffer = io.BytesIO()
    np.savez(buffer, **{config.get("data", {}).get("array") or generator.spec.output: samples})
    files.replace(out, buffer.getvalue())


def _csv(samples, generator, out, columns):
    """A line of the columns' names, where they have some, then one a sample, each number as short as float32 allows."""
    import csv

    del columns
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if generator.spec.features:
        writer.writerow(generator.spec.features)
    for start in range(0, len(samples), _ROWS):
        writer.writerows(samples[start : start + _ROWS].astype(str))
    files.replace(out, text.getvalue())


FORMS = {
    ".png": Form(_picture, lambda spec: spec.drawable),
    ".npy": Form(_npy, lambda spec: True),
    ".npz": Form(_npz, lambda spec: True),
    ".csv": Form(_csv, lambda spec: len(spec.stored_shape) == 1),
    DIRECTORY: Form(_pictures, lambda spec: spec.drawable and spec.kind == "images"),
}

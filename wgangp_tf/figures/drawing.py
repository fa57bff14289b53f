"""A figure from its files of numbers alone: no training, no TensorFlow."""

import importlib
import io
import json
import pathlib
import zipfile

import numpy as np

from wgangp_tf.errors import UserError
from wgangp_tf.figures import style

FORMAT = 1  # of numbers.json that this draws


def read(directory, name):
    """(values, arrays) of a figure: what numbers.json and numbers.npz hold.

    Raises:
      UserError: there are none, or those of another figure or format.
    """
    directory = pathlib.Path(directory)
    path = directory / "numbers.json"
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        packed = io.BytesIO((directory / "numbers.npz").read_bytes())
        with np.load(packed, allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
    except FileNotFoundError as error:
        raise UserError(
            f"--redraw expects the numbers of figure {name!r} in {str(directory)!r}; leave it out to make them"
        ) from error
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(f"the numbers in {str(directory)!r} cannot be read ({error}); make them anew") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        have = values.get("format") if isinstance(values, dict) else None
        raise UserError(f"{str(path)!r} expected to have format {FORMAT}. Received: {have}; make the numbers anew")
    if values.get("figure") != name:
        raise UserError(f"{str(path)!r} expected to be of figure {name!r}. Received: {values.get('figure')!r}")
    return values, arrays


def draw(directory, name):
    """Draws a figure into its directory, name.png and name.svg; returns their paths.

    A module of this folder with the figure's name has `draw(values, arrays) -> matplotlib Figure`, and may have
    `extras(values, arrays, directory) -> paths` for what is no still picture.
    """
    values, arrays = read(directory, name)
    module = importlib.import_module(f"wgangp_tf.figures.{name}")
    paths = style.save(module.draw(values, arrays), pathlib.Path(directory), name)
    return paths + list(getattr(module, "extras", lambda *_: ())(values, arrays, pathlib.Path(directory)))

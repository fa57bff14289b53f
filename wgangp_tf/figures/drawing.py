"""A figure from its files of numbers alone: no training, no TensorFlow."""

import importlib
import pathlib

from wgangp_tf import files
from wgangp_tf.figures import number_files, style


def draw(directory, name):
    """Draws a figure into its directory, name.png and name.svg; returns their paths.

    A module of this folder with the figure's name has `draw(values, arrays) -> matplotlib Figure`, and may have
    `extras(values, arrays) -> {file name: bytes}` for what is no still picture, None for a file that has to go. No
    file is touched before all are drawn.

    Raises:
      UserError: see `number_files.read`; or the numbers are not what the figure draws.
    """
    values, arrays = number_files.read(directory, name)
    module = importlib.import_module(f"wgangp_tf.figures.{name}")
    with number_files.used(directory):
        drawn = style.pictures(module.draw(values, arrays), name)
        drawn |= getattr(module, "extras", lambda *_: {})(values, arrays)
    directory = pathlib.Path(directory)
    for file, data in drawn.items():
        if data is None:
            (directory / file).unlink(missing_ok=True)
        else:
            files.replace(directory / file, data)
    return [directory / file for file, data in drawn.items() if data is not None]


def in_words(directory, name):
    """The lines of a figure and its checks, for those who read no picture.

    Raises:
      UserError: see `draw`.
    """
    values = number_files.read_values(directory, name)
    with number_files.used(directory):
        return [*values.get("lines", ()), *map(_in_words, values["checks"])]


def _in_words(check):
    holds = "holds" if check["holds"] else "DOES NOT HOLD"
    return f"{check['name']}: {number_files.said(check['value'])} ({check['bound']}) {holds}"

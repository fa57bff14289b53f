"""A figure from its files of numbers alone: no training, no TensorFlow."""

import importlib
import pathlib

from wgangp_tf.figures import number_files, style


def draw(directory, name):
    """Draws a figure into its directory, name.png and name.svg; returns their paths.

    A module of this folder with the figure's name has `draw(values, arrays) -> matplotlib Figure`, and may have
    `extras(values, arrays, directory) -> paths` for what is no still picture.

    Raises:
      UserError: see `number_files.read`.
    """
    values, arrays = number_files.read(directory, name)
    module = importlib.import_module(f"wgangp_tf.figures.{name}")
    paths = style.save(module.draw(values, arrays), pathlib.Path(directory), name)
    return paths + list(getattr(module, "extras", lambda *_: ())(values, arrays, pathlib.Path(directory)))

"""`reproduce`: a figure of the papers, from its trainings to its picture."""

import os
import pathlib
import time

from wgangp_tf.commands import environment
from wgangp_tf.commands.flags import Flag
from wgangp_tf.console import say
from wgangp_tf.errors import UserError
from wgangp_tf.experiments import registry
from wgangp_tf.experiments.place import Place

SUMMARY = "make a figure of the papers: train, measure, draw"
FLAGS = (
    Flag("figure", str, "flags", "name of the figure, or all; left out, it says which there are"),
    Flag("small", bool, "flags", "the version for minutes on two cores; the paper's full size takes days", False),
    Flag("redraw", bool, "flags", "draw again from the numbers that are there, without training", False),
    Flag("out", str, "flags", "directory of the numbers and pictures; figures/<figure> where left out", path=True),
)
_ROOT = pathlib.Path("figures")


def run(given, stop):
    """Makes a figure, or all of them and a page.

    Args:
      given: {flag: value}, without those left out.
      stop: `stopping.Stop` in force.

    Raises:
      UserError: no such figure, or no numbers to draw from.
    """
    if "figure" not in given:
        raise UserError(f"reproduce expects --figure=<name>. Known: {', '.join(registry.FIGURES)}, all")
    name = given["figure"]
    if name != "all":
        registry.find(name)
        _make(name, pathlib.Path(given.get("out") or _ROOT / name), given, stop)
        return
    root = pathlib.Path(given.get("out") or _ROOT)
    began = time.monotonic()
    for number, figure in enumerate(registry.FIGURES):
        minutes = (time.monotonic() - began) / 60
        say(f"figure {number + 1} of {len(registry.FIGURES)}: {figure} ({minutes:.0f} minutes so far)")
        _make(figure, root / figure, given, stop)
    from wgangp_tf.figures import page

    page.write(root / "index.html", {figure: root / figure for figure in registry.FIGURES})
    print(root / "index.html")


def _make(name, out, given, stop):
    if out.exists() and not out.is_dir():
        raise UserError(f"--out expects a directory. Received: {os.fspath(out)!r}, a file")
    from wgangp_tf.figures import drawing

    if not given.get("redraw"):
        place = Place(out, bool(given.get("small")), say, stop)
        place.write(name, registry.experiment(name).measure(place), environment.versions())
    paths = drawing.draw(out, name)
    values, _ = drawing.read(out, name)
    for line in values.get("lines", ()):
        print(line)
    for check in values["checks"]:
        holds = "holds" if check["holds"] else "DOES NOT HOLD"
        print(f"{check['name']}: {check['value']:.4g} ({check['bound']}) {holds}")
    for path in paths:
        print(path)

"""`reproduce`: a figure of the papers, from its trainings to its picture."""

import os
import pathlib
import time

from wgangp_tf import quiet, settings
from wgangp_tf.commands import environment, outputs
from wgangp_tf.commands.flags import Flag, of
from wgangp_tf.console import say
from wgangp_tf.errors import UserError
from wgangp_tf.experiments import registry
from wgangp_tf.experiments.place import Place

_BEDROOMS = "bedrooms"
_STORAGE = ("data_dir", "manual_dir", "download", "cache_dir")
SUMMARY = "make a figure of the papers: train, measure, draw"
FLAGS = (
    Flag("figure", str, "flags", "name of the figure, or all; left out, it says which there are"),
    Flag("small", bool, "flags", "the version for minutes on two cores; the paper's full size takes days", False),
    Flag("redraw", bool, "flags", "draw again from the numbers that are there, without training", False),
    Flag(
        "run_dir", str, "flags", "a run to make figure samples of, in place of a short training of its own", path=True
    ),
    Flag("saved_model", str, "flags", "a SavedModel to make figure samples of", path=True),
    Flag("out", str, "flags", "directory of the numbers and pictures; figures/<figure> where left out", path=True),
    *(flag for flag in of(settings.Storage) if flag.name in _STORAGE),
    Flag(
        _BEDROOMS,
        str,
        "flags",
        "a folder of pictures to take in place of LSUN's bedrooms, which cannot be prepared with this TensorFlow",
        path=True,
    ),
)
_ROOT = pathlib.Path("figures")
_PAGE = "index.html"
_OF = ("run_dir", "saved_model")


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
    _check_of(name, given)
    if name != "all":
        out = pathlib.Path(given.get("out") or _ROOT / name)
        _check_place(out)
        _check_numbers({name: out}, given)
        _prepare({name: out}, given, stop)
        _make(name, out, given, stop)
        return
    root = pathlib.Path(given.get("out") or _ROOT)
    for place in (root, *(root / figure for figure in registry.FIGURES)):
        _check_place(place)
    _check_page(root / _PAGE)
    places = {figure: root / figure for figure in registry.FIGURES}
    _check_numbers(places, given)
    _prepare(places, given, stop)
    began = time.monotonic()
    for number, figure in enumerate(registry.FIGURES):
        minutes = (time.monotonic() - began) / 60
        left = sum(row.minutes for row in list(registry.FIGURES.values())[number:])
        ahead = f", about {left} to go" if given.get("small") and not given.get("redraw") else ""
        say(f"figure {number + 1} of {len(registry.FIGURES)}: {figure} ({minutes:.0f} minutes so far{ahead})")
        _make(figure, root / figure, given, stop)
    from wgangp_tf.figures import page

    page.write(root / _PAGE, places)
    print(root / _PAGE)


def _check_of(name, given):
    """Raises a UserError for no such figure, or one that is not made of what the flags name."""
    if name != "all":
        registry.find(name)
    if given.get("redraw"):
        for flag in (*_STORAGE, _BEDROOMS):
            if given.get(flag):
                raise UserError(f"--redraw reads no data set. Received: --{flag}={given[flag]} beside it")
    asked = [flag for flag in _OF if flag in given]
    if not asked:
        return
    received = " ".join(f"--{flag}={given[flag]}" for flag in asked)
    takes = [figure for figure, row in registry.FIGURES.items() if set(asked) <= set(row.of)]
    if name not in takes:
        raise UserError(f"--{asked[0]} is for --figure={' or '.join(takes)}. Received: {received} and --figure={name}")
    if len(asked) > 1:
        raise UserError(f"figure {name!r} expects one of --{' and --'.join(asked)}. Received: {received}")
    if given.get("redraw"):
        raise UserError(f"--redraw draws from the numbers that are there alone. Received: {received} beside it")


def _check_place(out):
    """Raises a UserError where there can be no directory."""
    outputs.check_directory(out, "out")


def _check_page(path):
    """Raises a UserError where the page would replace something else."""
    from wgangp_tf.figures import page

    if path.exists() and not page.ours(path):
        raise _not_ours(path)


def _not_ours(path):
    return UserError(
        "--out expects a directory in which nothing has to be replaced but what reproduce made. "
        f"Received: {os.fspath(path)!r}, which something else made"
    )


def _check_numbers(places, given):
    """Raises a UserError where others' files would be replaced, or where the numbers to draw are not as asked for.

    Args:
      places: {figure: directory}.
      given: {flag: value}.
    """
    from wgangp_tf.figures import number_files

    for name, out in places.items():
        if not given.get("redraw"):
            found = number_files.foreign(out, name)
            if found is not None:
                raise _not_ours(found)
            continue
        small = number_files.read(out, name)[0].get("small")
        if given.get("small", small) != small:
            size = "the small version" if small else "the full size"
            raise UserError(
                f"--redraw draws the numbers that are there, and those in {os.fspath(out)!r} are of {size}. Received: "
                f"--small={str(given['small']).lower()} beside it"
            )


def _prepare(places, given, stop):
    """Prepares every data set of figures before the first training.

    Args:
      places: {figure: directory}.
      given, stop: see `run`.

    Raises:
      UserError: one cannot be had, or a flag says where data lies and no figure needs any.
    """
    if given.get("redraw"):
        return
    needs = {name: registry.data(name, bool(given.get("small"))) for name in places}
    _check_use(given, [need for need in needs.values() if need is not None])
    if given.get("small") and (len(places) > 1 or not any(flag in given for flag in _OF)):
        # a figure of somebody's run alone trains nothing, and those networks may be wide
        with stop.deferred():  # imports do not stand an interruption
            _set_threads()
        stop.check()
    for name, out in places.items():
        if needs[name] is not None:
            from wgangp_tf.experiments import trainings

            trainings.prepare(_place(out, given, stop), needs[name])


def _set_threads():
    """Has TensorFlow run operations as in a training of narrow networks: all of the small versions are narrow."""
    quiet.start()
    from wgangp_tf.training import runtime

    runtime.set_threads(settings.Execution(strategy="one"), narrow=True)


def _check_use(given, needs):
    """Raises a UserError for a flag that says where data lies and no figure needs it.

    Args:
      given: see `run`.
      needs: what trainings on data sets that have to be prepared are given, {flag: value} each.
    """
    from wgangp_tf.experiments import trainings

    of_bedrooms = [trainings.on_bedrooms(need) for need in needs]
    prepared = not all(of_bedrooms) or (needs and not given.get(_BEDROOMS))  # by tensorflow-datasets
    used = (*(_STORAGE if prepared else ["cache_dir"] if needs else []), *([_BEDROOMS] if any(of_bedrooms) else []))
    for flag in (*_STORAGE, _BEDROOMS):
        if given.get(flag) and flag not in used:
            size = "the small version" if given.get("small") else "the full size"
            raise UserError(
                f"{size} of figure {given['figure']!r} has no use for {flag}. Received: --{flag}={given[flag]}"
            )


def _place(out, given, stop):
    what, storage = ({flag: given[flag] for flag in flags if flag in given} for flags in (_OF, _STORAGE))
    return Place(out, bool(given.get("small")), say, stop, what, storage, given.get(_BEDROOMS))


def _make(name, out, given, stop):
    from wgangp_tf.figures import drawing

    if not given.get("redraw"):
        place = _place(out, given, stop)
        place.write(name, registry.experiment(name).measure(place), environment.versions())
    lines = drawing.in_words(out, name)
    for line in (*lines, *drawing.draw(out, name)):
        print(line)

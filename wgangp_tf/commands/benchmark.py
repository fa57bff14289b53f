"""`benchmark`: how near this machine's limit a training step runs, and how far ahead of what others would run."""

import json
import os
import pathlib

from wgangp_tf import config as configs
from wgangp_tf import files
from wgangp_tf.commands import environment, outputs
from wgangp_tf.commands.flags import Flag
from wgangp_tf.console import say, show
from wgangp_tf.errors import UserError, system_reason

SUMMARY = "measure this machine's limits and the speed of training steps, beside others' steps where there are any"
FLAGS = (
    Flag(
        "preset",
        str,
        "flags",
        "what to measure: presets, digits or zoo_dcgan64, separated by commas, or as further words",
    ),
    Flag(
        "precision",
        str,
        "flags",
        "separated by commas; float32, and half precision where the machine has instructions for it, where left out",
    ),
    Flag("beside", str, "flags", "who else is measured: keras, keras_xla, torch_zoo, torch_expert, or none"),
    Flag("batch_size", int, "flags", "real samples per critic update; those of the presets where left out"),
    Flag("turns", int, "flags", "how often each takes its turn; numbers are medians over them", 7),
    Flag("curves", bool, "flags", "also measure a step by batch, image size, n_critic and replicas", False),
    Flag("max_minutes", float, "flags", "stop after so many minutes and keep what was measured"),
    Flag("out", str, "flags", "directory for benchmark.json, its charts and speed.md; none where left out", path=True),
    Flag(
        "page", str, "flags", "a second place for speed.md, such as docs/speed.md; its charts go beside it", path=True
    ),
)
WORDS = "preset"
_NUMBERS, _PAGE = "benchmark.json", "speed.md"


def run(given, stop):
    """Measures, prints the tables, and writes what was asked for.

    Args:
      given: {flag: value}, without those left out.
      stop: `stopping.Stop` in force: a signal ends it, and what was measured is kept.

    Raises:
      UserError: a name or a number that cannot be used, or a place that cannot be written.
    """
    del stop
    _check_numbers(given)
    places = _places(given)
    asked = _asked(given)
    from wgangp_tf.speed import measure, process, turns, works

    curves = None
    if given.get("curves"):
        selected = asked["selected"]
        curves = selected[0] if len(selected) == 1 else works.find(works.OF_CURVES)
    session = measure.Session(
        **asked,
        turns_each=given.get("turns", 7),
        deadline=turns.until(given.get("max_minutes")),
        versions=environment.versions() | _others(asked["beside"]),
        say=say,
    )
    try:
        session.run(curves, lambda numbers: _keep(numbers, places))
    except process.Late:
        say(f"the {given['max_minutes']:g} minutes are over; what was measured is kept")
    except process.Failed as error:
        raise UserError(f"expected a machine on which products of matrices can be timed. Received: {error}") from error
    finally:
        _show(session.numbers, places)


def _check_numbers(given):
    if "max_minutes" in given:
        configs.check_range("max_minutes", given["max_minutes"], 1e-3, 1e6)
    configs.check_range("turns", given.get("turns", 7), 1, 10_000)


def _asked(given):
    """What is to be measured: works, precisions, who is beside ours; as `measure.Session` takes it."""
    from wgangp_tf.speed import contestants, works

    changed = {"batch_size": given["batch_size"]} if "batch_size" in given else {}
    names = _words(given["preset"]) if "preset" in given else works.DEFAULT
    if not names:
        raise UserError(f"--preset expects names, such as {', '.join(works.DEFAULT)}. Received: {given['preset']!r}")
    return {
        "selected": [works.find(name, **changed) for name in names],
        "precisions": _precisions(_words(given["precision"])) if "precision" in given else None,
        "beside": contestants.names(given.get("beside")),
    }


def _precisions(names):
    """The precisions of a list of names, "bfloat16" for "mixed_bfloat16" allowed."""
    known = [name for name in configs.PRECISIONS if name != "auto"]
    whole = [f"mixed_{name}" if f"mixed_{name}" in known else name for name in names]
    if not whole:
        raise UserError(f"--precision expects names, separated by commas: {', '.join(known)}. Received: none")
    for name in whole:
        configs.check_choice("precision", name, known)
    return list(dict.fromkeys(whole))


def _words(text):
    return list(dict.fromkeys(filter(None, (word.strip() for word in text.split(",")))))


def _others(beside):
    """{package: version} of what others are measured with."""
    from wgangp_tf.speed import contestants

    packages = {contestants.CONTESTANTS[name].package for name in beside} - {None}
    return {package: environment.version(package) for package in sorted(packages)}


def _places(given):
    """Where files go: {"out": directory or None, "page": file or None}.

    Raises:
      UserError: nothing can be written there, or something else would be replaced.
    """
    found = {"out": None, "page": None}
    if "out" in given:
        found["out"] = pathlib.Path(given["out"])
        outputs.check_directory(found["out"], "out")
        _check_out(found["out"])
    if "page" in given:
        found["page"] = pathlib.Path(given["page"])
        _check_page(found["page"])
    return found


def _made_by_us(path):
    """Whether a file of numbers is a benchmark's."""
    from wgangp_tf.speed import measure

    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("program") == measure.PROGRAM


def _check_out(out):
    """Raises a UserError where something else would be replaced: the numbers say whose what lies beside them is."""
    if os.path.lexists(out / _NUMBERS):
        if not _made_by_us(out / _NUMBERS):
            raise _not_ours("out", out / _NUMBERS)
        return
    _check_charts("out", out, "benchmark")
    if os.path.lexists(out / _PAGE) and not _page_of_ours(out / _PAGE):
        raise _not_ours("out", out / _PAGE)


def _check_charts(flag, directory, stem):
    from wgangp_tf.samples import drawing

    for path in (directory / f"{stem}.png", directory / f"{stem}_curves.png"):
        if os.path.lexists(path) and not drawing.ours(path):
            raise _not_ours(flag, path)


def _not_ours(flag, path):
    return UserError(
        f"--{flag} expects a directory in which benchmark replaces nothing but its own. Received: "
        f"{os.fspath(path)!r}, which something else made"
    )


def _check_page(page):
    """Raises a UserError where something else would be replaced: a page of ours says that its charts are."""
    if not os.path.lexists(page):
        outputs.check_directory(page.parent, "page")
        _check_charts("page", page.parent, page.stem)
        return
    outputs.check_file(page, "page")
    if not _page_of_ours(page):
        raise UserError(
            f"--page expects a new file, or one that benchmark made. Received: {os.fspath(page)!r}, which is "
            "something else"
        )


def _page_of_ours(path):
    from wgangp_tf.figures import speed_page

    return path.is_file() and path.read_text(encoding="utf-8", errors="replace").startswith(speed_page.FIRST_LINE)


def _keep(numbers, places):
    """Writes the numbers, so that a machine that stops leaves what was measured."""
    if places["out"] is None:
        return
    try:
        places["out"].mkdir(parents=True, exist_ok=True)
        files.replace(places["out"] / _NUMBERS, json.dumps(numbers, indent=2) + "\n")
    except OSError as error:
        raise UserError(
            f"--out expects a directory that can be written. Received: {os.fspath(places['out'])!r} "
            f"({system_reason(error)})"
        ) from error


def _show(numbers, places):
    """Prints the tables and writes the pages, of what was measured."""
    from wgangp_tf.figures import speed_table

    if not numbers["machine"]:
        return
    for what, value in speed_table.limits(numbers):
        show(f"{what}: {value}")
    show()
    show(speed_table.plain(speed_table.rows(numbers["lines"])))
    for axis, of in numbers["curves"].items():
        show(f"\n{of['work']}\n{speed_table.plain(speed_table.curve(axis, of))}")
    show(f"\nstart-up: {speed_table.start_up(numbers)}")
    _keep(numbers, places)
    if places["out"] is not None:
        _write(numbers, places["out"] / _PAGE, "benchmark")
        print(places["out"] / _NUMBERS)
    if places["page"] is not None:
        places["page"].parent.mkdir(parents=True, exist_ok=True)
        _write(numbers, places["page"], places["page"].stem)
        print(places["page"])


def _write(numbers, page, stem):
    """Writes a page and its charts beside it."""
    from wgangp_tf.figures import speed, speed_page, style

    drawn = style.pictures(speed.draw(numbers), stem)
    curves = f"{stem}_curves"
    has_curves = bool(speed.measured_curves(numbers))
    if has_curves:
        drawn |= style.pictures(speed.draw_curves(numbers), curves)
    for name, data in drawn.items():
        if name.endswith(".png"):
            files.replace(page.with_name(name), data)
    text = speed_page.text(numbers, f"{stem}.png", f"{curves}.png" if has_curves else None)
    files.replace(page, text)

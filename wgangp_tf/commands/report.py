"""`report`: a run, or several side by side → one HTML page that loads nothing."""

import os
import pathlib

from wgangp_tf.commands import outputs
from wgangp_tf.commands.flags import Flag
from wgangp_tf.console import say
from wgangp_tf.errors import UserError, system_reason
from wgangp_tf.training import health

SUMMARY = "write a page with what a run shows, or with several runs side by side"
FLAGS = (
    Flag("run_dir", str, "flags", "the directory of the run", path=True),
    Flag(
        "compare",
        str,
        "flags",
        "directories of two runs or more, separated by commas, or as further words",
        path=True,
        several=True,
    ),
    Flag(
        "out",
        str,
        "flags",
        "the HTML file; report.html in the run's directory, or for several runs in the current one, where left out",
        path=True,
    ),
)
WORDS = "compare"  # the flag that words after it belong to as well
_PAGE = "report.html"


def run(given, stop):
    """Writes the page, and prints where it is.

    Args:
      given: {flag: value}, without those left out.
      stop: `stopping.Stop` in force.

    Raises:
      UserError: there is no such run, or the page cannot be written.
    """
    del stop  # a signal ends it at once: what is half written has another name
    if ("run_dir" in given) == ("compare" in given):
        received = "both" if "run_dir" in given else "neither"
        raise UserError(f"report expects --run_dir=<run> or --compare=<run>,<run>,… Received: {received}")
    if "out" in given and os.path.isdir(os.path.dirname(given["out"]) or "."):
        outputs.check("out", given["out"])
    from wgangp_tf.figures import report, report_of_several, run_files

    if "run_dir" in given:
        found = run_files.read(given["run_dir"], say)
        _write(given.get("out") or found.path / _PAGE, report.write, found, _verdicts(found))
    else:
        runs = _named([run_files.read(path, say) for path in _checked(given["compare"])])
        _write(given.get("out") or _PAGE, report_of_several.write, runs)


def _verdicts(run):
    """Sentences on the health of a run, [] where nothing was found; None where there are no log lines to look at."""
    if not run.lines:
        return None
    course = health.course_of(run.lines, run.config)
    return [course.too_early] if course.too_early else course.sentences()


def _checked(paths):
    """The directories to compare, as they were given."""
    if len(paths) < 2:
        received = repr(paths[0]) if paths else "no path"
        raise UserError(f"--compare expects two runs or more, separated by commas. Received: {received}")
    places = [os.path.realpath(path) for path in paths]
    for number, place in enumerate(places):
        if place in places[:number]:
            raise UserError(f"--compare expects each run once. Received: {paths[number]!r} twice")
    return paths


def _named(runs):
    """{name: run}: the names of their directories, or where two are the same, their paths."""
    names = [run.name for run in runs]
    return {run.name if names.count(run.name) == 1 else str(run.path): run for run in runs}


def _write(out, write, *of):
    """Writes a page, unless it would replace something else."""
    from wgangp_tf.figures import report_parts

    out = pathlib.Path(out)
    if out.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--out expects a .html file in a directory that exists. Received: {os.fspath(out)!r}")
    if os.path.lexists(out) and not report_parts.ours(out):
        raise UserError(
            f"--out expects a new file, or one that report made. Received: {os.fspath(out)!r}, which is something else"
        )
    outputs.check_file(out, "out", "a .html file")
    try:
        write(out, *of)
    except OSError as error:
        raise UserError(
            f"--out expects a file that can be written. Received: {os.fspath(out)!r} ({system_reason(error)})"
        ) from error
    print(out)

"""The page of one run: what it is, whether it is healthy, its pictures, curves, numbers and settings."""

import time

from wgangp_tf import quantities
from wgangp_tf.figures import charts, report_parts, run_files
from wgangp_tf.figures.report_parts import number, table, text, tree

MOST_PICTURES = 60  # in a page; beyond, a step of the slider says little
MOST_BYTES = 12_000_000  # of them: a page has to be opened, and sent
_BAD_FILES = 20  # left-out pictures that are named
_COUNTS = ("real_samples", "samples", "seed", "repeats")  # of an evaluation


def write(path, run, verdicts=None):
    """Writes the page of a run.

    Args:
      path: of the HTML file.
      run: `run_files.Run`.
      verdicts: list of sentences on the run's health; [] where nothing was found, None where nothing was looked for.
    """
    drawn = charts.of_run(run)
    sections = {
        "top": (f"Run {run.name}", _facts(run)),
        "verdicts": ("Verdicts", _verdicts(run, verdicts)),
        "samples": ("Samples", _samples(run)),
        **curves([run], drawn),
        "evaluations": ("Evaluations", _evaluations(run)),
        "numbers": ("Last numbers", _last(run)),
        "config": ("Config", tree(run.config.to_tree())),
        "data": ("Data", _data(run)),
        "environment": ("Environment", _environment(run)),
    }
    data = {"runs": [charts.data(run)], "charts": drawn}
    report_parts.write(path, f"{run.name}: report of a run", sections, data)


def state(run):
    """How far a run is, in words."""
    steps = run.config.optimization.steps
    return f"{run.step:,} of {steps:,}" + ("" if run.trained else ", not finished")


def written():
    """When a page was written, in words."""
    return f'<p class="soft">Written {time.strftime("%Y-%m-%d %H:%M", time.gmtime())} UTC.</p>\n'


def _facts(run):
    last = {name: value for name, (_, value) in run.last().items()}
    facts = {
        "method": text(run.config.model.method),
        "network": text(run.config.model.network),
        "data set": text(run.config.data.dataset),
        "step": text(state(run)),
    }
    if "seconds" in last:
        facts["trained for"] = text(quantities.duration(last["seconds"]))
    facts |= {name: number(value) for name, value in quantities.shown(last).items()}
    rows = "".join(f"<div><dt>{text(name)}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    return f'<dl class="facts">{rows}</dl>\n<p><code>{text(run.path)}</code></p>\n{written()}'


def _verdicts(run, verdicts):
    if verdicts is None:
        return "<p>Nothing was looked for.</p>\n"
    if not run.lines:
        return "<p>There is no log line yet to judge by.</p>\n"
    if not verdicts:
        return "<p>None of the known faults was found in the log.</p>\n"
    return '<ul class="verdicts">' + "".join(f"<li>{text(verdict)}</li>\n" for verdict in verdicts) + "</ul>\n"


def _samples(run):
    pictures, count = run_files.pictures(run, MOST_PICTURES, MOST_BYTES)
    real = run_files.real_picture(run)
    if not pictures:
        return "<p>There is no picture of samples: none was drawn yet, or there is no way to draw such samples.</p>\n"
    shown = "".join(
        report_parts.picture(
            picture,
            f"generated samples at step {picture.step:,}",
            f'data-step="{picture.step}"' + ("" if picture is pictures[-1] else " hidden"),
        )
        for picture in pictures
    )
    thinned = (
        f"{len(pictures)} of {count} pictures, evenly apart, so that the page stays small. "
        if len(pictures) < count
        else ""
    )
    beside = (
        f"<figure><figcaption>real samples</figcaption>{report_parts.picture(real, 'real samples')}</figure>"
        if real
        else ""
    )
    last = len(pictures) - 1
    return (
        f'<p class="soft">{thinned}The same latents each time.</p>\n'
        '<div class="slider" hidden><label for="step">Step</label>'
        f'<input type="range" id="step" min="0" max="{last}" value="{last}" step="1">'
        '<output for="step"></output></div>\n'
        f'<div class="pair"><figure><figcaption>generated samples</figcaption>{shown}</figure>{beside}</div>\n'
    )


def curves(runs, drawn):
    """The sections of the charts: those of gradients apart from the others.

    Args:
      runs: list of `run_files.Run`.
      drawn: list of charts as `charts` makes them.

    Returns:
      {id: (heading, HTML)}.
    """
    found = {}
    for name, heading, norms in (("curves", "Curves", False), ("norms", "Gradient norms", True)):
        parts = [report_parts.chart(place, chart) for place, chart in enumerate(drawn) if chart["norms"] == norms]
        said = "Nothing of this kind was logged." if any(run.lines for run in runs) else "There is no log line yet."
        found[name] = (heading, f'<div class="charts">{"".join(parts)}</div>\n' if parts else f"<p>{said}</p>\n")
    heading, html = found["curves"]
    return found | {"curves": (heading, (_axis(runs) if drawn else "") + html)}


def _axis(runs):
    """What the curves are drawn over, to choose, and how many log lines are left out."""
    thinned = [
        f"Of the {len(run.lines):,} log lines of {text(run.name)} {charts.MOST_LINES:,} are drawn, evenly apart. "
        for run in runs
        if len(run.lines) > charts.MOST_LINES
    ]
    names = {"step": "step", "images": "real samples seen", "seconds": "seconds"}
    options = "".join(f'<option value="{name}">{said}</option>' for name, said in names.items())
    return (
        f'<p class="controls" hidden><label>Over <select id="axis">{options}</select></label></p>\n'
        f'<p class="soft">{"".join(thinned)}Drag over a chart to look closer, double-click to go back; a box of the '
        "key hides a curve.</p>\n"
    )


def _evaluations(run):
    if not run.evaluations:
        return "<p>The samples of this run were not evaluated yet.</p>\n"
    names = list(dict.fromkeys(name for line in run.evaluations for name in line["values"]))
    rows = []
    for line in run.evaluations:
        step = number(line["step"]) if isinstance(line.get("step"), int) else text(line.get("of", "none"))
        facts = [f'<span class="phrase">{text(line.get("against", ""))}</span>', *map(_count, map(line.get, _COUNTS))]
        rows.append([step, *(measured(line, name) for name in names), *facts])
    return table(["step", *map(text, names), "against", *map(text, _COUNTS)], rows)


def _count(value):
    return number(value) if isinstance(value, int) else ""


def measured(line, name):
    """A value of an evaluation, its deviation where there were repeats, and the features that it is measured by."""
    if name not in line["values"]:
        return ""
    spread = line["std"].get(name)
    spread = f" ± {number(spread)}" if isinstance(spread, float) else ""
    features = line["features"].get(name)
    return f'<span class="whole">{number(line["values"][name])}{spread}</span>' + (
        f"<small>{text(features)}</small>" if features else ""
    )


def _last(run):
    rows = []
    for name, (step, value) in run.last().items():
        row = quantities.QUANTITIES.get(name)
        said = (row.unit, row.meaning) if row else ("", "")
        unit, told = (f"<small>{text(part)}</small>" if part else "" for part in said)
        rows.append([f"<code>{text(name)}</code>{told}", number(value) + unit, number(step)])
    if not rows:
        return "<p>There is no log line yet.</p>\n"
    return table(["name", "number", "at step"], rows)


def _data(run):
    facts = run.environment.get("data")
    found = tree(facts) if isinstance(facts, dict) else "<p>The run says nothing of its data yet.</p>\n"
    report = run.data_report
    files = report.get("files") if isinstance(report.get("files"), list) else []
    files = [bad for bad in files if isinstance(bad, dict) and {"file", "reason"} <= set(bad)]
    if report:
        found += "<h3>Files that were left out or passed over</h3>\n"
        found += tree({name: value for name, value in report.items() if name != "files"})
        rows = [[f"<code>{text(bad['file'])}</code>", text(bad["reason"])] for bad in files[:_BAD_FILES]]
        if not files:
            return found
        more = f"{len(files):,} files, of which {_BAD_FILES} are named here" if len(files) > _BAD_FILES else ""
        found += table(["file", "reason"], rows, more)
    return found


def _environment(run):
    found = {name: value for name, value in run.environment.items() if name not in ("data", "sessions")}
    sessions = run.environment.get("sessions")
    if isinstance(sessions, list) and len(sessions) > 1:
        found["sessions"] = [one.get("command_line", "") for one in sessions if isinstance(one, dict)]
    if run.exported:
        found["export"] = {name: run.exported[name] for name in ("step", "export_dir") if name in run.exported}
    return tree(found) if found else "<p>The run says nothing of its environment yet.</p>\n"

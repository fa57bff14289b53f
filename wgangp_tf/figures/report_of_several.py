"""The page of several runs: what differs between them, their last numbers, and their curves over one another."""

from wgangp_tf import config as configs
from wgangp_tf import quantities
from wgangp_tf.figures import charts, report, report_parts, run_files
from wgangp_tf.figures.report_parts import number, setting, table, text
from wgangp_tf.metrics import registry as metrics

_SAMPLES = 3_000_000  # bytes of a run's last picture at most


def write(path, runs):
    """Writes the page.

    Args:
      path: of the HTML file.
      runs: {name: `run_files.Run`}, two or more.
    """
    drawn = charts.of_runs(runs)
    sections = {
        "top": (f"{len(runs)} runs", _runs(runs)),
        "differences": ("What differs in their configs", _differences(runs)),
        **report.curves(list(runs.values()), drawn),
        "numbers": ("Last numbers", _last(runs)),
        "evaluations": ("Best evaluations", _evaluations(runs)),
        "samples": ("Last samples", _samples(runs)),
    }
    data = {"runs": [charts.data(run) | {"name": name} for name, run in runs.items()], "charts": drawn}
    report_parts.write(path, f"{', '.join(runs)}: report of {len(runs)} runs", sections, data)


def _runs(runs):
    rows = [
        [
            text(name),
            text(run.config.model.method),
            text(run.config.data.dataset),
            f'<span class="phrase">{text(report.state(run))}</span>',
            f"<code>{text(run.path)}</code>",
        ]
        for name, run in runs.items()
    ]
    return table(["run", "method", "data set", "step", "directory"], rows) + report.written()


def _differences(runs):
    values = {name: configs.to_values(run.config) for name, run in runs.items()}
    fields = [field for field in next(iter(values.values())) if len({repr(own[field]) for own in values.values()}) > 1]
    if not fields:
        return "<p>Nothing: they are of one config.</p>\n"
    rows = [[f"<code>{text(field)}</code>", *(setting(own[field]) for own in values.values())] for field in fields]
    return table(["field", *map(text, runs)], rows)


def _last(runs):
    last = {name: run.last() for name, run in runs.items()}
    names = dict.fromkeys(quantity for own in last.values() for quantity in own)
    if not names:
        return "<p>None of them has a log line yet.</p>\n"
    rows = []
    for quantity in names:
        row = quantities.QUANTITIES.get(quantity)
        unit = f"<small>{text(row.unit)}</small>" if row and row.unit else ""
        cells = [number(own[quantity][1]) if quantity in own else "" for own in last.values()]
        rows.append([f"<code>{text(quantity)}</code>{unit}", *cells])
    return table(["name", *map(text, runs)], rows)


def best(run, value):
    """The best evaluation of a run by one value, the first of equal ones; the last where neither end is the good one.

    Args:
      run: `run_files.Run`.
      value: name of the value.

    Returns:
      a line of `Run.evaluations`, or None.
    """
    lines = [line for line in run.evaluations if value in line["values"]]
    sign = {"less": 1, "more": -1}.get(metrics.BETTER.get(value))
    if sign is None:
        return lines[-1] if lines else None
    return min(lines, key=lambda line: sign * line["values"][value], default=None)


def _evaluations(runs):
    names = dict.fromkeys(name for run in runs.values() for line in run.evaluations for name in line["values"])
    if not names:
        return "<p>The samples of none of them were evaluated yet.</p>\n"
    rows = []
    for name in names:
        cells = []
        for run in runs.values():
            line = best(run, name)
            cells.append("" if line is None else report.measured(line, name) + _way(line))
        which = {"less": "less is better", "more": "more is better"}.get(metrics.BETTER.get(name), "the last")
        rows.append([f"<code>{text(name)}</code><small>{which}</small>", *cells])
    said = "Numbers compare where features, number of samples and what they stand against are the same."
    return f'<p class="soft">{said}</p>\n' + table(["value", *map(text, runs)], rows)


def _way(line):
    step = f"step {line['step']:,}, " if isinstance(line.get("step"), int) else ""
    samples = f"{line['samples']:,} samples" if isinstance(line.get("samples"), int) else ""
    against = f" against {line['against']}" if line.get("against") else ""
    return f"<small>{text(step + samples + against)}</small>"


def _samples(runs):
    figures = []
    for name, run in runs.items():
        pictures, _ = run_files.pictures(run, 1, _SAMPLES)
        if pictures:
            shown = report_parts.picture(pictures[-1], f"samples of {name} at step {pictures[-1].step:,}")
            caption = f"{text(name)}, step {pictures[-1].step:,}"
            figures.append(f"<figure><figcaption>{caption}</figcaption>{shown}</figure>")
    if not figures:
        return "<p>None of them has a picture of samples.</p>\n"
    return f'<div class="pair">{"".join(figures)}</div>\n'

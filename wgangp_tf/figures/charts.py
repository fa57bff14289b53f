"""Which curves a report draws: charts of a run's quantities, and of one quantity over several runs, as data."""

from wgangp_tf import quantities
from wgangp_tf.figures import run_files

MOST_LINES = 4_000  # log lines of a run that are drawn: more are slow to draw, and no wider than a screen
_CLOCK = ("step", "images", "seconds")  # what a curve may be drawn over
_NORM = quantities.QUANTITIES["gradient_norm"].unit
_PENALTY_CHART = quantities.QUANTITIES["gradient_penalty"].chart
_GRADIENT_CHARTS = {_PENALTY_CHART, *(row.chart for row in quantities.QUANTITIES.values() if row.unit == _NORM)}
_FEW = 30.0  # times the least value: beyond, a curve on a linear axis lies on its floor


def of_run(run):
    """The charts of a run's log lines and evaluations.

    Args:
      run: `run_files.Run`.

    Returns:
      list of charts as `_chart` makes them.
    """
    columns = run.columns()
    drawn = quantities.charts(columns)
    known = [name for names in drawn.values() for name in names]
    drawn |= {name: [name] for name in columns if name not in (*known, *_CLOCK)}  # numbers that no row tells of
    found = []
    for title, names in drawn.items():
        series = [_series(0, place, name, name, columns[name]) for place, name in enumerate(names)]
        found.append(_chart(title, series))
    return found + _of_evaluations(run)


def of_runs(runs):
    """The charts of several runs, one for each quantity that any of them logged or evaluated, a curve for each run.

    Args:
      runs: {name: `run_files.Run`}.
    """
    columns = {name: run.columns() for name, run in runs.items()}
    logged = dict.fromkeys(quantity for own in columns.values() for quantity in own)
    known = [name for names in quantities.charts(logged).values() for name in names]
    others = [name for name in logged if name not in (*known, *_CLOCK)]
    found = []
    for quantity in (*known, *others):
        series = [
            _series(number, number, quantity, name, own[quantity])
            for number, (name, own) in enumerate(columns.items())
            if quantity in own
        ]
        found.append(_chart(quantity, series, of_one=True))
    return found + _of_evaluations_of_runs(runs)


def data(run):
    """What the page keeps of a run's log lines, for its charts.

    Returns:
      dict: name and path as text, `columns` {name: [number or None]}, `lines` how many log lines there are, and
      `evaluations`.
    """
    columns = run.columns()
    places = run_files.evenly(len(run.lines), MOST_LINES)
    thinned = {name: [numbers[place] for place in places] for name, numbers in columns.items()}
    evaluations = [{"step": found.get("step"), "values": found["values"]} for found in run.evaluations]
    return {
        "name": run.name,
        "path": str(run.path),
        "lines": len(run.lines),
        "columns": thinned,
        "evaluations": evaluations,
    }


def _chart(title, series, *, of_one=False):
    """A chart: its title, unit and meaning, whether it tells of gradients, what its axis may be, and its curves.

    Args:
      title: text.
      series: list of curves as `_series` makes them.
      of_one: whether they are all of one quantity, whose meaning is then the chart's.
    """
    least, greatest = min(one["least"] for one in series), max(one["greatest"] for one in series)
    rows = [quantities.QUANTITIES.get(one["name"]) for one in series]
    norms = any(row is not None and row.chart in _GRADIENT_CHARTS for row in rows)
    told = {"meaning": series[0]["meaning"]} if of_one else {"meaning": ""}
    return {
        "title": title,
        "unit": series[0]["unit"],
        **told,
        "norms": norms,
        "positive": least > 0,
        "log": norms and least > 0 and greatest > _FEW * least,
        "series": series,
    }


def _series(run, look, name, label, numbers, **more):
    """A curve: the place of its run, its colour and dashes, its column, what it is called, its unit and meaning."""
    row = quantities.QUANTITIES.get(name)
    there = [number for number in numbers if number is not None]
    return {
        "run": run,
        "look": look,
        "name": name,
        "label": label,
        "unit": row.unit if row else "",
        "meaning": row.meaning if row else "",
        "least": min(there),
        "greatest": max(there),
        **more,
    }


def _of_evaluations(run):
    """Charts of what was evaluated at two steps or more in the same way; a curve for each way."""
    found = {}
    for value, way, places in _curves(run):
        series = found.setdefault(value, [])
        series.append(_evaluated(run, value, places, run=0, look=len(series), label=in_words(way)))
    return [_chart(f"Evaluated: {value}", series) for value, series in found.items()]


def _of_evaluations_of_runs(runs):
    """The same of several runs: a chart for each value, a curve for each run and way.

    Where all its curves are of one way, the chart says it once, else each curve does.
    """
    found = {}
    for number, (name, run) in enumerate(runs.items()):
        ways = {}  # of each value, how many so far
        for value, way, places in _curves(run):
            # the first looks as its run does everywhere, the others as no run does
            place = ways[value] = ways.get(value, -1) + 1
            curve = _evaluated(run, value, places, run=number, look=number + place * len(runs), label=name)
            found.setdefault(value, []).append((in_words(way), curve))
    charts = []
    for value, curves in found.items():
        alike = len({way for way, _ in curves}) == 1
        series = [one if alike else one | {"label": f"{one['label']}: {way}"} for way, one in curves]
        chart = _chart(f"Evaluated: {value}", series, of_one=True)
        charts.append(chart | {"meaning": "; ".join(filter(None, [chart["meaning"], alike and curves[0][0]]))})
    return charts


def _curves(run):
    """Yields (value, way, places in `run.evaluations` by step) of what was evaluated at two steps or more.

    A way is what decides whether two numbers compare: the features, what the samples stand against, and how many.
    """
    steps = [line.get("step") for line in run.evaluations]
    found = {}
    for place, line in enumerate(run.evaluations):
        if type(steps[place]) is not int:
            continue
        for value in line["values"]:
            way = (line["features"].get(value), line.get("against"), line.get("samples"), line.get("real_samples"))
            found.setdefault(value, {}).setdefault(way, []).append(place)
    for value, ways in found.items():
        for way, places in ways.items():
            if len({steps[place] for place in places}) > 1:
                yield value, way, sorted(places, key=steps.__getitem__)


def _evaluated(of, value, places, **more):
    """A curve of a value at some places of `of.evaluations`; `more` as `_series` takes it."""
    numbers = [of.evaluations[place]["values"][value] for place in places]
    return _series(name=value, numbers=numbers, of=places, **more)


def in_words(way):
    """How a value was measured, in words."""
    features, against, samples, real_samples = way
    parts = [
        f"{features} features" if features else "",
        f"{samples:,} samples" if type(samples) is int else "",
        f"against {against}" if against else "",
        f"{real_samples:,} real samples"
        if type(real_samples) is int and f"{real_samples:,}" not in str(against)
        else "",
    ]
    return ", ".join(filter(None, parts)) or "evaluated"

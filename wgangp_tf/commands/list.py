"""`list`: what there is to choose from."""

from wgangp_tf import presets
from wgangp_tf.console import show
from wgangp_tf.data import registry as data_sets
from wgangp_tf.experiments import registry as figures
from wgangp_tf.gan import methods
from wgangp_tf.metrics import features
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.networks import registry as networks

SUMMARY = "show the data sets, methods, networks, presets, figures, metrics and features"
FLAGS = ()


def run(given, stop):
    """Prints the tables of what has a name."""
    del given, stop
    _print("data sets (--dataset)", _summaries(data_sets.DATASETS))
    _print("methods (--method)", _summaries(methods.METHODS))
    _print("networks (--network), or module:function of your own", _summaries(networks.NETWORKS))
    for title, group in presets.GROUPS.items():
        _print(f"presets (--preset) {title}", {name: summary + _also(name) for name, (summary, _) in group.items()})
    _print("figures (reproduce --figure), or all", _of_figures())
    _print("metrics (evaluate --metrics)", _summaries(metrics.METRICS))
    _print("features (evaluate --features)", _summaries(features.FEATURES))


def _also(name):
    """The other names of a preset, in words."""
    others = [alias for alias, of in presets.ALIASES.items() if of == name]
    return f" (also: {', '.join(others)})" if others else ""


def _summaries(table):
    return {name: row.summary for name, row in table.items()}


def _of_figures():
    return {name: f"{row.summary}; about {row.minutes} minutes with --small" for name, row in figures.FIGURES.items()}


def _print(title, rows):
    show(title)
    width = max(map(len, rows))
    for name, summary in rows.items():
        show(f"  {name:{width}}  {summary}")
    show()

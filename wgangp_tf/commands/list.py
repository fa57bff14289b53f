"""`list`: what there is to choose from."""

from wgangp_tf import presets
from wgangp_tf.data import registry as data_sets
from wgangp_tf.gan import methods
from wgangp_tf.networks import registry as networks

SUMMARY = "show the data sets, methods, networks and presets"
FLAGS = ()


def run(given, stop):
    """Prints the tables of data sets, methods, networks and presets."""
    del given, stop
    _print("data sets (--dataset)", _summaries(data_sets.DATASETS))
    _print("methods (--method)", _summaries(methods.METHODS))
    _print("networks (--network), or module:function of your own", _summaries(networks.NETWORKS))
    for title, group in presets.GROUPS.items():
        _print(f"presets (--preset) {title}", {name: summary for name, (summary, _) in group.items()})


def _summaries(table):
    return {name: row.summary for name, row in table.items()}


def _print(title, rows):
    print(title)
    width = max(map(len, rows))
    for name, summary in rows.items():
        print(f"  {name:{width}}  {summary}")
    print()

"""`list`: what there is to choose from."""

from wgangp_tf.data import registry as data_sets
from wgangp_tf.gan import methods
from wgangp_tf.networks import registry as networks
from wgangp_tf.presets import PRESETS

SUMMARY = "show the data sets, methods, networks and presets"
FLAGS = ()


def run(given, stop):
    """Prints the tables of data sets, methods, networks and presets."""
    del given, stop
    tables = {
        "data sets (--dataset)": {name: row.summary for name, row in data_sets.DATASETS.items()},
        "methods (--method)": {name: row.summary for name, row in methods.METHODS.items()},
        "networks (--network), or module:function of your own": {
            name: row.summary for name, row in networks.NETWORKS.items()
        },
        "presets (--preset)": {name: summary for name, (summary, _) in PRESETS.items()},
    }
    for title, rows in tables.items():
        print(title)
        width = max(map(len, rows))
        for name, summary in rows.items():
            print(f"  {name:{width}}  {summary}")
        print()

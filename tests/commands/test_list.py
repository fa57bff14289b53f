"""`list`: everything there is to choose from, each under its heading."""

from wgangp_tf import presets
from wgangp_tf.data.registry import DATASETS
from wgangp_tf.experiments.registry import FIGURES
from wgangp_tf.gan.methods import METHODS
from wgangp_tf.metrics.features import FEATURES
from wgangp_tf.metrics.registry import METRICS
from wgangp_tf.networks.registry import NETWORKS


def test_every_name_stands_under_its_heading(command):
    status, out, err = command("list")
    assert (status, err) == (0, "")
    tables = {}
    for block in out.strip().split("\n\n"):
        title, *rows = block.split("\n")
        assert all(row.startswith("  ") for row in rows)
        tables[title] = {row.split()[0]: row.split(None, 1)[1] for row in rows}
    expected = {
        "data sets (--dataset)": DATASETS,
        "methods (--method)": METHODS,
        "networks (--network), or module:function of your own": NETWORKS,
        "metrics (evaluate --metrics)": METRICS,
        "features (evaluate --features)": FEATURES,
    }
    expected = {title: {name: row.summary for name, row in table.items()} for title, table in expected.items()}
    expected["figures (reproduce --figure), or all"] = {
        name: f"{row.summary}; about {row.minutes} minutes with --small" for name, row in FIGURES.items()
    }
    for group, members in presets.GROUPS.items():
        expected[f"presets (--preset) {group}"] = {name: summary for name, (summary, _) in members.items()}
    for name, before in (("mnist", "mnist_dcgan"), ("celeb_a", "celeb_a_dcgan")):
        (group,) = (group for group, members in presets.GROUPS.items() if name in members)
        expected[f"presets (--preset) {group}"][name] += f" (also: {before})"
    assert tables == expected


def test_no_two_presets_have_one_name():
    assert len(presets.PRESETS) == sum(len(group) for group in presets.GROUPS.values())

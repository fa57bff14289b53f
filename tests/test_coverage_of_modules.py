"""Every module has a test file of its name, or is covered by one that is named here."""

import ast
import pathlib

import pytest

_ROOT = pathlib.Path(__file__).resolve().parents[1]
_PACKAGE = _ROOT / "wgangp_tf"

# module → the test file that fails when the module is broken
COVERED_BY = {
    "__init__": "test_public",
    "__main__": "test_packaging",
    "presets": "wiring/test_presets",
    "commands/generate_files": "commands/test_generate",
    "commands/of_run": "commands/test_export_of_a_run",
    "commands/local_workers": "training/test_multi_worker",
    "training/trained": "commands/test_export_of_a_run",
    "training/reasons": "training/test_runs",
    "data/array_files": "data/test_array_npy",
    "data/array_scale": "data/test_array",
    "data/array_tables": "data/test_array_csv",
    "data/fetch": "data/test_tensorflow_datasets",
    "experiments/deep_critics": "experiments/test_figures",
    "experiments/gradient_norms": "experiments/test_figures",
    "experiments/place": "experiments/test_figures",
    "experiments/registry": "experiments/test_figures",
    "experiments/subject": "experiments/test_samples",
    "experiments/trainings": "experiments/test_figures",
    "experiments/weight_histograms": "experiments/test_figures",
    "figures/drawing": "experiments/test_figures",
    "figures/gradient_norms": "experiments/test_figures",
    "figures/page": "experiments/test_figures",
    "figures/speed": "figures/test_speed_table",
    "figures/speed_page": "figures/test_speed_table",
    "figures/style": "experiments/test_figures",
    "figures/weight_histograms": "experiments/test_figures",
    "gan/as_called": "gan/test_model",
    "gan/averages": "gan/test_model",
    "gan/batches": "gan/test_model",
    "gan/both_optimizers": "gan/test_keras_model",
    "gan/draws": "gan/test_replicas",
    "gan/held_out": "gan/test_model",
    "gan/keras_compile": "gan/test_keras_model",
    "gan/keras_files": "gan/test_keras_model",
    "gan/logs": "gan/test_conformance",
    "gan/networks_check": "gan/test_model",
    "gan/sampled": "gan/test_model",
    "metrics/evaluator": "metrics/test_all_metrics",
    "metrics/frozen_graph": "metrics/test_inception",
    "metrics/needs": "metrics/test_all_metrics",
    "metrics/registry": "metrics/test_all_metrics",
    "networks/mlp_generator": "networks/test_conformance",
    "networks/cifar10_resnet": "networks/test_resnets",
    "networks/resnet": "networks/test_resnets",
    "networks/resnet101": "networks/test_resnets",
    "networks/resnet128": "networks/test_resnets",
    "networks/resnet64": "networks/test_resnets",
    "networks/resnet_modern": "networks/test_resnets",
    "speed/limits": "speed/test_limits_and_start",
    "speed/measure": "commands/test_benchmark",
    "speed/ours": "speed/test_contestants",
    "speed/process": "speed/test_turns",
    "speed/startup": "speed/test_limits_and_start",
    "speed/worker": "speed/test_turns",
    "serving/target": "training/test_runs",
    "training/build": "wiring/test_every_field",
    "training/cost": "wiring/test_cost",
    "training/endings": "training/test_runs",
    "training/loop": "training/test_runs",
    "training/metrics_log": "training/test_logs",
}


def _modules():
    """Every module that does something, as a path in the package without its suffix."""
    for path in sorted(_PACKAGE.rglob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        if path.name != "__init__.py" or len(body) > 1:  # more than a docstring
            yield path.relative_to(_PACKAGE).with_suffix("").as_posix()


@pytest.mark.parametrize("module", list(_modules()))
def test_a_module_is_tested(module):
    folder, _, name = module.rpartition("/")
    own = f"{folder}/test_{name}".lstrip("/")
    named = COVERED_BY.get(module, own)
    file = _ROOT / "tests" / f"{named}.py"
    assert file.is_file(), f"wgangp_tf/{module}.py needs tests/{own}.py, or a row in COVERED_BY"
    assert "def test_" in file.read_text(encoding="utf-8")


def test_every_row_names_a_module_without_a_file_of_its_own():
    modules = set(_modules())
    assert len(modules) > 40
    for module in COVERED_BY:
        folder, _, name = module.rpartition("/")
        assert module in modules, f"{module} is gone; so should be its row in COVERED_BY"
        assert not (_ROOT / "tests" / folder / f"test_{name}.py").exists(), f"{module} has a file of its own"

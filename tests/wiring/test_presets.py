"""Every preset is built and trained for a step, small, on samples that need no download; two as whole runs."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.marks import each
from tests.wiring.lab import BRIGHT, DARK
from wgangp_tf import presets
from wgangp_tf.data import registry as data_sets
from wgangp_tf.training import build
from wgangp_tf.training.resolve import resolve

SMALL = {"width": 4, "batch_size": 3, "n_critic": 1, "steps": 1}


def of_test_size(name):
    """Flags of a preset at a size that takes a second, on pictures of any folder."""
    values = presets.find(name)
    small = SMALL | ({"generator_batch_size": 4} if "generator_batch_size" in values else {})
    if data_sets.find(values["dataset"]).kind != "images":
        return small | {"preset": name}
    return small | {"preset": name, "dataset": "folder", "image_size": "16"}


@pytest.mark.parametrize("name", presets.PRESETS)
def test_the_values_of_a_preset_are_those_of_the_config(name):
    given = of_test_size(name)
    config = resolve(given)
    resolved = vars(config.data) | vars(config.model) | vars(config.optimization)
    kept = {field: value for field, value in presets.find(name).items() if field not in given}
    assert kept and {field: resolved[field] for field in kept} == kept


# at the size of a test an experiment and its small version hardly differ, but that one of them has hundreds of layers
_QUICK = {name for name in presets.PRESETS if not name.endswith("_small")}  # whose large version there is, see below
_QUICK = _QUICK - {"lsun64_resnet101"} | {"lsun64_resnet101_small"}


@pytest.mark.parametrize("name", each(presets.PRESETS, quick=_QUICK))
def test_a_preset_trains_a_step(name):
    config = resolve(of_test_size(name))
    spec, classes = config.samples, None
    if config.model.conditional:
        classes = ("a", "b")
        spec = dataclasses.replace(spec, classes=classes)
    model = build.build(config, spec)
    random = np.random.default_rng(0)
    kind, shape = config.samples.kind, [3, *config.samples.shape]
    real = (
        random.normal(size=shape).astype(np.float32) if kind != "images" else random.integers(0, 256, shape, np.uint8)
    )
    batch = tf.constant(real) if classes is None else {"samples": real, "labels": np.arange(3) % len(classes)}
    before = [network.get_weights() for network in (model.generator, model.critic)]
    logs = {field: float(value) for field, value in model.train_step(batch).items()}
    assert np.isfinite(list(logs.values())).all()
    assert logs["learning_rate"] == pytest.approx(config.optimization.learning_rate)
    for network, weights in zip((model.generator, model.critic), before, strict=True):
        assert any(np.any(new != old) for new, old in zip(network.get_weights(), weights, strict=True))
    assert model.generator.output_shape[1:] == config.samples.shape


@pytest.mark.parametrize(
    "name, shape", [("mnist", (28, 28, 1)), pytest.param("cifar10_resnet", (16, 16, 3), marks=pytest.mark.slow)]
)
def test_a_preset_is_a_run(lab, name, shape):
    height, width, channels = shape
    given = of_test_size(name) | lab.photos | {"image_size": f"{height}x{width}", "channels": channels}
    run = lab.run(**given)
    config = run.read("config.json")
    resolved = config["data"] | config["model"] | config["optimization"]
    kept = {field: value for field, value in presets.find(name).items() if field not in given}
    assert {field: resolved[field] for field in kept} == kept
    (line,) = run.lines
    assert line["step"] == 1 and line["images"] == 3 and np.isfinite(list(line.values())).all()
    samples = run.served("generate", num_images=1, seed=0)
    assert samples.shape == (1, *shape) and samples.dtype == np.uint8


@pytest.mark.parametrize("name", ["celeb_a", "signals", "wine", "8gaussians", "25gaussians", "swiss_roll"])
def test_the_name_of_a_data_set_alone_trains_its_preset(name):
    preset = name if name in presets.PRESETS else f"toy_{name}"
    assert resolve({"dataset": name}) == resolve({"preset": preset})


@pytest.mark.parametrize("old, new", presets.ALIASES.items())
def test_a_name_of_before_means_the_preset_of_today(old, new):
    assert old not in presets.PRESETS and presets.find(old) == presets.find(new)


def test_small_versions_are_of_experiments():
    small = [name.removesuffix("_small") for name in presets.PRESETS if name.endswith("_small")]
    assert len(small) > 10 and set(small) <= set(presets.PRESETS)


def test_pictures_are_nowhere_as_white_as_the_gaps_between_them():
    assert max(DARK.max(), BRIGHT.max()) < 255

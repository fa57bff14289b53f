"""What every metric must do."""

import math
import subprocess
import sys

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import registry

LABELS = (np.arange(60) % 3).astype(np.int32)
PICTURES = np.random.default_rng(0).integers(0, 60, (60, 4, 5, 1)).astype(np.uint8)
PICTURES[np.arange(60), LABELS] += 180  # a bright row tells the class
MODES = (PICTURES[:3].reshape(3, -1) / 255, 0.1)  # of pixels in [0, 1]

every_metric = pytest.mark.parametrize("name", registry.METRICS)


@every_metric
def test_gives_the_values_it_names(name):
    values = registry.measure(name, Split(PICTURES, LABELS, MODES), PICTURES[:30])
    assert tuple(values) == registry.METRICS[name].values
    assert all(type(value) is float and math.isfinite(value) for value in values.values())


@every_metric
def test_gives_the_same_twice_and_leaves_the_samples_alone(name):
    real, fake = PICTURES.copy(), PICTURES[:30].copy()
    first = registry.measure(name, Split(real, LABELS, MODES), fake)
    assert registry.measure(name, Split(real, LABELS, MODES), fake) == first
    assert (real == PICTURES).all() and (fake == PICTURES[:30]).all()


@every_metric
def test_takes_float_vectors(name):
    vectors = PICTURES.reshape(60, -1).astype(np.float32)
    assert tuple(registry.measure(name, Split(vectors, LABELS, MODES), vectors)) == registry.METRICS[name].values


@every_metric
def test_refuses_samples_of_another_shape(name):
    with pytest.raises(UserError, match=r"fake must be samples of shape \(4, 5, 1\). Received: \(5, 4, 1\)"):
        registry.measure(name, Split(PICTURES, LABELS, MODES), PICTURES.reshape(60, 5, 4, 1))


@every_metric
@pytest.mark.parametrize(
    "needed, split", [("labels", Split(PICTURES, None, MODES)), ("modes", Split(PICTURES, LABELS))]
)
def test_says_what_it_needs(name, needed, split):
    if getattr(registry.METRICS[name], f"needs_{needed}"):
        message = f"metric {name!r} needs (the )?{needed} of the real samples. Received: none"
        with pytest.raises(UserError, match=message):
            registry.measure(name, split, PICTURES)
        assert name not in registry.quick(split)
    else:
        assert registry.measure(name, split, PICTURES)


@every_metric
def test_has_one_line_of_summary(name):
    assert registry.METRICS[name].summary and "\n" not in registry.METRICS[name].summary


def test_an_unknown_metric_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match="Unknown metric 'neighbors'. Did you mean 'neighbours'?"):
        registry.find("neighbors")


def test_metrics_import_no_tensorflow():
    code = (
        "import sys\nfrom wgangp_tf.metrics import class_balance, modes, neighbours, registry\n"
        "assert 'tensorflow' not in sys.modules and 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

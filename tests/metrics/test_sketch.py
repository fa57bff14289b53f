"""Random sums keep distances, and are the same sums each time."""

import math

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.metrics import features, registry
from wgangp_tf.metrics.sketch import SUMS, Sketch


@pytest.mark.parametrize("values", [10, 5000])
def test_each_value_is_in_one_sum_with_a_sign(values):
    rows, probabilities = Sketch(values)(np.eye(values, dtype=np.float32))
    assert rows.shape == (values, SUMS) and rows.dtype == np.float64 and probabilities is None
    np.testing.assert_array_equal(np.abs(rows).sum(axis=1), 1)
    np.testing.assert_array_equal(np.count_nonzero(rows, axis=1), 1)
    assert abs(rows.sum()) < 5 * math.sqrt(values)  # as many of either sign


def test_distances_stay():
    samples = np.random.default_rng(0).normal(size=(40, 8000)).astype(np.float32)
    rows = Sketch(8000)(samples)[0]
    there, here = (np.square(some[:20] - some[20:]).sum(axis=1) for some in (samples.astype(np.float64), rows))
    errors = here / there - 1
    # relative standard deviation (2/1,024)^½ = 0.044 of each, less of their mean
    assert errors.std() < 2 * 0.044 and abs(errors.mean()) < 4 * 0.044 / math.sqrt(20)


def test_it_is_what_large_arrays_are_compared_by():
    real = Split(np.random.default_rng(1).normal(size=(60, 12, 10, 12)).astype(np.float32))
    assert features.named("plain", real).name == "sketch"
    found = registry.measure(["wasserstein", "neighbours"], real, real.samples[::2])
    assert found["precision"] == 1.0 and found["wasserstein"] < found["wasserstein_floor"]

"""Modes covered: samples placed by hand."""

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.metrics import registry
from wgangp_tf.metrics.modes import modes_covered

CENTRES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


def test_counts_modes_and_share():
    # on a centre; 3.9 sigma off; 4.1 sigma off; far from all
    samples = [[0, 0], [10, 0.39], [0, 10.41], [5, 5]]
    assert modes_covered(samples, CENTRES, 0.1) == {"modes_covered": 2, "within_4_sigma": 0.5}


def test_samples_that_are_not_numbers_cover_nothing():
    assert modes_covered([[np.nan, 0.0]], CENTRES, 0.1) == {"modes_covered": 0, "within_4_sigma": 0.0}


def test_no_samples():
    with pytest.raises(ValueError, match=r"Received: \(0, 2\)"):
        modes_covered(np.zeros([0, 2]), CENTRES, 0.1)


def test_measured_at_each_log_where_modes_are_known():
    points = np.zeros([4, 2], np.float32)
    assert registry.quick(Split(points, modes=(CENTRES, 0.1))) == ["modes"]
    assert registry.quick(Split(points)) == []
    fake = np.array([[0, 0], [10, 0.39], [0, 10.41], [5, 5]], np.float32)
    measured = registry.measure("modes", Split(points, modes=(CENTRES, 0.1)), fake)
    assert measured == {"modes_covered": 2.0, "within_4_sigma": 0.5}

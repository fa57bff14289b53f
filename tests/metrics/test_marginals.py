"""Statistics of tables where they are known."""

import numpy as np
import pytest

from wgangp_tf.data.source import Split
from wgangp_tf.metrics import marginals, registry
from wgangp_tf.samples.spec import Scale

# a feature of mean 10 and deviation 2, one of 0 and 1, which goes the other way
REAL = np.array([[8, 1], [12, -1], [8, 1], [12, -1]], np.float32)


def measure(fake, real=REAL, **of_split):
    return registry.measure("marginals", Split(real, **of_split), np.asarray(fake, np.float32))


def test_the_real_samples_themselves_have_no_errors():
    found = measure(REAL)
    assert found.pop("marginal_distance_floor") == pytest.approx((4 / 2 + 2 / 1) / 2)  # two halves of one value each
    assert list(found.values()) == pytest.approx([0] * 4, abs=1e-9)


def test_means_deviations_and_correlations():
    found = measure([[9, 0], [9, 0], [15, 3], [15, 3]])  # means 12 and 1.5, deviations 3 and 1.5, correlation 1
    assert found["mean_error"] == pytest.approx(1.5)  # of the second; of the first 2/2
    assert found["deviation_error"] == pytest.approx(0.5)
    # 8 goes to 9 and 12 to 15, that is 1/2 and 3/2 of a deviation; −1 to 0 and 1 to 3
    assert found["marginal_distance"] == pytest.approx(((0.5 + 1.5) / 2 + (1 + 2) / 2) / 2)
    assert found["correlation_error"] == pytest.approx(2)


def test_units_change_nothing():
    found = measure([[9, 0], [9, 0], [15, 3], [15, 2]])
    scaled = measure(np.array([[9, 0], [9, 0], [15, 3], [15, 2]]) * [100, 1], REAL * np.float32([100, 1]))
    in_units = measure([[9, 0], [9, 0], [15, 3], [15, 2]], units=Scale((2.0, 7.0), (1.0, -3.0), (2,)))
    assert scaled == pytest.approx(found, rel=1e-5) and in_units == pytest.approx(found, rel=1e-5)


def test_a_feature_that_does_not_change_is_no_error_by_itself():
    still = np.concatenate([REAL, np.full([4, 1], 0.1, np.float32)], axis=1)
    found = measure(still, still)
    assert list(found.values())[:3] == pytest.approx([0, 0, 0], abs=1e-6) and found["correlation_error"] < 1e-6
    assert measure(still[:, 2:], still[:, 2:])["correlation_error"] == 0


def test_statistics():
    mean, deviation, correlation = marginals.statistics(REAL)
    np.testing.assert_allclose((mean, deviation), [[10, 0], [2, 1]])
    np.testing.assert_allclose(correlation, [[1, -1], [-1, 1]])


def test_of_many_samples_a_part_is_kept(monkeypatch):
    monkeypatch.setattr(marginals, "_MOST_NUMBERS", 4)
    assert measure(np.concatenate([REAL[:2], 100 * REAL]), REAL[[0, 3, 1, 2]])["mean_error"] == pytest.approx(
        0, abs=1e-6
    )

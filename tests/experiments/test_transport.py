import numpy as np
import pytest

from wgangp_tf.experiments import transport

COUNTS = np.array([500, 500, 1000, 2000, 2000, 4000])


def test_the_limit_of_distances_that_are_on_the_curve():
    a, b, error = transport.limit(COUNTS, 0.7 + 3.0 * COUNTS**-0.5)
    assert (a, b, error) == pytest.approx((0.7, 3.0, 0.0), abs=1e-9)


def test_the_limit_of_distances_that_scatter_about_it_and_its_error():
    distances = 0.7 + (3.0 + np.random.default_rng(0).normal(size=6)) * COUNTS**-0.5
    (b, a), covariance = np.polyfit(COUNTS**-0.5, distances, 1, w=COUNTS**0.5, cov=True)
    found = transport.limit(COUNTS, distances)
    assert found == pytest.approx((a, b, np.sqrt(covariance[1, 1])), rel=1e-9)
    assert found[2] > 1e-3

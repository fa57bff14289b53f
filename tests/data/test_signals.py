import numpy as np
import pytest

from wgangp_tf.config import Data
from wgangp_tf.data import registry, signals
from wgangp_tf.errors import UserError
from wgangp_tf.metrics.oscillations import fitted
from wgangp_tf.settings import Storage


def test_an_oscillation_by_hand():
    # a quarter of a cycle each value; the decay halves it from value to value
    values = signals.oscillations([2.0], [8 * np.log(2)], [np.pi / 2], length=8)[0, :, 0]
    np.testing.assert_allclose(values, [1, 0, -1 / 4, 0, 1 / 16, 0, -1 / 64, 0], atol=1e-6)


def test_frequencies_and_decays_fill_their_ranges():
    source = registry.load(Data(dataset="signals"), Storage())
    found = fitted(source.validation.samples[:500, :, 0])
    for values, (low, high) in ((found.frequency, signals.FREQUENCIES), (found.decay, signals.DECAYS)):
        assert low - 1e-3 < values.min() < low + 0.1 and high - 0.1 < values.max() < high + 1e-3
        assert values.mean() == pytest.approx((low + high) / 2, abs=0.3)
    (deviation,) = source.spec.scale.factor
    assert source.train.samples.std() == pytest.approx(deviation, rel=0.02)


def test_there_are_no_labels():
    with pytest.raises(UserError, match="dataset 'signals' has no labels. Received: labels=auto"):
        registry.load(Data(dataset="signals", labels="auto"), Storage())

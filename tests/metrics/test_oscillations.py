"""Frequencies and decays of signals that are known."""

import numpy as np
import pytest

from wgangp_tf.data.signals import oscillations as signals
from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import oscillations, registry

RANDOM = np.random.default_rng(0)


def drawn(count, frequencies=(1.5, 12), decays=(0, 6)):
    """Frequencies, decays and phases."""
    return RANDOM.uniform(*frequencies, count), RANDOM.uniform(*decays, count), RANDOM.uniform(0, 2 * np.pi, count)


@pytest.mark.parametrize("length", [64, 51, 200])
def test_a_damped_oscillation_is_found_exactly(length):
    frequency, decay, phase = drawn(100)
    found = oscillations.fitted(1000 * signals(frequency, decay, phase, length)[..., 0])
    np.testing.assert_allclose(found.frequency, frequency, atol=1e-5)
    np.testing.assert_allclose(found.decay, decay, atol=1e-4)
    assert found.misfit.max() < 1e-10


def test_noise_moves_it_a_little_and_is_left_over():
    frequency, decay, phase = drawn(400, decays=(1, 4))
    clean = signals(frequency, decay, phase)[..., 0]
    noise = 0.05 * RANDOM.normal(size=clean.shape)
    found = oscillations.fitted(clean + noise)
    assert np.abs(found.frequency - frequency).mean() < 0.05 and np.abs(found.decay - decay).mean() < 0.3
    # four of 64 numbers are fitted
    share = (np.square(noise).sum(axis=1) / np.square(clean + noise).sum(axis=1)).mean() * 60 / 64
    assert found.misfit.mean() == pytest.approx(share, rel=0.1)


def test_what_grows_has_a_decay_below_zero():
    found = oscillations.fitted(signals([5.0], [-1.5], [0.3])[..., 0])
    assert found.decay == pytest.approx([-1.5], abs=1e-4) and found.frequency == pytest.approx([5], abs=1e-5)


def test_what_is_no_oscillation_is_left_over():
    found = oscillations.fitted(RANDOM.normal(size=(50, 64)))
    assert 0.5 < found.misfit.mean() < 1
    nothing = oscillations.fitted(np.zeros([2, 64]))
    assert np.isfinite(nothing.frequency).all() and nothing.misfit.tolist() == [0, 0]


def measure(real, fake):
    return registry.measure("oscillations", Split(real), fake)


def test_distances_of_distributions():
    phase = RANDOM.uniform(0, 6, 40)
    real = signals(np.linspace(4, 6, 40), np.full(40, 2.0), phase)
    fake = signals(np.linspace(4, 6, 40) + 0.75, np.linspace(2, 4, 40), phase[::-1])
    found = measure(real, fake)
    assert found["frequency_distance"] == pytest.approx(0.75, abs=1e-4)
    assert found["decay_distance"] == pytest.approx(1, abs=1e-3)
    assert found["frequency_distance_floor"] == pytest.approx(2 / 39, abs=1e-4)  # neighbours
    assert found["decay_distance_floor"] < 1e-3
    assert max(found["oscillation_misfit"], found["oscillation_misfit_real"]) < 1e-9


def test_each_channel_is_a_signal():
    real = np.concatenate([signals(*drawn(9)), signals(*drawn(9))], axis=-1)
    halves = np.concatenate([real[..., :1], real[..., 1:]])
    assert measure(real, real)["frequency_distance"] == 0
    one, two = measure(halves, halves[:5]), measure(real, np.concatenate([halves[:5], halves[:5]], axis=-1))
    assert two["frequency_distance"] == pytest.approx(one["frequency_distance"], abs=1e-6)


def test_signals_are_fitted_some_at_a_time(monkeypatch):
    rows = signals(*drawn(10))[..., 0] + 0.1 * RANDOM.normal(size=(10, 64))
    whole, seen = oscillations.fitted(rows), []
    monkeypatch.setattr(oscillations, "_AT_ONCE", 3 * 64 + 1)
    monkeypatch.setattr(
        oscillations, "_Fit", lambda some, time, fit=oscillations._Fit: seen.append(len(some)) or fit(some, time)
    )
    parts = oscillations.fitted(rows)
    assert seen == [3, 3, 3, 1]
    for name in ("frequency", "decay", "misfit"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-9)


@pytest.mark.parametrize("most, values, samples", [(8, 10**9, 4), (1, 10**9, 2), (10**9, 64 * 6, 3)])
def test_channels_and_values_count_among_the_most(monkeypatch, most, values, samples):
    real, seen = np.concatenate([signals(*drawn(12)), signals(*drawn(12))], axis=-1), []
    monkeypatch.setattr(oscillations, "_MOST", most)
    monkeypatch.setattr(oscillations, "_MOST_VALUES", values)
    monkeypatch.setattr(
        oscillations, "fitted", lambda rows, fitted=oscillations.fitted: seen.append(len(rows)) or fitted(rows)
    )
    measure(real, real)
    assert seen == [2 * samples] * 2


@pytest.mark.parametrize("length", [7, 65_537])
def test_signals_of_a_length_that_cannot_be_fitted_are_refused(length):
    with pytest.raises(UserError, match="signals, floats .* of 8 to 65,536 values a channel"):
        measure(np.zeros([4, length, 1], np.float32), np.zeros([4, length, 1], np.float32))

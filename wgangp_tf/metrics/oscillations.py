"""Signals as oscillations: how the frequencies and decays of generated ones are spread, against those of real ones.

Each channel of each signal is fitted by a damped oscillation, by least squares:

    x(t) ≈ exp(−decay · t) · (a · cos 2π · frequency · t + b · sin 2π · frequency · t),  t from 0 to 1 over the signal

    frequency_distance, decay_distance = the Wasserstein-1 distances of the fitted numbers, in cycles and powers of e
    in a signal's length: W₁ = ∫ |F − G| of the two distribution functions (exact in one dimension)
    oscillation_misfit = mean share of a signal's energy that its fit leaves over, in [0, 1]

Beside each stands what it is for real samples: the distances between two halves of them (`_floor`), the misfit of all.
They say something of signals that are such oscillations, so where the real misfit is near 0.

The fit begins at the highest peak of Fourier transforms of x · exp(−d · t) for some d, four times as fine as the
signal's own, and goes on by Levenberg-Marquardt steps. Source: Marquardt 1963, "An Algorithm for Least-Squares
Estimation of Nonlinear Parameters"; Vallender 1974, "Calculation of the Wasserstein Distance Between Probability
Distributions on the Line".
"""

import dataclasses
import math

import numpy as np

from wgangp_tf.metrics.evaluator import Measure
from wgangp_tf.metrics.features import Pixels

_DECAYS = np.array([-2.0, 0.0, 1.0, 2.0, 4.0, 8.0, 16.0])  # that the search begins with
_FINER = 4
_STEPS = 20
_MOST = 2000  # signals of each side that are fitted, channels counted; the first of those that are generated
_MOST_VALUES = 2**23  # in them: a minute of a core
_AT_ONCE = 2**17  # values that are fitted at once; each needs some 300 bytes
_VALUES = Pixels()  # signals as they are


class Oscillation(Measure):
    """See `registry.METRICS`; the first generated signals count, up to 2,000 with their channels, fewer long ones."""

    def prepare(self):
        length, channels = self.real.shape[0], math.prod(self.real.shape[1:])  # the axis of these may not be there
        self._most = max(2, min(_MOST, _MOST_VALUES // length) // channels)  # two: one for each half of the real ones
        self._real = self._fitted(self.real.thinned(_VALUES, self._most))

    def take(self, block):
        room = self._most - self._count
        if room > 0:
            self._parts.append(block.rows(_VALUES)[:room])
            self._count += len(self._parts[-1])

    def result(self):
        fake = self._fitted(np.concatenate(self._parts))
        return {
            **_distances("frequency", fake.frequency, self._real.frequency),
            **_distances("decay", fake.decay, self._real.decay),
            "oscillation_misfit": fake.misfit.mean(),
            "oscillation_misfit_real": self._real.misfit.mean(),
        }

    def reset(self):
        self._parts, self._count = [], 0

    def _fitted(self, rows):
        """The fits of all channels of signals, [n, length × channels]."""
        length = self.real.shape[0]  # the axis of channels may not be there
        return fitted(np.moveaxis(rows.reshape(len(rows), length, -1), -1, 1).reshape(-1, length))


def _distances(name, fake, real):
    from scipy.stats import wasserstein_distance

    floor = wasserstein_distance(real[::2], real[1::2])
    return {f"{name}_distance": wasserstein_distance(fake, real), f"{name}_distance_floor": floor}


@dataclasses.dataclass(frozen=True)
class Oscillations:
    """What fits signals.

    Attributes:
      frequency: float64 [n], cycles in a signal's length, at least 0.
      decay: float64 [n], powers of e in a signal's length; below 0 where it grows.
      misfit: float64 [n], share of energy that is left over, in [0, 1].
    """

    frequency: np.ndarray
    decay: np.ndarray
    misfit: np.ndarray


def fitted(signals):
    """The damped oscillations that fit signals, some at a time: memory does not grow with their number.

    Args:
      signals: float [n, length], length at least 8.

    Returns:
      `Oscillations`.
    """
    rows = max(1, _AT_ONCE // signals.shape[1])
    parts = [_fitted(signals[start : start + rows]) for start in range(0, max(len(signals), 1), rows)]
    names = [field.name for field in dataclasses.fields(Oscillations)]
    return Oscillations(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _fitted(signals):
    signals = np.asarray(signals, np.float64)
    time = np.arange(signals.shape[1]) / signals.shape[1]
    energy = np.square(signals).sum(axis=1)
    found = _Fit(signals / np.sqrt(np.maximum(energy, 1e-300))[:, None], time)
    for _ in range(_STEPS):
        found.step()
    misfit = np.where(energy > 0, np.minimum(found.loss, 1.0), 0.0)
    return Oscillations(np.abs(found.values[:, 0]), found.values[:, 1], misfit)


class _Fit:
    """Levenberg-Marquardt on (frequency, decay, a, b) of every signal at once; the signals are of energy 1."""

    def __init__(self, signals, time):
        self._signals, self._time = signals, time
        self.values = np.concatenate([_start(signals, time), np.zeros([len(signals), 2])], axis=1)
        basis = self._basis(self.values)
        self.values[:, 2:] = _solved(basis, signals, 1e-12)
        self.loss = self._loss(self.values)
        self._damping = np.full(len(signals), 1e-3)

    def step(self):
        residual, slopes = self._linear(self.values)
        proposed = self.values + _solved(slopes, residual, self._damping)
        loss = self._loss(proposed)
        better = loss <= self.loss
        self.values = np.where(better[:, None], proposed, self.values)
        self.loss = np.where(better, loss, self.loss)
        self._damping = np.where(better, self._damping / 5, self._damping * 5).clip(1e-12, 1e6)

    def _basis(self, values):
        """exp(−decay · t) · cos and sin, [n, length, 2]."""
        angle = 2 * np.pi * values[:, :1] * self._time
        falling = np.exp(-values[:, 1:2] * self._time)
        return np.stack([falling * np.cos(angle), falling * np.sin(angle)], axis=-1)

    def _linear(self, values):
        """What is left over [n, length], and the fit's slopes by the four values [n, length, 4]."""
        basis = self._basis(values)
        a, b = values[:, 2:3], values[:, 3:]
        fit = a * basis[..., 0] + b * basis[..., 1]
        by_frequency = 2 * np.pi * self._time * (b * basis[..., 0] - a * basis[..., 1])
        slopes = np.stack([by_frequency, -self._time * fit, basis[..., 0], basis[..., 1]], axis=-1)
        return self._signals - fit, slopes

    def _loss(self, values):
        with np.errstate(over="ignore", invalid="ignore"):
            loss = np.square(self._linear(values)[0]).sum(axis=1)
        return np.where(np.isfinite(loss), loss, np.inf)


def _start(signals, time):
    """(frequency, decay) at the highest peak, [n, 2]."""
    length = len(time)
    best, found = np.full(len(signals), -np.inf), np.zeros([len(signals), 2])
    for decay in _DECAYS:
        falling = np.exp(-decay * time)
        spectrum = np.abs(np.fft.rfft(signals * falling, _FINER * length)) ** 2 / np.square(falling).sum()
        spectrum[:, : _FINER // 2] = 0  # less than half a cycle is a trend
        peak = spectrum.argmax(axis=1)
        height = spectrum[np.arange(len(signals)), peak]
        higher = height > best
        best[higher] = height[higher]
        found[higher] = np.stack([peak / _FINER, np.full(len(peak), decay)], axis=1)[higher]
    return found


def _solved(slopes, residual, damping):
    """The damped least-squares solution, [n, values], of slopes [n, length, values] and residuals [n, length]."""
    turned = slopes.transpose(0, 2, 1)
    normal, right = turned @ slopes, turned @ residual[..., None]
    diagonal = np.diagonal(normal, axis1=1, axis2=2)
    normal = normal + np.eye(normal.shape[1]) * (np.reshape(damping, [-1, 1]) * diagonal + 1e-15)[:, None, :]
    return np.linalg.solve(normal, right)[..., 0]

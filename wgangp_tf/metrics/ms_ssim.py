"""Diversity by MS-SSIM: how alike two pictures of a set are on average, in structure, over several scales.

    MS-SSIM(x, y) = (mean l·cs)_M^w_M · Π over j < M of (mean cs)_j^w_j
    l  = (2 μ_x μ_y + C₁) / (μ_x² + μ_y² + C₁),  cs = (2 σ_xy + C₂) / (σ_x² + σ_y² + C₂)

with moments under a Gaussian window of 11×11 pixels and deviation 1.5 wherever it fits, C₁ = 0.01², C₂ = 0.03² for
pixels in [0, 1], means over a picture's places, and the product of each channel averaged over the channels. A scale
halves the one before by means of 2×2 pixels; an odd side repeats its last row first. A mean below 0 counts as 0, as a
power of it is no number.

Number of scales: as many as leave the smaller side 11 pixels, at most 5 (from 161 pixels on); the weights of those
there are, the finest first, are divided by their sum. A picture with a side below 11 has a window of its smaller side
and a deviation in proportion. Values of pictures of different sizes do not compare.

Estimator: mean over 1,000 pairs of two different samples, drawn with replacement. 1 means that all samples are the
same. Higher for generated samples than for real ones (`ms_ssim_real`, drawn alike) means that variety was lost; the
reverse does not mean that samples are good: noise has values near 0.

Source: Wang et al. 2003, "Multi-scale structural similarity for image quality assessment" (weights); Odena et al. 2017,
"Conditional Image Synthesis with Auxiliary Classifier GANs", section 4 (as a measure of diversity, within a class
there); the smaller windows and fewer scales are ours.
"""

import numpy as np

from wgangp_tf.metrics.evaluator import Measure
from wgangp_tf.metrics.features import Pixels, Rows, block_length

PAIRS = 1000
_WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
_WINDOW, _DEVIATION = 11, 1.5  # pixels
_C1, _C2 = 0.01**2, 0.03**2
_PIXELS = Pixels()


class MsSsim(Measure):
    """See `registry.METRICS`."""

    def prepare(self):
        self._of_real = self._mean(lambda rows: self.real.take(_PIXELS, rows), len(self.real), self.draws(0))

    def take(self, block):
        self._fake.add(block)

    def result(self):
        return {"ms_ssim": self._mean(self._fake.take, len(self._fake), self.draws(1)), "ms_ssim_real": self._of_real}

    def reset(self):
        self._fake = Rows(_PIXELS)

    def _mean(self, take, count, draws):
        """Over random pairs of `count` samples, which `take` gives by their places."""
        first = draws.integers(count, size=PAIRS)
        second = (first + draws.integers(1, count, size=PAIRS)) % count  # another one
        length, found = block_length(self.real.shape), []
        for start in range(0, PAIRS, length):
            pair = (take(rows[start : start + length]).reshape(-1, *self.real.shape) for rows in (first, second))
            found.append(ms_ssim(*pair))
        return np.concatenate(found).mean()


def ms_ssim(some, others):
    """MS-SSIM of pairs of pictures.

    Args:
      some, others: float64 [n, height, width, channels] in [0, 1].

    Returns:
      float64 [n], in [0, 1].
    """
    least = min(some.shape[1:3])
    size = min(_WINDOW, least)
    offsets = np.arange(size) - (size - 1) / 2
    window = np.exp(-(offsets**2) / (2 * (_DEVIATION * size / _WINDOW) ** 2))
    window /= window.sum()
    weights = _WEIGHTS[: scales(least)] / _WEIGHTS[: scales(least)].sum()
    product = 1.0
    for weight in weights[:-1]:
        _, structure = _similarities(some, others, window)
        product = product * np.maximum(structure, 0.0) ** weight
        some, others = _halved(some), _halved(others)
    whole, _ = _similarities(some, others, window)
    return (product * np.maximum(whole, 0.0) ** weights[-1]).mean(axis=-1)


def scales(side):
    """How many scales pictures whose smaller side is `side` have."""
    count = 1
    while count < len(_WEIGHTS) and -(-side // 2**count) >= _WINDOW:
        count += 1
    return count


def _similarities(some, others, window):
    """Means of l·cs and of cs over the places: two float64 [n, channels]."""
    x, y = _weighted(some, window), _weighted(others, window)
    # around the middle grey, which changes no variance and keeps more of its digits
    some, others = some - 0.5, others - 0.5
    a, b = x - 0.5, y - 0.5
    squares = _weighted(some**2 + others**2, window) - a**2 - b**2
    structure = (2 * (_weighted(some * others, window) - a * b) + _C2) / (squares + _C2)
    luminance = (2 * x * y + _C1) / (x**2 + y**2 + _C1)
    return (luminance * structure).mean(axis=(1, 2)), structure.mean(axis=(1, 2))


def _weighted(pictures, window):
    """Means under the window, at every place where it fits."""
    for axis in (1, 2):
        pictures = np.lib.stride_tricks.sliding_window_view(pictures, len(window), axis=axis) @ window
    return pictures


def _halved(pictures):
    """Means of 2×2 pixels."""
    pictures = np.pad(pictures, [(0, 0), (0, pictures.shape[1] % 2), (0, pictures.shape[2] % 2), (0, 0)], "symmetric")
    count, height, width, channels = pictures.shape
    return pictures.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))

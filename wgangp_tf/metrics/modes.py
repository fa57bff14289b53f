"""Modes covered and share of samples near a mode, where the modes are known (toy mixtures)."""

import numpy as np

from wgangp_tf.metrics.features import pixels

_REACH = 4.0  # standard deviations; a Gaussian in the plane leaves exp(−8), 1 in 3,000, outside


def measure(real, fake):
    """See `registry.Row`: in the units of the points, or in pixels of [0, 1] for images."""
    return {name: float(value) for name, value in modes_covered(pixels(fake), *real.modes).items()}


def modes_covered(samples, centres, sigma):
    """How well samples of a mixture of equal round Gaussians cover its modes.

    Args:
      samples: float [n, 2].
      centres: float [modes, 2].
      sigma: standard deviation of each mode, in the units of `samples`.

    Returns:
      {"modes_covered": number of modes with at least one sample within 4 sigma,
       "within_4_sigma": share of the samples within 4 sigma of their nearest centre, in [0, 1]}.

    Raises:
      ValueError: no samples.
    """
    samples = np.asarray(samples, np.float64)
    if samples.ndim != 2 or len(samples) == 0:
        raise ValueError(f"Expected samples of shape [n, {np.shape(centres)[1]}], n > 0. Received: {samples.shape}")
    distances = np.linalg.norm(samples[:, None] - np.asarray(centres)[None], axis=-1)
    nearest = distances.argmin(axis=1)
    close = distances.min(axis=1) <= _REACH * sigma  # a sample that is NaN is near nothing
    return {"modes_covered": len(np.unique(nearest[close])), "within_4_sigma": float(close.mean())}

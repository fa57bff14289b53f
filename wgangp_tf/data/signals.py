"""Damped oscillations: signals of one dimension whose every property is known, of this project's own making.

    x(t) = exp(−decay · t) · sin(2π · frequency · t + phase),  t = 0, 1/64, …, 63/64

The frequency is uniform in [2, 10] cycles, the decay in [1, 5] powers of e in a signal, the phase in [0, 2π). A fixed
draw, so that "epoch" and "held out" mean what they mean for pictures.
"""

import numpy as np

from wgangp_tf.data.source import Source, Split
from wgangp_tf.errors import UserError
from wgangp_tf.samples.spec import Scale, Spec

LENGTH = 64
FREQUENCIES, DECAYS = (2.0, 10.0), (1.0, 5.0)  # cycles, and powers of e, in a signal's length
_TRAIN, _HELD_OUT = 10_000, 2_000
_DATA_SEED = 0
_DEVIATION = 0.32  # of all values: √ of the mean of (1 − exp(−2 · decay)) / (4 · decay)


def class_names(data, storage):
    """See `registry.class_names`: there are none."""
    del storage
    raise UserError(f"dataset 'signals' has no labels. Received: labels={data.labels}")


def load(data, storage):
    """See `registry.load`."""
    if data.labels != "none":
        class_names(data, storage)  # has none
    random, count = np.random.default_rng(_DATA_SEED), _TRAIN + _HELD_OUT
    samples = oscillations(
        random.uniform(*FREQUENCIES, count), random.uniform(*DECAYS, count), random.uniform(0, 2 * np.pi, count)
    )
    return Source(
        name="signals",
        spec=Spec("arrays", (LENGTH, 1), scale=Scale((_DEVIATION,), (0.0,))),
        train=Split(samples[:_TRAIN]),
        validation=Split(samples[_TRAIN:]),
        licence="made by this project, no rights reserved",
        fingerprint=f"signals-{_TRAIN}-{_DATA_SEED}",
    )


def oscillations(frequency, decay, phase, length=LENGTH):
    """Damped oscillations.

    Args:
      frequency, decay, phase: float [n]; cycles and powers of e in a signal's length, and radians.
      length: int, of a signal.

    Returns:
      float32 [n, length, 1], in [−1, 1] where no decay is below 0.
    """
    time = np.arange(length) / length
    frequency, decay, phase = (np.asarray(part, np.float64)[:, None] for part in (frequency, decay, phase))
    values = np.exp(-decay * time) * np.sin(2 * np.pi * frequency * time + phase)
    return values[:, :, None].astype(np.float32)

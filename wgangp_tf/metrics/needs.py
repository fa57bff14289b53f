"""What a metric may need to know of the real samples, or of the features: a table."""

import dataclasses
from collections.abc import Callable

import numpy as np

from wgangp_tf.data.arrays import Subset


@dataclasses.dataclass(frozen=True)
class Need:
    """Something that a metric may need.

    Attributes:
      words: what it is, for a message.
      met: callable, (real samples, features or None where they are not known yet) → bool.
      received: callable of the same, what there is instead.
    """

    words: str
    met: Callable
    received: Callable = lambda real, features: "none"


_LENGTHS = 8, 65_536  # a damped oscillation has four numbers; a fit of longer signals takes minutes
_MOST_FEATURES = 1000  # their correlations are a million numbers

NEEDS = {
    "labels": Need("labels of the real samples", lambda real, features: real.labels is not None),
    "asked_classes": Need(
        "generated samples of a class that was asked for, and labels of the real ones",
        lambda real, features: real.labels is not None and getattr(real, "conditional", False),
    ),
    "held_out_labels": Need(
        "labels of held-out samples", lambda real, features: getattr(real, "held_out_labels", None) is not None
    ),
    "modes": Need("the modes of the real samples", lambda real, features: real.modes is not None),
    "centres": Need("the modes' centres of the real samples", lambda real, features: isinstance(real.modes, tuple)),
    "held_out": Need(
        "held-out samples, and all training samples beside them",
        lambda real, features: _held_out(real) is not None,
        lambda real, features: (
            "a part of the training samples" if isinstance(real.samples, Subset) else "none held out"
        ),
    ),
    "pictures": Need(
        "pictures, uint8 samples [height, width, channels]",
        lambda real, features: real.samples.dtype == np.uint8 and len(real.sample_shape) == 3,
        lambda real, features: _received(real),
    ),
    "signals": Need(
        f"signals, floats [length, channels] of {_LENGTHS[0]} to {_LENGTHS[1]:,} values a channel",
        lambda real, features: _floats(real, 2) and _LENGTHS[0] <= real.sample_shape[0] <= _LENGTHS[1],
        lambda real, features: _received(real),
    ),
    "vectors": Need(
        f"vectors of floats, of at most {_MOST_FEATURES:,} features",
        lambda real, features: _floats(real, 1) and real.sample_shape[0] <= _MOST_FEATURES,
        lambda real, features: _received(real),
    ),
    "classes": Need(
        "features with a classifier",
        lambda real, features: features is None or features.classes is not None,
        lambda real, features: f"features {features.name!r}, which have none",
    ),
}


def _floats(real, axes):
    """Whether samples are floats of a number of axes, that of channels included, which may not be there."""
    channels = int(not getattr(real, "channel_axis", True))
    return real.samples.dtype != np.uint8 and len(real.sample_shape) + channels == axes


def _received(real):
    without = "" if getattr(real, "channel_axis", True) else ", without an axis of channels"
    return f"{real.samples.dtype} samples of shape {real.sample_shape}{without}"


def _held_out(real):
    return getattr(real, "held_out", None)  # what is no `data.source.Split` may do without

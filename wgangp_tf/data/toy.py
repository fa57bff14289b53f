"""Toy distributions in the plane: 8 Gaussians, 25 Gaussians, Swiss roll (Gulrajani et al. 2017, Fig. 1a and script).

A fixed draw of each, so that "epoch", "held out" and "the same samples" mean what they mean for pictures.
"""

import numpy as np

from wgangp_tf.data.source import Source, Split
from wgangp_tf.errors import UserError, unknown_name
from wgangp_tf.samples.spec import Spec

_TRAIN, _HELD_OUT = 50_000, 10_000
_DATA_SEED = 0
_ROLL_NOISE, _ROLL_SCALE = 0.25, 7.5


def class_names(data, storage):
    """See `registry.class_names`."""
    del storage
    if data.dataset == "swiss_roll":
        raise UserError("dataset 'swiss_roll' has no labels. Received: labels=auto")
    return tuple(f"mode {k}" for k in range(len(modes(data.dataset)[0])))


def load(data, storage):
    """See `registry.load`. With labels="auto" the label of a point is the Gaussian it was drawn from."""
    del storage  # nothing to fetch, nothing to cache
    with_labels = data.labels == "auto"
    if data.dataset == "swiss_roll":
        if with_labels:
            class_names(data, None)  # has none
        points, labels, known = _swiss_roll(_TRAIN + _HELD_OUT), None, None
    else:
        points, labels = _gaussians(data.dataset, _TRAIN + _HELD_OUT)
        known = modes(data.dataset)

    def split(part):
        return Split(points[part], labels[part] if with_labels else None, known)

    return Source(
        name=data.dataset,
        spec=Spec("points", (2,), class_names(data, None) if with_labels else ()),
        train=split(slice(_TRAIN)),
        validation=split(slice(_TRAIN, None)),
        licence="made by this project, no rights reserved",
        fingerprint=f"{data.dataset}-{_TRAIN}-{_DATA_SEED}",
    )


def modes(name):
    """Where a mixture has its modes.

    Args:
      name: "8gaussians" or "25gaussians".

    Returns:
      (centres, sigma): float64 [modes, 2] and the standard deviation of each mode along each axis, in the units of
      the points.

    Raises:
      UserError: the data set has no known modes.
    """
    if name == "8gaussians":  # on a circle of radius 2, sigma 0.02, all divided by 1.414
        angles = np.arange(8) * (2 * np.pi / 8)
        return 2 / 1.414 * np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.02 / 1.414
    if name == "25gaussians":  # on a grid of spacing 2, sigma 0.05, all divided by 2.828
        side = np.arange(-2, 3)
        return 2 / 2.828 * np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2), 0.05 / 2.828
    raise unknown_name("mixture of Gaussians", name, ("8gaussians", "25gaussians"))


def _gaussians(name, count):
    """float32 [count, 2] points and int32 [count] modes they were drawn from."""
    centres, sigma = modes(name)
    generator = np.random.default_rng([_DATA_SEED, len(centres)])
    labels = generator.integers(len(centres), size=count).astype(np.int32)
    return (centres[labels] + sigma * generator.standard_normal([count, 2])).astype(np.float32), labels


def _swiss_roll(count):
    """float32 [count, 2]: columns 0 and 2 of the roll, scaled to about [−2, 2]."""
    from sklearn.datasets import make_swiss_roll  # 1.1 s

    points, _ = make_swiss_roll(count, noise=_ROLL_NOISE, random_state=_DATA_SEED)
    return (points[:, [0, 2]] / _ROLL_SCALE).astype(np.float32)

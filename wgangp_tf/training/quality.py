"""Samples of the model in training, and what they are worth."""

import numpy as np

from wgangp_tf.data import pictures
from wgangp_tf.metrics import registry as metrics

_COUNT = 2048  # samples that the numbers of a log are of


def generated(model, split, count, seed, dequantized):
    """The first samples of a seed, as the real ones are.

    Args:
      model: `GAN`.
      split: `data.source.Split`, of real samples.
      count, seed: ints, see `GAN.generate`.
      dequantized: see `pictures.to_uint8`.

    Returns:
      Array [count, *sample] of the dtype and in the units of `split.samples`.
    """
    samples = model.generate(count, seed)
    if split.samples.dtype == np.uint8:
        return pictures.to_uint8(samples, dequantized).numpy()
    return samples


def quick_metrics(model, split, seed, dequantized):
    """The metrics that take no longer than a step: {name: float}, {} where none fits the real samples."""
    names = metrics.quick(split)
    if not names:
        return {}
    fake = generated(model, split, _COUNT, seed, dequantized)
    return {key: value for name in names for key, value in metrics.measure(name, split, fake).items()}

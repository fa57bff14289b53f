"""Three of scikit-learn's digits in the three channels of one picture: 1,000 modes that a classifier can count.

The usual benchmark of mode collapse, small and offline. Source: Metz et al. 2017, "Unrolled Generative Adversarial
Networks", with MNIST; the number of training pictures is that of Lin et al. 2018, "PacGAN".
"""

import dataclasses

import numpy as np

from wgangp_tf.data import digits
from wgangp_tf.data.arrays import Rows
from wgangp_tf.data.source import ChannelClasses, Source, Split
from wgangp_tf.samples import spec

TRAIN, _HELD_OUT = 128_000, 10_000
_DATA_SEED = 0
_CHANNELS = 3


def class_names(data, storage):
    """See `registry.class_names`."""
    del data, storage
    return tuple(f"{k:03d}" for k in range(1000))


def load(data, storage):
    """See `registry.load`. Held-out pictures are stacked of held-out digits.

    The label of a picture is the number that its channels spell: hundreds, tens, ones.
    """
    single = digits.load(dataclasses.replace(data, labels="auto"), storage)
    with_labels = data.labels != "none"
    modes = ChannelClasses(single.train.samples, single.train.labels)

    def split(part, count, use):
        chosen = np.random.default_rng([_DATA_SEED, use]).integers(len(part), size=(count, _CHANNELS))
        labels = part.labels[chosen] @ np.int32([100, 10, 1]) if with_labels else None
        return Split(Stacked(part.samples, chosen), labels, modes)

    return Source(
        name="stacked_digits",
        spec=spec.of_pictures((8, 8, _CHANNELS), class_names(data, storage) if with_labels else (), data.dequantize),
        train=split(single.train, TRAIN, 0),
        validation=split(single.validation, _HELD_OUT, 1),
        licence=single.licence,
        fingerprint=f"stacked_{single.fingerprint}-{TRAIN}-{_DATA_SEED}",
    )


class Stacked(Rows):
    """Pictures whose channels are grey pictures, put together when they are asked for."""

    def __init__(self, pictures, chosen):
        """
        Args:
          pictures: uint8 [n, height, width, 1].
          chosen: int [count, channels], which of them each channel of each picture is.
        """
        self._pictures, self._chosen = pictures, chosen
        self.shape = (len(chosen), *pictures.shape[1:3], chosen.shape[1])
        self.dtype = pictures.dtype

    def _take(self, rows):
        return np.moveaxis(self._pictures[self._chosen[rows], :, :, 0], 1, -1)

"""Features of a convolutional network with random weights: for any pictures, without a download.

    level 1 … L:  3x3 convolution to 32 channels, ReLU;  then means over 2x2 for the next level
    features:     of each level the means over the four quarters of the picture, 128 numbers

L is 2 for the smallest side from 8 pixels, 3 from 16, 4 from 32: 256, 384 or 512 features. The weights are normal, of
variance 2 / (9 channels) (He et al. 2015), drawn by NumPy's PCG64 with a fixed seed, so that they do not depend on
TensorFlow. Those of the first level have their mean over the nine places taken off: else the brightness of a picture,
which all of them see, hides noise and blur. Numbers compare at an equal size of pictures only.

Source: Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models", who measure by a VGG16 with
random weights where pictures are unlike ImageNet's; this network is smaller and our own.
"""

import numpy as np
import tensorflow as tf

from wgangp_tf.metrics import kept
from wgangp_tf.metrics.batched import Batched

_SEED = 20201
_FILTERS = 32
_MOST_LEVELS = 4
_BATCH, _BATCH_PIXELS = 64, 2**18  # pixels of a batch: 32 MB a level


def make(real, options):
    """See `features.named`."""
    del options
    height, width, channels = real.sample_shape
    weights = kernels(channels, levels(height, width))
    batch = max(1, min(_BATCH, _BATCH_PIXELS // (height * width)))
    return Batched(
        "random_conv", lambda pictures: (_rows(pictures, weights), None), batch=batch, digest=kept.digest(weights)
    )


def levels(height, width):
    """How many levels pictures of a size have, at least 8x8."""
    return min(_MOST_LEVELS, int(np.log2(min(height, width))) - 1)


def kernels(channels, count):
    """The weights of each level: float32 [3, 3, channels before, 32]."""
    draws = np.random.Generator(np.random.PCG64([_SEED, channels]))
    found = []
    for before in [channels] + [_FILTERS] * (count - 1):
        kernel = draws.standard_normal((3, 3, before, _FILTERS)) * np.sqrt(2 / (9 * before))
        found.append(kernel if found else kernel - kernel.mean(axis=(0, 1)))
    return [kernel.astype(np.float32) for kernel in found]


def _rows(pictures, weights):
    values, found = tf.cast(pictures, tf.float32) / 127.5 - 1.0, []
    for kernel in weights:
        if found:
            values = tf.nn.avg_pool2d(values, 2, 2, "SAME")  # of an odd side, the last row is its own mean
        values = tf.nn.relu(tf.nn.conv2d(values, kernel, 1, "SAME"))
        found.append(_quarters(values))
    return tf.concat(found, axis=1)


def _quarters(values):
    """Means of the four quarters of maps, float32 [n, 4 channels]; those of an odd side share its middle row."""
    height, width, channels = values.shape[1:]
    sides = [(height + 1) // 2, (width + 1) // 2]
    return tf.reshape(tf.nn.avg_pool2d(values, sides, [height // 2, width // 2], "VALID"), [-1, 4 * channels])

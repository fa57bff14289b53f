"""Features of shapes: a classifier trained on drawn shapes of other numbers than the data set's 4,000."""

import numpy as np

from wgangp_tf.data import shapes
from wgangp_tf.metrics import classifier

TRAIN, HELD_OUT = range(1_000_000, 1_005_000), range(2_000_000, 2_005_000)


def make(real, options):
    """See `features.named`."""
    del real
    return classifier.made(RECIPE, options.cache)


def drawn(numbers):
    """The pictures of some numbers, uint8 [n, 32, 32, 3], and their classes, int [n]."""
    return np.stack([shapes.draw(number) for number in numbers]), np.array(numbers) % len(shapes.SHAPES)


RECIPE = classifier.Recipe(
    name="shapes",
    data=f"shapes-{shapes.VERSION}-{TRAIN}-{HELD_OUT}",
    pictures=lambda: (drawn(TRAIN), drawn(HELD_OUT)),
    shape=(shapes.SIZE, shapes.SIZE, 3),
    classes=len(shapes.SHAPES),
    convolutions=((16, 5, 2), (32, 3, 2), (64, 3, 2), (64, 3, 1)),
    epochs=8,
)

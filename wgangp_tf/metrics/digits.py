"""Features of digits: a classifier trained on the 1,500 training digits of the data set, tested on the 297 others."""

from wgangp_tf.config import Data
from wgangp_tf.data import digits
from wgangp_tf.metrics import classifier


def make(real, options):
    """See `features.named`."""
    del real
    return classifier.made(RECIPE, options.cache)


def _pictures():
    source = digits.load(Data(labels="auto"), None)
    return [(part.samples, part.labels) for part in (source.train, source.validation)]


RECIPE = classifier.Recipe(
    name="digits",
    data="digits-1797-0",
    pictures=_pictures,
    shape=(8, 8, 1),
    classes=10,
    convolutions=((32, 3, 1), (64, 3, 2), (64, 3, 1)),
    epochs=10,
)

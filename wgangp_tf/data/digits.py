"""The embedded default: scikit-learn's handwritten digits, 1,797 real 8×8 grey pictures."""

import numpy as np

from wgangp_tf.data.source import Source, Split
from wgangp_tf.samples import spec

_HELD_OUT = 297  # of 1,797: a sixth
_SPLIT_SEED = 0


def class_names(data, storage):
    """See `registry.class_names`."""
    del data, storage
    return tuple("0123456789")


def load(data, storage):
    """See `registry.load`. Pixels 0 … 16 of the original become 0 … 255."""
    del storage  # nothing to fetch, nothing to cache
    from sklearn.datasets import load_digits  # 1.1 s

    images, labels = load_digits(return_X_y=True)
    pixels = np.rint(images * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
    labels = labels.astype(np.int32)
    order = np.random.default_rng(_SPLIT_SEED).permutation(len(pixels))
    train, held_out = order[_HELD_OUT:], order[:_HELD_OUT]
    with_labels = data.labels != "none"

    def split(rows):
        return Split(pixels[rows], labels[rows] if with_labels else None)

    return Source(
        name="digits",
        spec=spec.of_pictures((8, 8, 1), class_names(data, None) if with_labels else (), data.dequantize),
        train=split(train),
        validation=split(held_out),
        licence="CC BY 4.0 (UCI Machine Learning Repository, Optical Recognition of Handwritten Digits)",
        fingerprint="digits-1797-0",
    )

"""The embedded table: scikit-learn's wines, 178 of three cultivars, 13 features of very different scales."""

import numpy as np

from wgangp_tf.data.source import Source, Split
from wgangp_tf.samples.spec import Scale, Spec

_CULTIVARS = 3
_HELD_OUT = 17  # of 178: a tenth
_SPLIT_SEED = 0


def class_names(data, storage):
    """See `registry.class_names`."""
    del data, storage
    return tuple(f"cultivar {number}" for number in range(_CULTIVARS))


def load(data, storage):
    """See `registry.load`. With labels="auto" the label of a wine is its cultivar."""
    del storage  # nothing to fetch, nothing to cache
    from sklearn.datasets import load_wine  # 1.1 s

    table = load_wine()
    samples, labels = table.data.astype(np.float32), table.target.astype(np.int32)
    order = np.random.default_rng(_SPLIT_SEED).permutation(len(samples))
    train, held_out = order[_HELD_OUT:], order[:_HELD_OUT]
    with_labels = data.labels != "none"
    values = samples[train].astype(np.float64)
    scale = Scale(tuple(map(float, values.std(axis=0))), tuple(map(float, values.mean(axis=0))), samples.shape[1:])

    def split(rows):
        return Split(samples[rows], labels[rows] if with_labels else None, units=scale)

    return Source(
        name="wine",
        spec=Spec(
            "arrays",
            samples.shape[1:],
            class_names(data, None) if with_labels else (),
            scale=scale,
            features=tuple(table.feature_names),
        ),
        train=split(train),
        validation=split(held_out),
        licence="CC BY 4.0 (UCI Machine Learning Repository, Wine)",
        fingerprint="wine-178-0",
    )

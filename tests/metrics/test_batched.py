"""Features in batches of one size."""

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.metrics.batched import Batched

PICTURES = np.random.default_rng(0).integers(0, 256, (11, 2, 3, 1)).astype(np.uint8)


def network(pictures):
    """(sums of the pictures, [share of the first pixel, the rest])."""
    values = tf.cast(tf.reshape(pictures, [-1, 6]), tf.float32)
    first = values[:, :1] / 255
    return tf.reduce_sum(values, axis=1, keepdims=True), tf.concat([first, 1 - first], axis=1)


@pytest.mark.parametrize("batch", [1, 4, 11, 20])
def test_every_sample_once_in_order_whatever_the_batch(batch):
    seen = []

    def counted(pictures):
        seen.append(tuple(pictures.shape))
        return network(pictures)

    rows, probabilities = Batched("sums", counted, batch=batch, digest="", classes=2)(PICTURES)
    assert rows.dtype == np.float32
    assert rows.tolist() == PICTURES.reshape(11, 6).sum(axis=1, keepdims=True).tolist()
    np.testing.assert_allclose(probabilities[:, 0], PICTURES[:, 0, 0, 0] / 255, rtol=1e-6)
    assert seen == [(batch, 2, 3, 1)]  # traced once: all batches have one shape


def test_no_probabilities_without_classes():
    rows, probabilities = Batched("sums", lambda p: (network(p)[0], None), batch=4, digest="d")(PICTURES)
    assert rows.shape == (11, 1) and probabilities is None

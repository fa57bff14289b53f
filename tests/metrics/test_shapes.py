"""The classifier of the drawn shapes."""

import numpy as np
import pytest

from wgangp_tf.data import shapes as data
from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import features, shapes


def test_it_learns_from_and_is_tested_on_other_shapes_than_those_of_the_data_set():
    own = set(range(data.COUNT))
    assert (
        not own & set(shapes.TRAIN) and not own & set(shapes.HELD_OUT) and not set(shapes.TRAIN) & set(shapes.HELD_OUT)
    )


def test_pictures_and_classes_of_numbers():
    pictures, labels = shapes.drawn([7, 13])
    np.testing.assert_array_equal(pictures, [data.draw(7), data.draw(13)])
    assert [list(data.SHAPES)[label] for label in labels] == ["ring", "square"]


def test_refuses_other_pictures():
    message = (
        "features 'shapes' are of uint8 pictures of 32x32 pixels and 3 channels. Received: uint8 .* \\(64, 64, 3\\)"
    )
    with pytest.raises(UserError, match=message):
        features.named("shapes", Split(np.zeros((4, 64, 64, 3), np.uint8)))


@pytest.mark.slow
def test_it_has_98_of_100_held_out_shapes_right():
    extractor = features.named("shapes", Split(np.zeros((4, 32, 32, 3), np.uint8)))
    assert extractor.accuracy >= 0.98
    pictures, labels = shapes.drawn(range(100))
    rows, probabilities = extractor(pictures)
    assert rows.shape == (100, 64) and probabilities.shape == (100, 5)
    assert np.mean(probabilities.argmax(axis=1) == labels) >= 0.95

import numpy as np
import pytest
from sklearn.datasets import load_digits

from wgangp_tf import config
from wgangp_tf.data import registry
from wgangp_tf.errors import UserError
from wgangp_tf.settings import Storage


def load(**values):
    return registry.load(config.Data(**values), Storage())


def test_the_digits_are_scikit_learns_with_a_part_held_out():
    source = load()
    images = load_digits().images.reshape(-1, 64)
    pixels = np.concatenate([source.train.samples, source.validation.samples]).reshape(-1, 64)
    assert (len(source.train), len(source.validation)) == (1500, 297)
    # 16 becomes 255, each picture is there once
    assert pixels.max() == 255 and pixels.min() == 0
    back = np.rint(pixels * (16 / 255.0))
    assert sorted(map(tuple, back)) == sorted(map(tuple, images))


def test_labels_are_those_of_the_pictures():
    source = load(labels="auto")
    known = {tuple(image.ravel()): digit for image, digit in zip(*load_digits(return_X_y=True), strict=True)}
    for split in (source.train, source.validation):
        rows = np.rint(split.samples.reshape(-1, 64) * (16 / 255.0))
        np.testing.assert_array_equal(split.labels, [known[tuple(row)] for row in rows])
        assert set(split.labels) == set(range(10))
    assert source.spec.classes == tuple("0123456789")


@pytest.mark.parametrize(
    "values, message",
    [
        ({"image_size": (16, 16)}, "dataset 'digits' has 8x8 pictures. Received: image_size=16x16"),
        ({"channels": 3}, "dataset 'digits' has 1 channel. Received: channels=3"),
    ],
)
def test_what_the_digits_are_not(values, message):
    with pytest.raises(UserError, match=message):
        load(**values)


def test_what_they_are_may_be_said():
    assert load(image_size=(8, 8), channels=1).spec.shape == (8, 8, 1)

"""The classifier of the digits."""

import numpy as np
import pytest

from wgangp_tf.config import Data
from wgangp_tf.data import registry as data_sets
from wgangp_tf.data.source import Split
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import features, registry
from wgangp_tf.settings import Storage


@pytest.fixture(scope="module")
def source():
    return data_sets.load(Data(dataset="digits", labels="auto"), Storage())


@pytest.fixture(scope="module")
def extractor(source, tmp_path_factory):
    return features.named("digits", source.train, features.Options(cache=tmp_path_factory.mktemp("cache")))


def test_it_has_97_of_100_held_out_digits_right(source, extractor):
    assert extractor.accuracy >= 0.97
    rows, probabilities = extractor(source.validation.samples)
    assert rows.shape == (297, 64) and probabilities.shape == (297, extractor.classes) == (297, 10)
    assert np.mean(probabilities.argmax(axis=1) == source.validation.labels) == extractor.accuracy


def test_digits_are_nearer_to_digits_than_noise_or_one_class(source, extractor):
    def distance(samples):
        return registry.measure("frechet", source.train, samples, features=extractor)["frechet_distance"]

    held_out = source.validation
    noise = np.random.default_rng(0).integers(0, 256, (297, 8, 8, 1)).astype(np.uint8)
    ones = source.train.samples[source.train.labels == 1]
    assert 10 * distance(held_out.samples[:]) < min(distance(noise), distance(ones))


def test_refuses_other_pictures():
    message = "features 'digits' are of uint8 pictures of 8x8 pixels and 1 channel. Received: uint8 .* \\(8, 8, 3\\)"
    with pytest.raises(UserError, match=message):
        features.named("digits", Split(np.zeros((4, 8, 8, 3), np.uint8)))

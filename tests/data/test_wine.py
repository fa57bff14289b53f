import numpy as np
from sklearn.datasets import load_wine

from wgangp_tf.config import Data
from wgangp_tf.data import registry
from wgangp_tf.settings import Storage


def load(**values):
    return registry.load(Data(dataset="wine", **values), Storage())


def test_the_wines_are_scikit_learns_with_a_part_held_out():
    source, table = load(labels="auto"), load_wine()
    assert (len(source.train), len(source.validation)) == (161, 17)
    known = {tuple(row): label for row, label in zip(table.data.astype(np.float32), table.target, strict=True)}
    found = np.concatenate([source.train.samples, source.validation.samples])
    labels = np.concatenate([source.train.labels, source.validation.labels])
    assert {tuple(row): label for row, label in zip(found, labels, strict=True)} == known
    assert source.spec.features == tuple(table.feature_names) and source.spec.features[-1] == "proline"
    assert source.spec.classes == ("cultivar 0", "cultivar 1", "cultivar 2") and load().spec.classes == ()


def test_scale_and_units_are_those_of_the_training_part():
    source = load()
    scaled = (source.train.samples - np.array(source.spec.scale.offset)) / np.array(source.spec.scale.factor)
    np.testing.assert_allclose((scaled.mean(axis=0), scaled.std(axis=0)), [[0] * 13, [1] * 13], atol=1e-5)
    assert source.train.units == source.validation.units == source.spec.scale

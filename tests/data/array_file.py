"""Loads a file as an array data set, for the tests of its formats."""

import pytest

from wgangp_tf.config import Data
from wgangp_tf.data import registry
from wgangp_tf.errors import UserError
from wgangp_tf.settings import Storage


def load(path, cache="disk", **options):
    """The `Source` of a file."""
    return registry.load(Data(dataset="array", **options), Storage(data_file=str(path), cache=cache))


def refused(path, **options):
    """What is said, in one line, of a file or an option that cannot be used."""
    with pytest.raises(UserError) as error:
        load(path, **options)
    said = str(error.value)
    assert "\n" not in said
    return said.replace(str(path), path.name)


def spec(path, **options):
    """What is known of the samples before they are read."""
    return registry.spec(Data(dataset="array", **options), Storage(data_file=str(path)))


def everything(source):
    """All samples of both splits, sorted by their first value: float32 [n, *sample]."""
    rows = [sample for split in (source.train, source.validation) for sample in split.samples[:]]
    return sorted(rows, key=lambda row: row.ravel()[0])

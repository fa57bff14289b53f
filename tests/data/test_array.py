"""Your own arrays: what becomes of them, and what is said of those that cannot be used."""

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.config import Data
from wgangp_tf.data import registry
from wgangp_tf.errors import UserError
from wgangp_tf.samples.codec import Codec
from wgangp_tf.settings import Storage

_RANDOM = np.random.default_rng(0)
# four features whose units have nothing in common
VECTORS = np.stack([1e6 + 1e3, 0.0, -3.0, 7e-5]) + _RANDOM.normal(size=(50, 4)) * [20.0, 1e4, 1.0, 1e-6]


@pytest.fixture
def load(tmp_path):
    """Loads an array by way of a .npy file: load(values, scale="minmax") -> `Source`."""

    def run(values, cache="disk", **options):
        np.save(tmp_path / "values.npy", values)
        storage = Storage(data_file=str(tmp_path / "values.npy"), cache=cache)
        return registry.load(Data(dataset="array", **options), storage)

    return run


def refused(load, values, **options):
    with pytest.raises(UserError) as error:
        load(values, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    "shape, channels_last, inside",
    [
        ((20, 3), True, (3,)),
        ((20, 7, 2), True, (7, 2)),
        ((20, 5, 7, 2), True, (5, 7, 2)),
        ((20, 4, 5, 7, 2), True, (4, 5, 7, 2)),
        ((20, 7), False, (7, 1)),
        ((20, 5, 7), False, (5, 7, 1)),
        ((20, 4, 5, 7), False, (4, 5, 7, 1)),
    ],
)
def test_each_rank(load, shape, channels_last, inside):
    values = _RANDOM.normal(size=shape)
    source = load(values, channels_last=channels_last)
    assert (source.spec.kind, source.spec.shape, source.spec.stored_shape) == ("arrays", inside, shape[1:])
    assert (len(source.train), len(source.validation)) == (18, 2)
    assert source.train.samples.shape[1:] == source.validation.sample_shape == shape[1:]
    both = np.concatenate([source.train.samples[:], source.validation.samples[:]])
    rows = {sample.tobytes() for sample in both}
    assert rows == {sample.tobytes() for sample in values.astype(np.float32)} and len(rows) == 20


@pytest.mark.parametrize("axes", ["feature", "all"])
@pytest.mark.parametrize("scale", ["standard", "minmax", "none"])
@pytest.mark.parametrize("shape, channels_last", [((60, 4), True), ((10, 6, 4), True), ((10, 6, 4), False)])
def test_every_scale_there_and_back(load, scale, axes, shape, channels_last):
    values = (10 + _RANDOM.normal(size=shape) * [1.0, 100.0, 3.0, 0.1]).astype(np.float32)
    source = load(values, scale=scale, scale_axes=axes, channels_last=channels_last)
    codec, stored = Codec(source.spec), source.train.samples[:]
    inside = codec.decode(tf.constant(stored)).numpy()
    assert inside.shape == (len(stored), *source.spec.shape)
    # rounding: of a difference from the offset, of a product and of a sum, each of numbers as large as the data's
    largest = np.abs(values).max(axis=tuple(range(values.ndim - 1)))
    again = codec.encode(tf.constant(inside)).numpy()
    assert np.all(np.abs(again - stored) <= 4 * 2.0**-24 * np.maximum(largest, np.abs(values).max() * (axes == "all")))
    over = tuple(range(inside.ndim - 1)) if axes == "feature" else None
    if scale == "standard":
        np.testing.assert_allclose(inside.mean(axis=over, dtype=np.float64), 0, atol=1e-5)
        np.testing.assert_allclose(inside.std(axis=over, dtype=np.float64), 1, rtol=1e-5)
    elif scale == "minmax":
        np.testing.assert_allclose([inside.min(axis=over), inside.max(axis=over)][0], -0.95, rtol=1e-5)
        np.testing.assert_allclose(inside.max(axis=over), 0.95, rtol=1e-5)
    else:
        np.testing.assert_array_equal(inside.reshape(stored.shape), stored)


def test_what_is_beyond_the_range_is_cut_there(load):
    source = load(VECTORS, scale="minmax")
    codec, train = Codec(source.spec), source.train.samples[:]
    for end, real in ((-1.0, train.min(axis=0)), (1.0, train.max(axis=0))):
        np.testing.assert_allclose(codec.encode(tf.fill([1, 4], end))[0], real, rtol=1e-6)


def test_the_scale_is_that_of_the_training_part(load):
    values = np.arange(40.0).reshape(20, 2)
    calm = load(values)
    values[np.isin(values, calm.validation.samples[:])] = 1e6
    loud = load(values)
    assert loud.validation.samples[:].min() == 1e6
    assert loud.spec == calm.spec and loud.fingerprint != calm.fingerprint
    train = calm.train.samples[:].astype(np.float64)
    np.testing.assert_allclose(calm.spec.scale.offset, train.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(calm.spec.scale.factor, train.std(axis=0), rtol=1e-12)
    everything = load(values, scale_axes="all").spec.scale
    assert (everything.shape, len(everything.factor)) == ((), 1)
    np.testing.assert_allclose([everything.offset[0], everything.factor[0]], [train.mean(), train.std()], rtol=1e-12)

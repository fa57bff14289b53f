"""Your own arrays: what becomes of them, and what is said of those that cannot be used."""

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.config import Data
from wgangp_tf.data import array, array_scale, registry
from wgangp_tf.data.signals import oscillations as signals
from wgangp_tf.errors import UserError
from wgangp_tf.metrics import registry as metrics
from wgangp_tf.metrics.evaluator import RealSide
from wgangp_tf.metrics.features import Pixels
from wgangp_tf.metrics.needs import NEEDS
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


def test_the_kind_of_scale_is_standard_by_feature_where_left_out(load):
    assert load(VECTORS).spec == load(VECTORS, scale="standard", scale_axes="feature", channels_last=True).spec


@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_features_that_do_not_change_are_named(load, scale):
    still = VECTORS.copy()
    still[:, 1] = 7
    assert refused(load, still, scale=scale) == (
        f"--scale={scale} expects features that change. Received: feature 1, which is 7 in every training sample; "
        "leave it out, or try --scale=none"
    )
    still[:, 2] = 0.5
    assert (
        "Received: feature 1, feature 2, which do not change, or by too little for float32; leave them out"
        in refused(load, still, scale=scale)
    )
    said = refused(load, np.full([9, 4], 3), scale=scale, scale_axes="all")
    assert "Received: the array, which is 3 in every" in said
    # what changes by less than float32 tells does not change
    times = 1.7e9 + np.arange(20.0)[:, None]
    assert "Received: feature 0, which is 1.7e+09 in every" in refused(load, times, scale=scale)
    said = "feature 0, which goes from 1e-42 to 2e-41, too little for float32; leave it out"
    assert said in refused(load, np.arange(1, 21)[:, None] * 1e-42, scale=scale)
    for source in (load(still, scale="none"), load(still, scale=scale, scale_axes="all")):
        assert source.spec.scale is None or source.spec.scale.shape == ()
        assert source.notes == ("feature 1 is 7 in every training sample, and 1 more feature does not change",)


@pytest.mark.parametrize("scale", ["standard", "minmax", "none"])
def test_values_near_the_end_of_float32_leave_no_room_for_generated_ones(load, scale):
    near = VECTORS.copy()
    near[:, 1:] *= np.float64(3e38) / np.abs(near[:, 1:]).max(axis=0)
    said = refused(load, near, scale=scale)
    assert said.startswith(
        "--data_file expects values up to 1e+37, so that float32 holds generated ones too. Received: "
    )
    assert said.endswith(f"e+38 in feature 1, and in {near.shape[1] - 2} others; give them in a larger unit")
    assert load(near / 40, scale=scale)


def test_values_that_float32_rounds_by_much_are_noted(load):
    # at 2**20 the steps of float32 are 2**-3; of -4 and 4 by turns the deviation is 4, of -16 and 16 it is 16
    ends = np.resize([-1.0, 1.0], [40, 1])
    coarse, fine, still = 2**20 + 5 + 4 * ends, 2**20 + 17 + 16 * ends, np.full([40, 1], 1e9)
    for scale in ("standard", "none"):
        (note,) = load(np.concatenate([ends, coarse], axis=1), scale=scale).notes
        assert note == (
            "float32 rounds feature 1 to steps of 0.125 beside a deviation of 4: take the mean of such values "
            "away before"
        )
    assert load(np.concatenate([ends, fine], axis=1)).notes == load(ends).notes == ()
    (note,) = load(np.concatenate([still, ends], axis=1), scale="none").notes
    assert "in every training sample" in note  # and nothing of steps
    (note,) = load(np.concatenate([-coarse, coarse, coarse], axis=1)).notes
    assert "float32 rounds feature 0 " in note and "(and 2 more features alike)" in note
    (note,) = load(coarse.reshape(10, 4), channels_last=False).notes
    assert "float32 rounds the array " in note


def test_values_that_are_not_finite_are_named(load):
    values = VECTORS.copy()
    values[[7, 9, 11], 2] = np.nan, np.inf, -np.inf
    values[30, 0] = 1e300
    assert refused(load, values) == (
        "--data_file expects finite numbers that float32 holds. Received: nan or infinite values, 1 in feature 0, 3 in "
        "feature 2; the first in row 7, counted from 0"
    )
    pictures = np.zeros([9, 4, 5, 3])
    pictures[2, 1, 1, 1] = pictures[8, 1, 1, 1] = np.nan
    assert "nan or infinite values, 2 in channel 1; the first in row 2," in refused(load, pictures, scale="none")
    said = refused(load, pictures, channels_last=False, scale="none")
    assert "nan or infinite values, 2 in the array; the first in row 2," in said
    many = np.full([5, 20], np.nan)
    assert "1 in feature 7, and more in 12 others;" in refused(load, many).replace("5 in", "1 in")


@pytest.mark.parametrize(
    "shape, options, said",
    [
        ((), {}, "expects an array of 2 to 5 axes, the samples along the first. Received: {}, no axis"),
        ((9,), {}, "Received: {}, 9; x.reshape(-1, 1) makes vectors of one number of it"),
        ((9, 2, 2, 2, 2, 2), {}, "Received: {}, 9 x 2 x 2 x 2 x 2 x 2"),
        (
            (9, 2, 2, 2, 2),
            {"channels_last": False},
            "expects an array of 2 to 4 axes, the samples along the first and without an axis of channels. Received: ",
        ),
        ((0, 3), {}, "expects samples. Received: {}, 0 x 3"),
        ((9, 0), {}, "expects samples. Received: {}, 9 x 0"),
        ((1, 3), {}, "at least 3 samples along the first axis, one of them to be held out. Received: {}, 1 x 3"),
        ((2, 3), {}, "Received: {}, 2 x 3"),
    ],
)
def test_shapes_that_samples_cannot_have(load, tmp_path, shape, options, said):
    found = refused(load, np.zeros(shape), **options)
    assert said.format(repr(str(tmp_path / "values.npy"))) in found


def test_the_split_and_the_fingerprint_follow_from_the_content(load):
    source, again = load(VECTORS), load(VECTORS.astype(np.float32), cache="memory")
    assert (source.fingerprint, source.spec) == (again.fingerprint, again.spec)
    np.testing.assert_array_equal(source.validation.samples[:], again.validation.samples[:])
    changed = VECTORS.copy()
    changed[-1, -1] *= 1.001
    assert load(changed).fingerprint != source.fingerprint
    assert len(load(np.arange(120_000).reshape(-1, 1)).validation) == 5000
    assert len(load(np.arange(3).reshape(-1, 1)).validation) == 1


def test_blocks_are_joined_as_if_they_were_one(load, monkeypatch):
    values = VECTORS + np.arange(50)[:, None] * [10, 1e3, 1, 1e-6]  # whose mean moves from block to block
    whole = load(values)
    monkeypatch.setattr(array_scale, "_BLOCK_BYTES", 4 * 4 * 7)  # seven rows
    parts = load(values)
    assert parts.fingerprint == whole.fingerprint
    for name in ("factor", "offset"):
        np.testing.assert_allclose(getattr(parts.spec.scale, name), getattr(whole.spec.scale, name), rtol=1e-9)
    values[[13, 44], [0, 3]] = np.nan
    said = refused(load, values)
    assert "1 in feature 0, 1 in feature 3; the first in row 13," in said


def test_labels_are_part_of_the_fingerprint(tmp_path):
    found = []
    for labels in (np.arange(50) % 2, np.arange(50) % 5, 1 - np.arange(50) % 2):
        np.savez(tmp_path / "x.npz", x=VECTORS, y=labels)
        data = Data(dataset="array", array="x", labels="y")
        found.append(registry.load(data, Storage(data_file=str(tmp_path / "x.npz"))).fingerprint)
    assert len(set(found)) == 3


def test_the_shape_is_part_of_the_fingerprint(load):
    values = np.arange(120.0)
    shapes = [((10, 12), True), ((10, 12), False), ((10, 3, 4), True), ((10, 4, 3), True), ((10, 4, 3), False)]
    found = {load(values.reshape(shape), channels_last=last, scale="none").fingerprint for shape, last in shapes}
    assert len(found) == len(shapes)


def test_rows_stay_in_the_file_where_they_are_many(load, monkeypatch):
    here = load(VECTORS)
    monkeypatch.setattr(array, "_IN_MEMORY", 100)
    there = load(VECTORS)
    assert there.fingerprint == here.fingerprint and there.spec == here.spec
    some = np.array([3, 0, 44])
    np.testing.assert_array_equal(there.train.samples[some], here.train.samples[some])
    kinds = [type(vars(source.train.samples)["_samples"]).__name__ for source in (here, there, load(VECTORS, "memory"))]
    assert kinds == ["ndarray", "InFloat32", "ndarray"]


@pytest.mark.parametrize(
    "shape, channels_last, fitting",
    [
        ((20, 9), True, "vectors"),
        ((20, 9), False, "signals"),
        ((20, 9, 2), True, "signals"),
        ((20, 9, 8), False, None),  # pictures of one channel
        ((20, 9, 8, 1), True, None),
    ],
)
def test_what_a_sample_is_follows_from_what_its_axes_are(load, shape, channels_last, fitting):
    real = load(_RANDOM.normal(size=shape), channels_last=channels_last).train
    met = {name for name in ("vectors", "signals", "pictures") if NEEDS[name].met(real, None)}
    assert met == ({fitting} if fitting else set())


def test_signals_without_an_axis_of_channels_are_those_of_one_channel(load):
    values = signals(*_RANDOM.uniform([[2], [1], [0]], [[6], [3], [6]], (3, 40)), length=16)
    found = []
    for samples, channels_last in ((values, True), (values[..., 0], False)):
        real = load(samples, channels_last=channels_last).train
        found.append(metrics.measure("oscillations", real, np.float32(real.samples[:] * 0.5)))
    assert found[0] == found[1] and found[0]["oscillation_misfit_real"] < 0.5
    with pytest.raises(UserError, match=r"needs vectors .* shape \(16,\), without an axis of channels$"):
        metrics.make("marginals", real)


def test_samples_are_compared_in_deviations_of_each_feature(load):
    source = load(VECTORS, scale="none")
    assert source.spec.scale is None
    rows = RealSide(source.train, keep=False).take(Pixels(), np.arange(len(source.train)))
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(rows.std(axis=0), 1, rtol=1e-6)
    # whatever the units: a distance of one deviation in each of four features is 2
    beside = source.train.samples[:].astype(np.float64) + source.train.samples[:].std(axis=0, dtype=np.float64)
    found = metrics.measure("wasserstein", source.train, beside.astype(np.float32))
    assert 1 < found["wasserstein"] < 4
    far = metrics.measure("sliced_wasserstein", source.train, np.float32(source.train.samples[:] + [0, 0, 0, 1e-4]))
    assert far["sliced_wasserstein"] > 10

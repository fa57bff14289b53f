"""Batches: which samples, in which order, for which replica."""

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf.data import pipeline
from wgangp_tf.data.order import Order
from wgangp_tf.data.source import Split


def numbered(count, labels=False):
    """Points whose first number is their index."""
    samples = np.stack([np.arange(count), np.zeros(count)], axis=1).astype(np.float32)
    return Split(samples, np.arange(count, dtype=np.int32) % 10 if labels else None)


def pictures(count, height=4, width=6, channels=1, seed=0):
    shape = (count, height, width, channels)
    return Split(np.random.default_rng(seed).integers(0, 256, size=shape, dtype=np.uint8))


def batches(split, **keywords):
    values = {"seed": 0, "batch_size": 4, "n_critic": 3, "steps": 5} | keywords
    return list(pipeline.training_batches(split, **values).as_numpy_iterator())


@pytest.mark.parametrize("count", [1, 5, 12, 60, 61])
def test_batches_follow_the_order_and_repeat_nothing_within_an_epoch(count):
    seen = np.concatenate(batches(numbered(count)))[:, 0].astype(int)
    assert len(seen) == 60
    np.testing.assert_array_equal(seen, Order(count, seed=0)(np.arange(60)))
    for start in range(0, 60 - count + 1, count):
        assert len(set(seen[start : start + count])) == count


def test_another_seed_gives_another_order():
    assert not np.array_equal(batches(numbered(60)), batches(numbered(60), seed=1))


@pytest.mark.parametrize("start", [1, 4, 5])
def test_a_run_that_begins_later_sees_what_the_whole_run_would(start):
    split = pictures(7)
    whole, rest = batches(split), batches(split, start_step=start)
    assert len(rest) == 5 - start
    for a, b in zip(whole[start:], rest, strict=True):
        np.testing.assert_array_equal(a, b)


class Counted:
    """Samples that count how often they are asked for rows."""

    def __init__(self, samples):
        self.samples, self.shape, self.dtype, self.reads = samples, samples.shape, samples.dtype, 0

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, rows):
        self.reads += 1
        return self.samples[rows]


# a step of 12 samples: 96 bytes; 115,200 bytes, of which two are less than 2**18; 345,600 bytes
@pytest.mark.parametrize(
    "split, at_once",
    [
        (numbered(60, labels=True), 16),
        (pictures(60, height=20, width=160, channels=3), 2),
        (pictures(60, height=60, width=160, channels=3), 1),
    ],
)
@pytest.mark.parametrize("start", [0, 13, 39])
def test_steps_read_together_are_those_read_one_by_one(split, at_once, start, monkeypatch):
    keywords = {"steps": 40, "start_step": start, "replicas": 2}
    counted = Counted(split.samples)
    together = batches(Split(counted, split.labels), **keywords)
    assert counted.reads == -(-(40 - start) // at_once)
    monkeypatch.setattr(pipeline, "_MOST_READ_AT_ONCE", 1)
    one_by_one = batches(split, **keywords)
    assert len(together) == len(one_by_one) == 40 - start
    for a, b in zip(together, one_by_one, strict=True):
        tf.nest.map_structure(np.testing.assert_array_equal, a, b)


@pytest.mark.parametrize("start", [0, 3, 5])
def test_the_number_of_batches_is_known(start):
    stream = pipeline.training_batches(numbered(60), seed=0, batch_size=4, n_critic=3, steps=5, start_step=start)
    assert stream.cardinality().numpy() == 5 - start


@pytest.mark.parametrize("replicas", [2, 4])
def test_critic_update_k_sees_over_all_replicas_the_samples_one_device_would(replicas):
    one = np.array(batches(numbered(60)))[..., 0].reshape(5, 3, 4)
    several = np.array(batches(numbered(60), replicas=replicas))[..., 0]
    # a batch is cut contiguously over replicas, and each part by the critic updates; sample i of replica r is number
    # i · replicas + r of an update
    parts = several.reshape(5, replicas, 3, 4 // replicas)
    np.testing.assert_array_equal(parts.transpose(0, 2, 3, 1).reshape(5, 3, 4), one)
    assert not np.array_equal(several, one.reshape(several.shape))


@pytest.mark.parametrize("replicas", [1, 2])
def test_labels_stay_with_their_samples(replicas):
    for batch in batches(numbered(30, labels=True), replicas=replicas):
        assert set(batch) == {"samples", "labels"}
        assert batch["labels"].dtype == np.int32
        np.testing.assert_array_equal(batch["labels"], batch["samples"][:, 0].astype(int) % 10)


def test_samples_travel_as_they_are_stored():
    index = Order(12, seed=0)(np.arange(12))
    for split in (pictures(12), numbered(12)):
        (batch,) = batches(split, steps=1)
        assert batch.dtype == split.samples.dtype
        np.testing.assert_array_equal(batch, split.samples[index])


def test_the_static_shape_is_known():
    spec = pipeline.training_batches(pictures(9), seed=0, batch_size=4, n_critic=3, steps=2).element_spec
    assert spec.shape == (12, 4, 6, 1)


@pytest.mark.parametrize("count, batch_size, sizes", [(10, 4, [4, 4, 2]), (8, 4, [4, 4]), (1, 4, [1]), (0, 4, [])])
def test_complete_batches_drop_nothing(count, batch_size, sizes):
    seen = pipeline.complete_batches(numbered(count), batch_size)
    assert [len(batch) for batch in seen] == sizes
    np.testing.assert_array_equal(np.concatenate([*seen, np.zeros([0, 2])])[:, 0], np.arange(count))


def test_complete_batches_are_spread_where_there_is_a_limit():
    # evenly, since many a data set is sorted by class
    seen = np.concatenate(pipeline.complete_batches(numbered(10), 4, limit=6))
    np.testing.assert_array_equal(seen[:, 0], [0, 1, 3, 5, 6, 8])
    assert len(np.concatenate(pipeline.complete_batches(numbered(10), 4, limit=100))) == 10


def test_complete_batches_keep_labels():
    first, second = pipeline.complete_batches(numbered(5, labels=True), 3)
    np.testing.assert_array_equal(first["labels"], [0, 1, 2])
    np.testing.assert_array_equal(second["samples"][:, 0], [3, 4])

"""What TensorBoard reads of a run: read back from the event files."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

from wgangp_tf.training.tensorboard import EventWriter


@pytest.fixture
def read(tmp_path):
    """Reads what `write(writer)` wrote: an `EventAccumulator`."""

    def written(write):
        writer = EventWriter(tmp_path)
        write(writer)
        writer.close()
        return EventAccumulator(str(tmp_path)).Reload()

    return written


def test_a_histogram_has_all_values_in_thirty_buckets(read):
    values = np.random.default_rng(0).normal(size=(50, 40)).astype(np.float32)
    found = read(lambda writer: writer.histograms(7, {"weights": values}))
    (event,) = found.Tensors("weights")
    buckets = tf.make_ndarray(event.tensor_proto)
    assert event.step == 7 and buckets.shape == (30, 3)
    np.testing.assert_allclose(buckets[[0, -1], [0, 1]], [values.min(), values.max()], rtol=1e-6)
    np.testing.assert_array_equal(buckets[1:, 0], buckets[:-1, 1])
    for left, right, count in buckets[:-1]:
        assert abs(np.sum((values >= left) & (values < right)) - count) <= 1  # a value on an edge may round
    assert buckets[:, 2].sum() == values.size
    assert found.SummaryMetadata("weights").plugin_data.plugin_name == "histograms"


def _session(found):
    content = found.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    return plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info


def test_runs_can_be_compared_by_their_values(read):
    values = {"method": "wgan-gp", "steps": 30, "flip": False, "image_size": (8, 6), "critic_learning_rate": None}
    session = _session(read(lambda writer: writer.begin("first", "{}", values, ["critic_loss"])))
    noted = {
        name: value.WhichOneof("kind") and getattr(value, value.WhichOneof("kind"))
        for name, value in session.hparams.items()
    }
    assert noted == {"method": "wgan-gp", "steps": 30, "flip": False, "image_size": "8x6"}


def test_runs_of_one_name_are_one_trial_only_where_their_values_are_the_same(tmp_path):
    names = []
    for number, (run, steps) in enumerate([("first", 30), ("first", 30), ("first", 40), ("second", 30)]):
        writer = EventWriter(tmp_path / str(number))
        writer.begin(run, "{}", {"steps": steps}, ["critic_loss"])
        writer.close()
        found = EventAccumulator(str(tmp_path / str(number))).Reload()
        names.append(_session(found).group_name)
    assert names[0] == names[1] and len(set(names)) == 3
    assert [name.partition(" (")[0] for name in names] == ["first", "first", "first", "second"]
    assert all(len(name) < 20 for name in names)


@pytest.mark.parametrize(
    "values", [np.zeros(0), np.full(5, 2.0), np.float32([3e30] * 4), np.array([1.0, np.nan, np.inf])]
)
def test_a_histogram_of_hardly_anything_is_written_too(read, values):
    (event,) = read(lambda writer: writer.histograms(1, {"norms": values})).Tensors("norms")
    assert tf.make_ndarray(event.tensor_proto)[:, 2].sum() == np.isfinite(values).sum()


@pytest.mark.slow
def test_a_histogram_takes_little_more_than_its_values(tmp_path):
    code = f"""
import resource
import numpy as np
from wgangp_tf.training.tensorboard import EventWriter

values = np.random.default_rng(0).normal(size=5_000_000).astype(np.float32)
writer = EventWriter({str(tmp_path)!r})
writer.histograms(1, {{"few": values[:10]}})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
writer.histograms(1, {{"many": values}})
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(done.stdout) * unit < 5 * 5_000_000 * 4, done.stderr

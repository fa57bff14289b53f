"""The event files that TensorBoard shows."""

import hashlib
import json
import os

import numpy as np
import tensorflow as tf
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.custom_scalar import summary as custom_scalar
from tensorboard.plugins.histogram import metadata as histogram
from tensorboard.plugins.hparams import api as hparams

from wgangp_tf import files
from wgangp_tf.quantities import ESTIMATE_CHART, LOSS_CHART, NORM_CHART, charts

# charts of the custom-scalar tab's first page; the others stand on a second one
_HEALTH = (ESTIMATE_CHART, LOSS_CHART, NORM_CHART)
_HELD_OUT = "validation_"
_DIGITS = 6  # of the digest of a run's values
_BUCKETS = 30  # of a histogram, as TensorBoard's own


class EventWriter:
    """Writes what TensorBoard shows of a run.

    TensorBoard gives each directory a colour of its own, not each number: held-out values are written a second time,
    under the names of the training's, into `held_out/`, so that the two are told apart where they stand in one chart.
    """

    def __init__(self, directory):
        self._directory = directory
        self._writer = tf.summary.create_file_writer(str(directory))
        self._held_out = None  # where there are held-out values

    def begin(self, run, config_json, values, names):
        """What stands at the beginning of a run.

        Args:
          run: str, the name of its directory.
          config_json: str, the config, which is shown as text.
          values: {field: value} of it, by which the HParams tab compares runs.
          names: of the values that will be logged, for the layout of the custom-scalar tab.
        """
        pages = {"Health": [], "More": []}
        for title, tags in charts(names).items():
            tags = dict.fromkeys(tag.removeprefix(_HELD_OUT) for tag in tags)
            lines = layout_pb2.MultilineChartContent(tag=[f"^{tag}$" for tag in tags])
            chart = layout_pb2.Chart(title=title, multiline=lines)
            pages["Health" if title in _HEALTH else "More"].append(chart)
        categories = [layout_pb2.Category(title=title, chart=chart) for title, chart in pages.items()]
        layout = custom_scalar.pb(layout_pb2.Layout(category=categories))
        indented = "\n".join(f"    {line}" for line in config_json.splitlines())  # as Markdown shows code
        with self._writer.as_default(step=0):
            tf.summary.experimental.write_raw_pb(layout.SerializeToString(), step=0)
            tf.summary.text("config", indented)
            tf.summary.experimental.write_raw_pb(_session(run, values).SerializeToString(), step=0)

    def scalars(self, step, values):
        """{name: float} of a step."""
        with self._writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(name, value)
        held_out = {name.removeprefix(_HELD_OUT): value for name, value in values.items() if name.startswith(_HELD_OUT)}
        if not held_out:
            return
        if self._held_out is None:
            self._held_out = tf.summary.create_file_writer(str(self._directory / "held_out"))
        with self._held_out.as_default(step=step):
            for name, value in held_out.items():
                tf.summary.scalar(name, value)

    def histograms(self, step, values):
        """{name: array of any shape} of a step; values that are not finite do not count.

        Counted by NumPy: `tf.summary.histogram` makes a row of all buckets for each value, gigabytes for a network.
        """
        described = histogram.create_summary_metadata(display_name=None, description=None)
        with self._writer.as_default(step=step):
            for name, value in values.items():
                value = np.ravel(value)
                counts, edges = _counted(value[np.isfinite(value)].astype(np.float64))
                buckets = np.stack([edges[:-1], edges[1:], counts], axis=1).astype(np.float64)
                tf.summary.write(name, buckets, metadata=described)

    def text(self, step, name, markdown):
        """A text of a step."""
        with self._writer.as_default(step=step):
            tf.summary.text(name, markdown)

    def image(self, step, name, picture):
        """One picture, uint8 [height, width, 1 or 3]."""
        with self._writer.as_default(step=step):
            tf.summary.image(name, np.asarray(picture)[None])

    def flush(self):
        for writer in filter(None, (self._writer, self._held_out)):
            writer.flush()

    def close(self):
        for writer in filter(None, (self._writer, self._held_out)):
            writer.close()


def _session(run, values):
    """The HParams tab's note of a run; it knows numbers, words and truth values.

    The tab takes runs of one name for repeats of one trial, and shows their mean. So a run has its own, with what tells
    apart two directories of one name in different places; where it was left out, it would be a number of 64 digits.
    """
    known = {name: _known(value) for name, value in values.items() if value is not None}
    digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:_DIGITS]
    return hparams.hparams_pb(known, trial_id=f"{run} ({digest})")


def _known(value):
    if isinstance(value, tuple):
        return "x".join(map(str, value))  # a size, as flags take it
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def cut(directory, step):
    """Drops all events after `step`; a half-written last event of a killed process too."""
    for path in sorted(directory.rglob("events.out.tfevents.*")):
        if path.name.endswith(".part"):
            path.unlink()
            continue
        kept, dropped = _records(path, step)
        if not dropped:
            continue
        if len(kept) <= 1:  # only the header
            path.unlink()
            continue
        beside = f"{path}.part"
        with tf.io.TFRecordWriter(beside) as writer:
            for record in kept:
                writer.write(record)
        files.sync(beside)
        os.replace(beside, path)


def _records(path, step):
    """(the whole records of an event file up to a step, whether there are others)."""
    kept, dropped = [], False
    try:
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            if tf.compat.v1.Event.FromString(record).step <= step:
                kept.append(record)
            else:
                dropped = True
    except tf.errors.DataLossError:
        dropped = True
    return kept, dropped


def _counted(values):
    """(counts, edges) of finite values; NumPy alone cannot cut large ones that are all but equal."""
    greatest = np.abs(values).max(initial=0.0)
    if greatest > 0 and np.ptp(values) < 1e-9 * greatest:
        around = values.mean(), 1e-3 * greatest
        return np.histogram(values, bins=_BUCKETS, range=(around[0] - around[1], around[0] + around[1]))
    return np.histogram(values, bins=_BUCKETS)

"""The event files that TensorBoard shows."""

import os

import numpy as np
import tensorflow as tf
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.custom_scalar import summary as custom_scalar

from wgangp_tf import files

# pages of the custom-scalar tab: title → [(chart, tags)]
_LAYOUT = {
    "Health": [
        ("Wasserstein estimate, train and held out", ["wasserstein_estimate", "validation_wasserstein_estimate"]),
        ("Critic loss, train and held out", ["critic_loss", "validation_critic_loss"]),
        ("Gradient norm at interpolates", ["gradient_norm", "gradient_norm_min", "gradient_norm_max"]),
    ]
}


class EventWriter:
    """Writes what TensorBoard shows of a run."""

    def __init__(self, directory):
        self._writer = tf.summary.create_file_writer(str(directory))

    def begin(self, config_json):
        """The config as text, and the layout of the custom-scalar tab."""
        charts = [
            layout_pb2.Category(
                title=title,
                chart=[
                    layout_pb2.Chart(
                        title=name, multiline=layout_pb2.MultilineChartContent(tag=[f"^{t}$" for t in tags])
                    )
                    for name, tags in pages
                ],
            )
            for title, pages in _LAYOUT.items()
        ]
        layout = custom_scalar.pb(layout_pb2.Layout(category=charts))
        indented = "\n".join(f"    {line}" for line in config_json.splitlines())  # as Markdown shows code
        with self._writer.as_default(step=0):
            tf.summary.experimental.write_raw_pb(layout.SerializeToString(), step=0)
            tf.summary.text("config", indented)

    def scalars(self, step, values):
        with self._writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(name, value)

    def histograms(self, step, values):
        with self._writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.histogram(name, value)

    def image(self, step, name, picture):
        """One picture, uint8 [height, width, 1 or 3]."""
        with self._writer.as_default(step=step):
            tf.summary.image(name, np.asarray(picture)[None])

    def flush(self):
        self._writer.flush()

    def close(self):
        self._writer.close()


def cut(directory, step):
    """Drops all events after `step`; a half-written last event of a killed process too."""
    for path in sorted(directory.glob("events.out.tfevents.*")):
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

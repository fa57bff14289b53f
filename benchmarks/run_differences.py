"""What differs between two runs of one config: nothing, if one was killed and continued and the other was not."""

import pathlib

import numpy as np
import tensorflow as tf

from wgangp_tf.training import metrics_log

# the third says when a run began
_TIMES = ("seconds", "images_per_second", "_hparams_/session_start_info", "health_by_the_clock")


def _of_the_clock(name):
    """Whether what is logged under a name depends on the clock."""
    return name in _TIMES or name.endswith("_seconds")


def differences(one, other, exports=()):
    """Compares two run directories, and what they exported.

    Args:
      one, other: paths of run directories.
      exports: paths of their two SavedModels, or ().

    Returns:
      List of strings, one a difference; times are not compared.
    """
    one, other = pathlib.Path(one), pathlib.Path(other)
    found = _unequal("checkpoint", _checkpoints(one), _checkpoints(other))
    for name in ("metrics.jsonl", "evaluations.jsonl"):
        found += _unequal(name, _events(one / name), _events(other / name))
    found += _unequal("TensorBoard", _summaries(one), _summaries(other))
    found += _unequal("pictures", _pictures(one), _pictures(other))
    found += _unequal("config.json", *({"": (run / "config.json").read_text()} for run in (one, other)))
    if exports:
        found += _unequal("export", *(_samples(path) for path in exports))
    return found


def _unequal(what, one, other):
    keys = sorted(set(one) | set(other), key=str)
    return [f"{what} {key}" for key in keys if one.get(key) != other.get(key)]


def _checkpoints(run):
    """{(checkpoint, variable): bytes of its values}."""
    found = {}
    for path in sorted((run / "checkpoints").glob("step-*")):
        reader = tf.train.load_checkpoint(str(path / "weights"))
        for key in reader.get_variable_to_shape_map():
            if key != "_CHECKPOINTABLE_OBJECT_GRAPH":  # names that count what else the process has built
                found[path.name, key] = np.asarray(reader.get_tensor(key)).tobytes()
    return found


def _events(path):
    """{number of the line: event without its times and the name of its run}."""
    events = metrics_log.read(path)
    return {
        number: {name: value for name, value in event.items() if name != "of" and not _of_the_clock(name)}
        for number, event in enumerate(events)
    }


def _summaries(run):
    """{(step, tag): the values written there, in order}."""
    found = {}
    for path in sorted((run / "tensorboard").rglob("events*")):
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            for value in event.summary.value:
                if not _of_the_clock(value.tag):
                    found.setdefault((path.parent.name, event.step, value.tag), []).append(value.SerializeToString())
    return found


def _pictures(run):
    return {path.name: path.read_bytes() for path in (run / "samples").iterdir()}


def _samples(directory):
    """Pixels of a few samples of a SavedModel, by its own signature."""
    generate = tf.saved_model.load(str(directory)).signatures["generate"]
    by_class = "labels" in generate.structured_input_signature[1]
    labels = {"labels": tf.fill([70], -1)} if by_class else {}  # drawn as often as they are in the data
    outputs = generate(num_images=tf.constant(70), seed=tf.constant(3), **labels)
    return {name: np.asarray(value).tobytes() for name, value in outputs.items()}

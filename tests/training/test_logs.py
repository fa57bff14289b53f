"""Logs are cut back to a step; what a killed process half wrote goes."""

import json

import tensorflow as tf

from wgangp_tf.training import metrics_log, tensorboard


def _steps(directory):
    found = []
    for path in sorted(directory.glob("events*")):
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            found += [event.step for value in event.summary.value if value.tag == "loss"]
    return found


def _write(directory, steps):
    writer = tensorboard.EventWriter(directory)
    for step in steps:
        writer.scalars(step, {"loss": 1.0})
    writer.close()


def test_events_after_the_step_go(tmp_path):
    _write(tmp_path, [10, 20, 30])
    tensorboard.cut(tmp_path, 20)
    assert _steps(tmp_path) == [10, 20]


def test_a_half_written_event_goes(tmp_path):
    _write(tmp_path, [10, 20])
    (path,) = tmp_path.glob("events*")
    path.write_bytes(path.read_bytes()[:-5])
    tensorboard.cut(tmp_path, 30)
    assert _steps(tmp_path) == [10]


def test_nothing_is_kept_of_a_run_without_a_checkpoint(tmp_path):
    _write(tmp_path, [0, 1])
    tensorboard.cut(tmp_path, -1)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_cut_left_goes(tmp_path):
    _write(tmp_path, [10])
    (path,) = tmp_path.glob("events*")
    path.with_name(path.name + ".part").write_bytes(b"half")
    tensorboard.cut(tmp_path, 10)
    assert list(tmp_path.iterdir()) == [path]


def test_lines_after_the_step_go(tmp_path):
    path = tmp_path / "metrics.jsonl"
    lines = [json.dumps({"step": step, "loss": 0.1 + step}) for step in (1, 2, 3)]
    path.write_text("\n".join(lines) + "\n")
    assert metrics_log.cut(path, 2) == {"step": 2, "loss": 2.1}
    assert path.read_text() == "\n".join(lines[:2]) + "\n"


def test_a_half_written_line_goes(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 1}\n{"step": 2, "lo')
    assert metrics_log.cut(path, 9) == {"step": 1}
    assert path.read_text() == '{"step": 1}\n'


def test_a_log_that_is_not_there_is_empty(tmp_path):
    assert metrics_log.cut(tmp_path / "metrics.jsonl", 9) == {}
    assert metrics_log.read(tmp_path / "nowhere") == []

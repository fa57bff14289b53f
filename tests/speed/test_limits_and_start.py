"""The machine's limits, and the way to the first step, in this process and made small."""

import importlib
import time

import pytest

from wgangp_tf.data import pipeline
from wgangp_tf.speed import limits, measure, startup, turns


def test_rates_are_of_what_is_counted(monkeypatch):
    monkeypatch.setattr(limits, "_SIDE", {"CPU": 64})
    monkeypatch.setattr(limits, "_NUMBERS", 1000)
    monkeypatch.setattr(limits, "_seconds", lambda call: float(call()) * 0 + 0.5)
    measured = limits.Limits({"dtypes": ["float32", "bfloat16"]})
    assert measured.found["devices"] == [] and measured.found["onednn"] in (True, False)
    assert measured.rates() == {
        "products_float32": 2 * 64**3 / 0.5,  # a multiplication and an addition each
        "products_bfloat16": 2 * 64**3 / 0.5,
        "memory": 3 * 4 * 1000 / 0.5,  # two arrays are read and one is written
    }


def test_the_least_time_counts(monkeypatch):
    monkeypatch.setattr(limits, "_SECONDS", 0.05)
    pauses = iter([0.05, 0.02, *[0.04] * 100])

    class Value:
        def numpy(self):
            time.sleep(next(pauses))

    assert 0.02 <= limits._seconds(Value) < 0.035  # the first, which traces, does not count


def test_start_up_reads_the_data_and_trains_on_it():
    changed = {"width": 4, "batch_size": 8, "n_critic": 2}
    measured = startup.Start({"name": "digits", "changed": changed, "replicas": 1})
    assert 0 < measured.marks["data"] < 60
    batch = next(iter(measured.batches()))
    config = measured.config
    wanted = pipeline.training_batches(
        measured._source.train, seed=config.seed, batch_size=8, n_critic=2, steps=config.optimization.steps
    )
    assert (batch.numpy() == next(iter(wanted)).numpy()).all() and batch.shape == (16, 8, 8, 1)
    assert 0 < batch.numpy().max() <= 255


@pytest.mark.parametrize("name", ["wgangp_tf.speed.limits:Limits", "wgangp_tf.speed.startup:Start"])
def test_the_classes_that_processes_are_told_are_there(name):
    module, _, kind = name.partition(":")
    assert (module, kind) in (turns.LIMITS, measure.START)
    assert hasattr(importlib.import_module(module), kind)

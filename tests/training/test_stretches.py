"""Steps in one call are those of as many calls."""

import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.gan import tiny
from wgangp_tf import GAN
from wgangp_tf.training import stretches as stretches_module
from wgangp_tf.training.stretches import Stretches
from wgangp_tf.training.summary import Summary

STEPS = 6


def _prepared(batches):
    keras.utils.set_random_seed(0)
    model = GAN(tiny.generator(), tiny.critic(), latent_dim=3, n_critic=2, ema_decay=0.9)
    model.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01))
    summary = Summary(model)
    return model, summary, Stretches(model, summary, batches)


@pytest.fixture(scope="module")
def batches():
    return tf.data.Dataset.from_tensor_slices(tiny.points(8 * STEPS)).batch(8)


@pytest.mark.slow
def test_how_many_steps_a_call_has_changes_nothing(batches):
    (one, one_summary, one_by_one), (other, other_summary, together) = (_prepared(batches) for _ in range(2))
    assert [one_by_one.run(1) for _ in range(STEPS)] == [1] * STEPS
    assert together.run(100) == 1  # the first call traces
    together._step_seconds = 1e-6
    assert together.run(STEPS - 1) == STEPS - 1
    assert one.steps_done == other.steps_done == STEPS
    assert tiny.same(tiny.values(one.variables), tiny.values(other.variables))
    assert one_summary.take() == other_summary.take()


@pytest.mark.slow
def test_a_call_is_short(batches):
    _, _, stretches = _prepared(batches.repeat())
    stretches.run(1)
    stretches._step_seconds = 0.09
    assert stretches.run(100) == 2  # of 0.09 s each, in 0.2 s
    stretches._step_seconds = 3.0
    assert stretches.run(100) == 1


@pytest.mark.slow
def test_the_end_of_the_data_is_an_error_and_no_step(batches):
    model, _, stretches = _prepared(batches.take(2))
    for _ in range(2):
        stretches.run(1)
    before = tiny.values(model.variables)
    with pytest.raises(tf.errors.OutOfRangeError):
        stretches.run(1)
    assert tiny.same(before, tiny.values(model.variables))


@pytest.mark.slow
def test_over_replicas_a_call_is_a_step(mirrored):
    keras.utils.set_random_seed(0)
    with mirrored.scope():
        model = GAN(tiny.generator(normalization=None), tiny.critic(), latent_dim=3, n_critic=2)
        model.compile(tiny.sgd(), tiny.sgd())
    summary = Summary(model)
    stretches = Stretches(model, summary, tf.data.Dataset.from_tensor_slices(tiny.points(32)).batch(16))
    assert [stretches.run(10), stretches.run(10)] == [1, 1]
    assert model.steps_done == 2
    assert np.isfinite(list(summary.take().values())).all()


@pytest.fixture
def beside(monkeypatch):
    """A second device of the processor in the place of a GPU."""
    device = tf.config.list_logical_devices("CPU")[1].name
    monkeypatch.setattr(stretches_module, "_gpu", lambda: device)
    return device


def test_batches_are_on_the_device_ahead_of_their_steps(beside):
    made = []

    def make(number):
        made.append(int(number))
        return np.zeros([8, 2], np.float32)

    batches = tf.data.Dataset.range(9).map(lambda number: tf.numpy_function(make, [number], tf.float32))
    _, _, stretches = _prepared(batches)
    assert next(stretches._batches).device.endswith(beside)
    until = time.monotonic() + 30
    while len(made) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    assert made[:3] == [0, 1, 2]  # without being asked


@pytest.mark.slow
def test_where_batches_wait_changes_no_step(batches, beside, monkeypatch):
    moved = _prepared(batches)
    monkeypatch.setattr(stretches_module, "_gpu", lambda: None)
    here = _prepared(batches)
    for model, _, stretches in (moved, here):
        for _ in range(STEPS):
            stretches.run(1)
        assert model.steps_done == STEPS
        with pytest.raises(tf.errors.OutOfRangeError):
            stretches.run(1)
    assert tiny.same(*(tiny.values(model.variables) for model, _, _ in (moved, here)))


def test_without_a_gpu_they_stay_where_they_are_made(batches):
    assert stretches_module._gpu() is None
    _, _, stretches = _prepared(batches)
    assert next(stretches._batches).device.endswith("CPU:0")

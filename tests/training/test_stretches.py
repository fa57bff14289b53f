"""Steps in one call are those of as many calls."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.gan import tiny
from wgangp_tf import GAN
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

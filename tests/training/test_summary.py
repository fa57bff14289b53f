"""What the steps since the last log said, and the first of them that was not finite."""

import numpy as np
import pytest
import tensorflow as tf

from tests.gan import tiny
from wgangp_tf import GAN
from wgangp_tf.training.summary import Summary


@pytest.fixture
def model():
    return GAN(tiny.generator(), tiny.critic(), latent_dim=3)


def _values(model, **changed):
    return {name: tf.constant(changed.get(name, 1.0)) for name in model.log_names}


def test_nothing_is_gathered_of_no_step(model):
    assert Summary(model).take() == {}


def test_each_value_is_gathered_as_the_table_says(model):
    summary = Summary(model)
    for loss, least, greatest, rate in ((1.0, 0.5, 3.0, 0.1), (4.0, 0.7, 2.0, 0.2)):
        changed = {"gradient_norm_min": least, "gradient_norm_max": greatest, "learning_rate": rate}
        summary.update(_values(model, critic_loss=loss, **changed))
    values = summary.take()
    assert set(values) == set(model.log_names)
    found = [values[name] for name in ("critic_loss", "gradient_norm_min", "gradient_norm_max", "learning_rate")]
    np.testing.assert_allclose(found, [2.5, 0.5, 3.0, 0.2], rtol=1e-6)
    # and anew
    assert summary.take() == {}
    summary.update(_values(model, gradient_norm_max=0.25))
    assert summary.take()["gradient_norm_max"] == 0.25


def test_means_are_of_many_steps_to_double_precision(model):
    summary = Summary(model)
    gathered = tf.function(lambda: summary.update(_values(model, critic_loss=0.1)))
    for _ in range(1000):
        gathered()
    np.testing.assert_allclose(summary.take()["critic_loss"], np.float32(0.1), rtol=1e-12)


def test_what_a_checkpoint_holds_continues_it(model):
    first, second = Summary(model), Summary(model)
    first.update(_values(model, critic_loss=3.0, gradient_norm_max=7.0))
    for mine, theirs in zip(second.variables, first.variables, strict=True):
        mine.assign(theirs)
    for summary in (first, second):
        summary.update(_values(model, critic_loss=5.0, gradient_norm_max=2.0))
    assert first.take() == second.take()


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("critic_loss", np.nan, "critic_loss of the critic is nan at step 3"),
        ("generator_loss", np.inf, "generator_loss of the generator is inf at step 3"),
    ],
)
def test_the_first_bad_step_is_kept_and_named(model, name, value, words):
    summary = Summary(model)
    for step, bad in ((2, False), (3, True), (4, True)):
        model.step.assign(step)
        assert summary.fault() is None or step > 3
        summary.update(_values(model, **({name: value} if bad else {})))
    assert summary.fault() == words


def test_fakes_that_were_not_finite_are_the_generators_fault(model):
    summary = Summary(model)
    model.step.assign(7)
    model.fakes_finite.assign(0)
    summary.update(_values(model, critic_loss=np.nan))
    model.fakes_finite.assign(1)
    model.step.assign(8)
    summary.update(_values(model, critic_loss=np.nan))
    assert summary.fault() == "samples of the generator are not finite at step 7"


def test_over_replicas_it_gathers_the_mean(mirrored):
    with mirrored.scope():
        model = GAN(tiny.generator(), tiny.critic(), latent_dim=3)
    summary = Summary(model)

    def step():
        replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.float32)
        summary.update(_values(model) | {"critic_loss": 2.0 + 4.0 * replica})

    tf.function(lambda: mirrored.run(step))()
    assert summary.take()["critic_loss"] == 4.0

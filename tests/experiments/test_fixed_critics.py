"""Critics trained against a distribution that stands still: what they see, and that no stop changes them."""

import math
import signal

import keras
import numpy as np
import pytest

from wgangp_tf.errors import Interrupted
from wgangp_tf.experiments import fixed_critics, place
from wgangp_tf.stopping import Stop

_PENALTY = {
    "dataset": "8gaussians",
    "method": "wgan-gp",
    "network": "mlp",
    "width": 16,
    "optimizer": "adam",
    "learning_rate": 5e-3,
    "beta_1": 0.5,
    "beta_2": 0.99,
    "gp_weight": 10.0,
    "clip_value": None,
    "batch_size": 64,
    "updates": 210,
    "seed": 0,
}
_CLIPPING = _PENALTY | {"method": "wgan", "optimizer": "rmsprop", "gp_weight": None, "clip_value": 0.05, "updates": 10}


def _place(folder, stop=None):
    return place.Place(folder, True, lambda line: None, stop or Stop())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """(place, critic, source) of an uninterrupted training under the penalty; not to be changed."""
    somewhere = _place(tmp_path_factory.mktemp("whole"))
    return somewhere, *fixed_critics.trained(somewhere, "one", _PENALTY)


def test_blurred_samples_are_a_standard_normal_away():
    samples = np.zeros([20_000, 2], np.float32) + [3, -5]
    found = fixed_critics.blurred(samples, 1)
    assert found.dtype == np.float32 and found.shape == (20_000, 2)
    np.testing.assert_allclose(found.mean(axis=0), [3, -5], atol=0.03)  # four deviations of the mean
    np.testing.assert_allclose(np.cov(found.T), np.eye(2), atol=0.04)
    np.testing.assert_array_equal(found, fixed_critics.blurred(samples, 1))
    assert not np.array_equal(found, fixed_critics.blurred(samples, 2))


def test_scores_of_parts_are_those_of_the_whole(monkeypatch):
    monkeypatch.setattr(fixed_critics, "_SCORED_AT_ONCE", 3)
    points = keras.Input((2,))
    critic = keras.Model(points, keras.layers.Dense(1, kernel_initializer="ones")(points))
    samples = np.arange(16, dtype=np.float32).reshape(8, 2)
    found = fixed_critics.scores(critic, samples)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, samples.sum(axis=1))


def test_the_rate_falls_to_zero_along_half_a_cosine():
    step = keras.Variable(0, dtype="int64")
    rate = fixed_critics._CosineToZero(0.02, 8, step)
    for done, wanted in ((0, 0.02), (2, 0.01 * (1 + math.sqrt(0.5))), (4, 0.01), (8, 0.0), (9, 0.0)):
        step.assign(done)
        assert float(rate(123)) == pytest.approx(wanted, abs=1e-8)


def test_real_ones_and_others_that_are_blurred_are_new_at_each_update(whole):
    training = fixed_critics._Training(_PENALTY | {"batch_size": 4000}, whole[2])
    real, fake = (np.asarray(part) for part in training._batch())
    known = {tuple(row) for row in whole[2].train.samples}
    assert {tuple(row) for row in real} <= known and not {tuple(row) for row in fake} & known
    # mean square along an axis: 1 of a circle of radius √2, and 1 more of the noise
    assert np.mean(real**2) == pytest.approx(1, abs=0.05) and np.mean(fake**2) == pytest.approx(2, abs=0.15)
    assert abs(np.mean(real * fake)) < 0.1, "blurred are others than the real ones beside them"
    again = [np.asarray(part) for part in training._batch()]
    np.testing.assert_array_equal([real, fake], again)
    training._step.assign(1)
    assert not np.array_equal(real, np.asarray(training._batch()[0]))


def test_a_critic_under_the_penalty_tells_real_from_blurred(whole):
    _, critic, source = whole
    real = source.validation.samples
    blurred = fixed_critics.blurred(real, 0)
    estimate = fixed_critics.scores(critic, real).mean() - fixed_critics.scores(critic, blurred).mean()
    assert 0.3 < estimate < 1.2  # of about 0.7: a small critic after few updates
    assert len(source.train) == 50_000


def test_a_training_that_is_done_is_found(whole, monkeypatch):
    somewhere, critic, _ = whole
    monkeypatch.setattr(fixed_critics._Training, "run", None)  # there is nothing left to do
    again, _ = fixed_critics.trained(somewhere, "one", _PENALTY)
    for one, other in zip(critic.weights, again.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_one_that_was_stopped_goes_on_to_the_same_weights(whole, tmp_path, monkeypatch):
    stop, run = Stop(), fixed_critics._Training.run

    def run_and_stop(training, updates):
        estimate = run(training, updates)
        stop.requested = signal.SIGTERM if training.steps_done == 100 else None
        return estimate

    monkeypatch.setattr(fixed_critics._Training, "run", run_and_stop)
    with pytest.raises(Interrupted, match="stopped at update 100 of 210, which is saved\nthe same command goes on"):
        fixed_critics.trained(_place(tmp_path, stop), "one", _PENALTY)
    stop.requested = None
    critic, _ = fixed_critics.trained(_place(tmp_path, stop), "one", _PENALTY)
    for one, other in zip(whole[1].weights, critic.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_clipped_critic_keeps_to_its_bound_and_other_settings_begin_anew(whole):
    critic, _ = fixed_critics.trained(whole[0], "one", _CLIPPING)
    weights = np.concatenate([np.ravel(weight) for weight in critic.trainable_weights])
    assert np.abs(weights).max() == np.float32(0.05), "at the bound, not beyond"
    assert len(list(whole[0].training("").iterdir())) == 2, "a directory for each of the settings"

"""Critics trained against a distribution that stands still: each update, and what an interruption changes (nothing)."""

import signal

import numpy as np
import pytest
import tensorflow as tf

from tests.wiring.networks import critic_weights
from wgangp_tf import randomness, stopping
from wgangp_tf.data.source import Source, Split
from wgangp_tf.errors import Diverged, Interrupted, UserError
from wgangp_tf.experiments import fixed_critics
from wgangp_tf.experiments.place import Place
from wgangp_tf.randomness import Use
from wgangp_tf.samples.spec import Spec
from wgangp_tf.training.run_directory import RunDirectory

SEED, BATCH, UPDATES, RATE = 3, 8, 6, 0.05
POINT = np.array([0.5, -0.25], np.float32)
GIVEN = {
    "dataset": "8gaussians",
    "method": "wgan-gp",
    "gp_weight": 2.0,
    "clip_value": None,
    "network": "tests.wiring.networks:constant",  # D(x) = w · x
    "width": 4,
    "optimizer": "sgd",
    "learning_rate": RATE,
    "beta_1": 0.0,
    "beta_2": 0.9,
    "batch_size": BATCH,
    "updates": UPDATES,
    "seed": SEED,
}
CLIPPING = GIVEN | {"method": "wgan", "gp_weight": None, "clip_value": 0.3}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where the data set is one point, many times, so that all that is drawn is the noise."""
    many = Split(np.tile(POINT, [50, 1]))
    monkeypatch.setattr(
        fixed_critics.data_sets, "load", lambda data, storage: Source(data.dataset, Spec("points", (2,)), many, many)
    )
    monkeypatch.setattr(fixed_critics, "_AT_ONCE", 2)
    return Place(tmp_path / "figure", True, lambda line: None, stopping.Stop())


def weights(critic):
    return critic.trainable_variables[0].numpy()[:, 0]


def by_hand(gp_weight=None, clip_value=None):
    """The weights of D(x) = w · x after all updates.

    The loss w·mean(fake) − w·mean(real) + λ(‖w‖ − 1)² has the gradient mean(noise) + 2λ(‖w‖ − 1)w/‖w‖.
    """
    w = critic_weights(2)
    for update in range(UPDATES):
        key = randomness.key(SEED, Use.CRITIC_LATENTS, update, 1)
        gradient = randomness.normal([BATCH, 2], key).numpy().mean(axis=0, dtype=np.float64)
        if gp_weight is not None:
            norm = np.linalg.norm(w)
            gradient += 2 * gp_weight * (norm - 1) * w / norm
        w = w - RATE * (1 + np.cos(np.pi * update / UPDATES)) / 2 * gradient
        if clip_value is not None:
            w = np.clip(w, -clip_value, clip_value)
    return w


@pytest.mark.parametrize("given", [GIVEN, CLIPPING], ids=["penalty", "clipping"])
def test_the_updates_are_those_of_arithmetic(place, given):
    critic, source = fixed_critics.trained(place, "one", given)
    expected = by_hand(given["gp_weight"], given["clip_value"])
    np.testing.assert_allclose(weights(critic), expected, rtol=1e-5)
    assert source.name == "8gaussians" and not np.allclose(expected, critic_weights(2), atol=0.01)
    assert np.abs(expected - by_hand()).max() > 0.01, "the measure: penalty and clipping do change them"


def test_a_batch_is_of_fresh_real_points_and_of_the_same_plus_noise(place, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        fixed_critics.randomness, "normal", lambda shape, key: drawn.append(tf.fill(shape, 0.25)) or drawn[-1]
    )
    points = np.arange(40, dtype=np.float32).reshape(20, 2)
    training = fixed_critics._Training(
        GIVEN | {"batch_size": 1000}, Source("x", Spec("points", (2,)), Split(points), Split(points))
    )
    real, fake = (part.numpy() for part in training._batch())
    rows, counts = np.unique(real, axis=0, return_counts=True)
    np.testing.assert_array_equal(rows, points)
    assert counts.min() > 15 and counts.max() < 100, "50 of each are expected, with a standard deviation of 7"
    np.testing.assert_array_equal(fake, real + 0.25)
    assert drawn[0].shape == (1000, 2), "each point has noise of its own"


class Killed(Exception):
    pass


def stopped(monkeypatch, place, after, kill):
    """A training whose process gets a signal, or is gone, after so many calls; what it says of it."""
    run, calls = fixed_critics._Training.run, []

    def run_and_stop(self, updates):
        calls.append(updates)
        if kill and len(calls) > after:
            raise Killed
        found = run(self, updates)
        if not kill and len(calls) == after:
            place.stop.requested = signal.SIGTERM
        return found

    with monkeypatch.context() as patch:
        patch.setattr(fixed_critics._Training, "run", run_and_stop)
        with pytest.raises(Killed if kill else Interrupted) as caught:
            fixed_critics.trained(place, "one", GIVEN)
    place.stop.requested = None
    return str(caught.value)


@pytest.mark.parametrize("kill", [False, True], ids=["signal", "kill"])
def test_one_that_was_stopped_goes_on_to_the_same_weights(place, monkeypatch, kill):
    if kill:
        monkeypatch.setattr(fixed_critics, "_SAVE_EVERY", -1.0)
    said = stopped(monkeypatch, place, after=2, kill=kill)
    assert kill or said == "stopped at update 4 of 6, which is saved\nthe same command goes on"
    (kept,) = (place.path / "trainings-small").glob("one-*/step-*")
    assert kept.name == "step-00000004"

    calls, run = [], fixed_critics._Training.run
    monkeypatch.setattr(fixed_critics._Training, "run", lambda self, n: calls.append(n) or run(self, n))
    again = weights(fixed_critics.trained(place, "one", GIVEN)[0])
    assert calls == [2], "it began anew"
    found = weights(fixed_critics.trained(place, "one", GIVEN)[0])  # finished
    assert calls == [2]
    whole = weights(fixed_critics.trained(place, "whole", GIVEN)[0])
    np.testing.assert_array_equal(again, whole)
    np.testing.assert_array_equal(found, whole)


def test_other_settings_are_another_training(place):
    one = weights(fixed_critics.trained(place, "one", GIVEN)[0])
    other = weights(fixed_critics.trained(place, "one", GIVEN | {"gp_weight": 5.0})[0])
    assert not np.array_equal(one, other)
    assert len(list((place.path / "trainings-small").glob("one-*"))) == 2


def test_weights_that_are_not_finite_are_said(place):
    with pytest.raises(Diverged, match="of the critic is not finite at step 6"):
        fixed_critics.trained(place, "one", GIVEN | {"learning_rate": 1e38})
    assert not list((place.path / "trainings-small").glob("one-*/step-*"))


def test_a_second_process_at_one_training_is_refused(place):
    fixed_critics.trained(place, "one", GIVEN)
    (path,) = (place.path / "trainings-small").glob("one-*")
    other = RunDirectory(path)
    other.claim()
    with pytest.raises(UserError, match="directory '.*one-.*' is in use by process"):
        fixed_critics.trained(place, "one", GIVEN)
    other.release()
    with pytest.raises(Diverged):  # which lets go as well
        fixed_critics.trained(place, "one", GIVEN | {"learning_rate": 1e38})
    for path in (place.path / "trainings-small").glob("one-*"):
        RunDirectory(path).claim()


def test_scores_are_made_in_parts_and_samples_blurred_by_a_seed(monkeypatch):
    monkeypatch.setattr(fixed_critics, "_SCORED_AT_ONCE", 3)
    samples = np.random.default_rng(0).normal(size=[7, 2]).astype(np.float32)
    sizes = []

    def critic(x, training):
        assert not training
        sizes.append(len(x))
        return tf.matmul(x, [[3.0], [4.0]])

    found = fixed_critics.scores(critic, samples)
    assert sizes == [3, 3, 1] and found.dtype == np.float64
    np.testing.assert_allclose(found, samples @ [3, 4], rtol=1e-5, atol=1e-6)

    many = np.tile(POINT, [20_000, 1])
    noise = fixed_critics.blurred(many, 1) - POINT
    # standard errors: 0.007 of a mean, 0.01 of a variance, 0.007 of the covariance
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.04)
    np.testing.assert_allclose(np.cov(noise.T), np.eye(2), atol=0.06)
    assert np.array_equal(fixed_critics.blurred(many, 1) - POINT, noise)
    assert not np.array_equal(fixed_critics.blurred(many, 2) - POINT, noise)

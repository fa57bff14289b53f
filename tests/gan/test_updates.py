"""Gradients that are summed over the parts of a batch."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.gan import tiny
from tests.gan.test_replicas import make, train
from tests.marks import each
from wgangp_tf import GAN
from wgangp_tf.gan import methods
from wgangp_tf.gan.draws import Draws

ONE = tf.distribute.get_strategy()


@functools.cache
def trained(accumulate, strategy, **keywords):
    """Weights and logs after two steps; the tests compare the same few trainings, and tracing one takes seconds."""
    model = make(strategy, accumulate=accumulate, ema_decay=0.5, **keywords)
    logs = train(model, tiny.points(64), steps=2)
    networks = [*model.generator.weights, *model.critic.weights, *model.averages.weights]
    return [*tiny.values(networks), np.array([logs[name] for name in sorted(logs)])]


def difference(first, second):
    return max(np.abs(a - b).max() / max(np.abs(a).max(), 1e-3) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("method", each(methods.METHODS, quick=["wgan-gp"]))
def test_parts_give_the_update_of_the_whole_batch(method):
    whole = trained(1, ONE, method=method)
    for parts in (2, 4):
        assert difference(whole, trained(parts, ONE, method=method)) < 1e-5


def test_the_penalty_of_a_share_is_of_the_same_samples_in_parts():
    whole = trained(1, ONE, gp_batch_fraction=0.5)
    assert difference(whole, trained(4, ONE, gp_batch_fraction=0.5)) < 1e-5
    assert difference(whole, trained(1, ONE)) > 1e-3


@pytest.mark.slow
def test_the_penalty_of_a_share_is_of_the_same_samples_over_replicas(mirrored):
    whole = trained(1, ONE, gp_batch_fraction=0.5)
    for parts in (1, 2):
        assert difference(whole, trained(parts, mirrored, gp_batch_fraction=0.5)) < 1e-5


def test_a_share_that_does_not_divide_into_parts_is_refused():
    with pytest.raises(
        ValueError, match="as many samples of each of 4 parts and replicas. Received: 0.3, which takes 2"
    ):
        trained(4, ONE, gp_batch_fraction=0.3)


@pytest.mark.slow
def test_a_share_that_does_not_divide_over_replicas_is_refused(mirrored):
    with pytest.raises(
        ValueError, match="as many samples of each of 2 parts and replicas. Received: 0.4, which takes 3"
    ):
        trained(1, mirrored, gp_batch_fraction=0.4)


@pytest.mark.slow
def test_parts_over_two_replicas(mirrored):
    whole = trained(1, ONE)
    assert difference(whole, trained(2, mirrored)) < 1e-5


@pytest.mark.slow
def test_a_generator_batch_of_its_own_in_parts():
    assert difference(*(trained(parts, ONE, generator_batch_size=12) for parts in (1, 4))) < 1e-5


@pytest.mark.slow
def test_batch_normalization_sees_each_part_by_itself():

    normalized = {"normalization": layers.BatchNormalization}
    assert difference(*(trained(parts, ONE, **normalized) for parts in (1, 2))) > 1e-3


def test_the_draws_of_parts_are_those_of_the_whole():
    whole = Draws(0, 5, 1).normal("latents", 12, [3])
    parts = [Draws(0, 5, 1, part=part, parts=3).normal("latents", 4, [3]) for part in range(3)]
    np.testing.assert_array_equal(whole, np.stack(parts, axis=1).reshape(12, 3))


@pytest.mark.parametrize("accumulate", [0, 1.5])
def test_parts_that_cannot_be(accumulate):
    with pytest.raises(
        ValueError, match=f"accumulate must be an integer of at least 1. Received: accumulate={accumulate}"
    ):
        GAN(tiny.generator(), tiny.critic(), latent_dim=3, accumulate=accumulate)


def test_a_batch_that_does_not_divide_into_parts():
    with pytest.raises(ValueError, match="a multiple of 6"):
        trained(3, ONE)


def test_a_generator_batch_that_does_not_divide_into_parts():
    model = GAN(tiny.generator(), tiny.critic(), latent_dim=3, accumulate=4, generator_batch_size=6)
    with pytest.raises(ValueError, match="a multiple of 4: 1 replicas times accumulate.*=6, accumulate=4"):
        model.compile(tiny.sgd(), tiny.sgd())

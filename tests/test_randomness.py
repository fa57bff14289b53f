import itertools

import numpy as np
import tensorflow as tf

from wgangp_tf import randomness
from wgangp_tf.randomness import Use


def test_keys_differ_in_seed_use_and_every_counter():
    made = []
    for seed, use, *counters in itertools.product((0, 1), (Use.FLIP, Use.GENERATE), (0, 1, 2), (0, 1), (0, 1)):
        made.append(tuple(randomness.key(seed, use, *counters).numpy()))
    assert len(set(made)) == len(made)


def test_counters_are_told_apart_by_their_place():
    assert tuple(randomness.key(0, Use.FLIP, 1, 2)) != tuple(randomness.key(0, Use.FLIP, 2, 1))
    assert tuple(randomness.key(0, Use.FLIP, 1)) != tuple(randomness.key(0, Use.FLIP, 1, 0))


def test_a_key_is_the_same_from_python_and_in_a_graph():
    plain = randomness.key(3, Use.INTERPOLATION, 5, 7)
    traced = tf.function(lambda *counters: randomness.key(3, Use.INTERPOLATION, *counters))
    np.testing.assert_array_equal(plain, traced(tf.constant(5, tf.int64), tf.constant(7)))


def test_a_key_is_the_same_under_xla():
    traced = tf.function(lambda step: randomness.key(3, Use.FLIP, step), jit_compile=True)
    np.testing.assert_array_equal(traced(tf.constant(5)), randomness.key(3, Use.FLIP, 5))


def test_uses_keep_their_numbers():
    # part of a run's randomness: a run of an older version continues with the same
    first = ["CRITIC_LATENTS", "INTERPOLATION", "GENERATOR_LATENTS", "VALIDATION", "SAMPLE_GRID", "GENERATE", "FLIP"]
    assert [use.name for use in Use][:8] == [*first, "DEQUANTIZE"]
    assert [int(use) for use in Use] == list(range(len(Use)))


def test_the_first_rows_do_not_depend_on_how_many_are_drawn():
    key = randomness.key(0, Use.GENERATE, 0)
    for draw in (randomness.normal, randomness.uniform):
        np.testing.assert_array_equal(draw([64, 5], key)[:10], draw([10, 5], key))
        assert not np.array_equal(draw([10, 5], key), draw([10, 5], randomness.key(0, Use.GENERATE, 1)))


def test_draws_have_the_moments_of_their_distribution():
    key = randomness.key(0, Use.GENERATE, 0)
    normal, uniform = randomness.normal([100_000], key).numpy(), randomness.uniform([100_000], key).numpy()
    np.testing.assert_allclose([normal.mean(), normal.std()], [0, 1], atol=0.015)
    np.testing.assert_allclose([uniform.mean(), uniform.std()], [0.5, 12**-0.5], atol=0.005)
    assert uniform.min() >= 0 and uniform.max() < 1


def test_draws_are_the_same_in_every_version():
    # what a published SavedModel's seed means
    np.testing.assert_array_equal(randomness.key(1, Use.GENERATE, 0), KEY)
    np.testing.assert_allclose(randomness.normal([3], randomness.key(1, Use.GENERATE, 0)), NORMAL, rtol=1e-6)


KEY = [-2000646829, 0]
NORMAL = [-1.6274965, -0.42839643, 0.5694111]

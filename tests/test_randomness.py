import hashlib
import itertools

import numpy as np
import pytest
import tensorflow as tf

from wgangp_tf import config, randomness
from wgangp_tf.randomness import Use

TRAINING = [use for use in Use if use not in (Use.GENERATE, Use.GENERATE_LABELS, Use.GENERATE_NOISE)]


def packed(seed, use, step, counter, replica):
    """The keys as two integers in NumPy: the bits of a key laid out by hand, then the hash of the seed over them."""
    of_step, of_place = np.frombuffer(hashlib.blake2b(np.array(seed, "<u4").tobytes(), digest_size=8).digest(), "<u4")
    use, step, counter, replica = (np.asarray(value, np.uint64) for value in (use, step, counter, replica))
    place = use * 2**27 + counter * 2**14 + replica
    return np.stack([step ^ np.uint64(of_step), place ^ np.uint64(of_place)], axis=-1).astype(np.uint32).view(np.int32)


# the corners of all ranges, and some points inside
POINTS = list(
    itertools.product((0, 7, 2**31 - 1), TRAINING, (0, 1, 12145, 2**31 - 1), (0, 5, 2**13 - 1), (0, 2**14 - 1))
)


def test_a_key_is_use_counter_and_replica_beside_the_step_under_a_hash_of_the_seed():
    made = [randomness.key(*point).numpy() for point in POINTS]
    np.testing.assert_array_equal(made, [packed(*point) for point in POINTS])
    assert len({tuple(key) for key in made}) == len(made)


def test_no_two_draws_of_a_seed_share_a_key():
    # every use, 8 critic updates, 4 replicas, and steps over the whole range: a million keys
    steps = np.linspace(0, 2**31 - 1, 2**12).astype(np.int64)
    grid = np.meshgrid(np.array(TRAINING), steps, np.arange(8), np.arange(4))
    keys = packed(5, *grid).reshape(-1, 2).copy().view(np.int64)[:, 0]
    keys.sort()
    assert len(keys) == len(TRAINING) * 2**17 and np.all(keys[1:] != keys[:-1])


def test_every_step_has_a_key_of_its_own_where_a_fold_of_32_bits_had_not():
    def folded(step):
        made = tf.stack([0, int(Use.CRITIC_LATENTS)])
        for counter in (step, 0, 0):
            made = tf.random.experimental.stateless_fold_in(made, counter, alg=randomness.ALGORITHM)
        return tuple(made.numpy())

    assert folded(12145) == folded(15701)
    keys = [randomness.key(0, Use.CRITIC_LATENTS, step) for step in (12145, 15701)]
    first, second = (randomness.normal([4], key).numpy() for key in keys)
    assert not np.any(first == second)


def test_seeds_do_not_share_keys_in_runs_as_they_are_made():
    # Two seeds share keys where the XOR of their hashes is one of two draws of theirs: steps below 2**20 and, of the
    # word beside them, any use with up to 64 counters and 64 replicas
    hashes = np.stack([packed(seed, 0, 0, 0, 0) for seed in range(2000)]).view(np.uint32)
    near = 0
    for first in range(1, len(hashes)):
        of_step, of_place = (hashes[:first] ^ hashes[first]).T
        place = of_place & (2**27 - 1)
        near += np.sum((of_step < 2**20) & (place >> 14 < 64) & (place % 2**14 < 64))
    assert near == 0


def test_ints_out_of_range_are_refused():
    for name, value in {"step": 2**31, "counter": 2**13, "replica": 2**14}.items():
        randomness.key(0, Use.FLIP, **{name: value - 1})
        for wrong in (value, -1):
            with pytest.raises(ValueError, match=rf"{name} must be in \[0, 2\*\*\d+\). Received: {name}={wrong}"):
                randomness.key(0, Use.FLIP, **{name: wrong})
    with pytest.raises(ValueError, match="seed must have 32 bits. Received: seed=4294967296"):
        randomness.key(2**32, Use.FLIP)
    assert max(Use) < 32


@pytest.mark.parametrize("jit_compile", [False, True])
def test_a_key_is_the_same_from_python_in_a_graph_and_under_xla(jit_compile):
    traced = tf.function(lambda *place: randomness.key(3, Use.DEQUANTIZE, *place), jit_compile=jit_compile)
    for step, counter, replica in ((5, 7, 1), (2**31 - 1, 2**13 - 1, 2**14 - 1)):
        found = traced(tf.constant(step, tf.int64), tf.constant(counter), tf.constant(replica))
        np.testing.assert_array_equal(found, randomness.key(3, Use.DEQUANTIZE, step, counter, replica))
    traced = tf.function(lambda *words: randomness.key(words[0], Use.GENERATE, words[1]), jit_compile=jit_compile)
    found = traced(tf.constant(3), tf.constant(5))
    np.testing.assert_array_equal(found, randomness.key(3, Use.GENERATE, 5))


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
    # what a published SavedModel's seed means, and a run's; the latter changes with `VERSION` only
    np.testing.assert_array_equal(randomness.key(1, Use.GENERATE, 0), [-2000646829, 0])
    np.testing.assert_array_equal(randomness.key(1, Use.GENERATE, 3), [-2000646829, 3])
    normal = randomness.normal([3], randomness.key(1, Use.GENERATE, 0))
    np.testing.assert_allclose(normal, [-1.6274965, -0.42839643, 0.5694111], rtol=1e-6)
    assert randomness.VERSION == config.RANDOMNESS == 2
    np.testing.assert_array_equal(randomness.key(0, Use.CRITIC_LATENTS), [791643214, -1643590576])
    np.testing.assert_array_equal(randomness.key(1, Use.INTERPOLATION, 1000, 4, 1), [1555516847, -1892137253])

"""Order: a permutation each epoch, another one next epoch, from the position alone."""

import numpy as np
import pytest

from wgangp_tf.data.order import Order


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_each_epoch_is_a_permutation(count):
    order = Order(count, seed=0)
    for epoch in range(3):
        np.testing.assert_array_equal(np.sort(order(np.arange(count) + epoch * count)), np.arange(count))


def test_epochs_and_seeds_have_their_own_order():
    position = np.arange(1000)
    first = Order(1000, seed=0)(position)
    assert not np.array_equal(first, position)
    assert not np.array_equal(first, Order(1000, seed=0)(position + 1000))
    assert not np.array_equal(first, Order(1000, seed=1)(position))
    np.testing.assert_array_equal(first, Order(1000, seed=0)(position))


def test_a_permutation_reaches_over_the_whole_set():
    # a shuffle window of w leaves a sample within w of its place; here a quarter of them move by half the set
    moved = np.abs(Order(1000, seed=0)(np.arange(1000)) - np.arange(1000))
    assert 0.2 < (moved > 500).mean() < 0.3


def test_reading_may_begin_anywhere_and_cross_epochs():
    whole = Order(7, seed=0)(np.arange(70))
    for start in (0, 5, 33):
        np.testing.assert_array_equal(Order(7, seed=0)(np.arange(start, start + 20)), whole[start : start + 20])

import pytest

from wgangp_tf.networks import sizes


@pytest.mark.parametrize(
    "shape, halved",
    [
        ((28, 28), [(28, 28), (14, 14), (7, 7), (4, 4)]),  # the paper's MNIST network
        ((64, 64), [(64, 64), (32, 32), (16, 16), (8, 8), (4, 4)]),
        ((48, 80), [(48, 80), (24, 40), (12, 20), (6, 10)]),
        ((33, 17), [(33, 17), (17, 9), (9, 5)]),
        ((7, 7), [(7, 7), (4, 4)]),
    ],
)
def test_sizes_are_halved_while_the_short_side_stays_at_least_4(shape, halved):
    assert sizes.halved(*shape) == halved


def test_sizes_are_halved_so_many_times():
    assert sizes.halved(32, 9, times=3) == [(32, 9), (16, 5), (8, 3), (4, 2)]
    assert sizes.halved(32, 9, times=0) == [(32, 9)]


@pytest.mark.parametrize(
    "size, halved",
    [
        ((121,), [(121,), (61,), (31,), (16,), (8,), (4,)]),
        ((3, 20), [(3, 20), (3, 10), (3, 5)]),
        ((8, 32, 9), [(8, 32, 9), (4, 16, 5), (4, 8, 5), (4, 4, 5)]),
        ((6,), [(6,), (6,)]),  # a level all the same
        ((1, 1), [(1, 1), (1, 1)]),
    ],
)
def test_each_axis_is_halved_by_itself(size, halved):
    assert sizes.each_halved(size) == halved


def test_strides_are_of_the_axes_that_are_halved():
    assert sizes.strides((8, 5, 9), (4, 5, 5)) == (2, 1, 2)


def test_sizes_have_names_and_so_have_their_blocks():
    assert [sizes.label((48, 80), number) for number in (0, 1, 2)] == ["48x80", "48x80b", "48x80c"]
    assert sizes.label((128,)) == "128"

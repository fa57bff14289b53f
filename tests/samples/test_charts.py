"""Charts of arrays: what is generated and what is real are both there, in their colours and in one scale."""

import matplotlib
import numpy as np
import pytest

from wgangp_tf.samples import charts, drawing
from wgangp_tf.samples.spec import Spec

SHAPES = [(1,), (3,), (40,), (12, 1), (12, 6), (9, 7, 1), (9, 7, 5), (5, 9, 7, 2)]
BLUE, ORANGE, PALE = ([int(color[k : k + 2], 16) for k in (1, 3, 5)] for color in ("#0072B2", "#E69F00", "#F5D38E"))


def has(picture, color, within=2):
    return bool((np.abs(picture.astype(int) - color).max(axis=-1) <= within).any())


def draw(shape, count, seed=0):
    return np.random.default_rng(seed).normal(size=(count, *shape)).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_arrays_of_any_rank_are_drawn(shape):
    spec = Spec("arrays", shape)
    assert spec.drawable and spec.drawn > 1
    for samples, real in ((draw(shape, 30), draw(shape, 30, 1)), (draw(shape, 1), None)):
        picture = drawing.picture(spec, samples, real)
        assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3
        assert max(picture.shape) < 2500 and picture.std() > 0
    drawing.png(drawing.picture_of_real(spec, draw(shape, 5)))


def test_what_is_stored_without_an_axis_of_channels_is_drawn_as_with_it():
    samples = draw((12, 1), 4)
    expected = drawing.picture(Spec("arrays", (12, 1)), samples)
    np.testing.assert_array_equal(
        drawing.picture(Spec("arrays", (12, 1), channel_axis=False), samples[..., 0]), expected
    )


@pytest.mark.parametrize("shape", [(1,), (12, 1), (12, 3)], ids=str)
def test_generated_is_blue_and_real_is_orange(shape):
    spec, samples, real = Spec("arrays", shape), draw(shape, 200), draw(shape, 200, 1)
    under = PALE if len(shape) == 2 else [round(0.6 * part + 0.4 * 255) for part in ORANGE]
    alone, over, only_real = (
        drawing.picture(spec, samples),
        drawing.picture(spec, samples, real),
        drawing.picture_of_real(spec, real),
    )
    assert [has(picture, BLUE) for picture in (alone, over, only_real)] == [True, True, False]
    assert [has(picture, under) for picture in (alone, over, only_real)] == [False, True, True]


@pytest.mark.parametrize("shape", [(8, 8, 1), (8, 8, 8, 1)], ids=str)
def test_colours_of_pictures_and_volumes_have_the_scale_of_real_ones(shape):
    spec = Spec("arrays", shape)
    real = np.zeros([4, *shape])
    real[:2] = 10.0
    middle, most = ([round(255 * part) for part in matplotlib.colormaps["viridis"](at)[:3]] for at in (0.5, 1.0))
    inside = drawing.picture(spec, np.full([4, *shape], 5.0), real)
    beyond = drawing.picture(spec, np.full([4, *shape], 50.0), np.minimum(real, 9.99))

    def share(picture, color):
        return float((np.abs(picture.astype(int) - color).max(axis=-1) <= 2).mean())

    assert share(inside, middle) > 0.02 > 0.01 > share(beyond, middle)
    assert share(beyond, most) > share(inside, most) + 0.02


def test_three_channels_are_red_green_and_blue():
    samples = np.zeros([4, 8, 8, 3])
    samples[0, ..., 0] = samples[1, ..., 2] = 2.0
    picture = drawing.picture(Spec("arrays", (8, 8, 3)), samples)
    assert has(picture, [255, 0, 0]) and has(picture, [0, 0, 255]) and not has(picture, [0, 255, 0])


def test_values_that_are_all_alike_are_drawn():
    for shape in ((2,), (6, 1), (4, 4, 1), (2, 4, 4, 1)):
        drawing.picture(Spec("arrays", shape), np.zeros([3, *shape]), np.zeros([3, *shape]))


@pytest.mark.parametrize("shape", [(3,), (12, 2), (9, 7, 1), (9, 7, 3), (5, 9, 7, 1)], ids=str)
def test_values_up_to_the_end_of_float32_are_drawn(shape):
    # the span of the first is infinite in float32; of the second 0.5 more is the same number
    wide, still = np.float32(3e38) * np.sign(draw(shape, 9)), np.full([9, *shape], np.float32(1e30))
    for samples in (wide, still):
        assert drawing.picture(Spec("arrays", shape), samples, samples).std() > 0


def test_names_may_hold_a_dollar_or_be_long():
    spec = Spec("arrays", (2,), features=("$x", "a name that is longer than what there is room for"))
    drawing.picture(spec, draw((2,), 9))
    drawing.picture(Spec("arrays", (6, 2), features=("$x", "$")), draw((6, 2), 3))


def test_correlations():
    samples = np.array([[0, 0, 1, 5], [1, 2, 0, 5], [2, 4, 1, 5]], float)
    expected = [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(charts.correlations(samples), expected, atol=1e-12)


def test_the_features_that_vary_most_in_their_order():
    samples = draw((6,), 50) * [1, 30, 2, 0, 20, 3]
    assert charts.most_varied(samples, 3).tolist() == [1, 4, 5]
    assert charts.most_varied(samples, 9).tolist() == [0, 1, 2, 3, 4, 5]

"""The ways between latents, of arrays of each rank: what is drawn, and in which scale."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from wgangp_tf.figures import ways
from wgangp_tf.samples.spec import Spec

RANDOM = np.random.default_rng(0)


def drawn(spec, strip, known, classes=()):
    """The panels of a chart, and the figure."""
    chart = ways.chart(spec, strip, known, classes)
    figure = Figure(figsize=(chart.width, chart.height), layout="constrained")
    chart.draw(figure)
    figure.canvas.draw()
    return figure.axes, figure


def test_features_are_in_standard_deviations_of_what_is_known():
    known = np.array([[0.0, 100.0, 7.0], [2.0, 300.0, 7.0]])  # means 1, 200, 7; deviations 1, 100, 0
    strip = np.array([[[1.0, 200.0, 7.0], [3.0, 400.0, 7.5]]])
    (panel,), figure = drawn(Spec("arrays", (3,), features=("a", "$b", "c")), strip, known, ["x"])
    np.testing.assert_allclose([line.get_ydata() for line in panel.lines], [[0, 2], [0, 2], [0, 0.5]])
    np.testing.assert_array_equal(panel.lines[0].get_xdata(), [0, 1])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "$b", "c"]
    assert panel.get_title() == "class x"


def test_of_many_features_those_that_change_most():
    strip = RANDOM.normal(size=[2, 5, 20]) * np.arange(20)
    (panel, _), figure = drawn(Spec("arrays", (20,)), strip, RANDOM.normal(size=[500, 20]))
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(panel.lines) == len(shown) == 8 and "feature 19" in shown and "feature 1" not in shown
    assert figure.get_suptitle() == "from one latent to another, the 8 features of 20 that change most"


def test_a_signal_is_a_line_for_each_place_of_the_way():
    strip = RANDOM.normal(size=[5, 14, 12, 2])
    axes, figure = drawn(Spec("arrays", (12, 2)), strip, strip[0], list("aabbc"))
    for panel, way in zip(axes[:5], strip, strict=True):
        np.testing.assert_array_equal([line.get_ydata() for line in panel.lines], way[..., 0])
        assert len({line.get_color() for line in panel.lines}) == 14
    assert [panel.get_title() for panel in axes[:5]] == [f"class {name}" for name in "aabbc"]
    assert figure.get_suptitle() == "from one latent to another, the first of 2 channels"


@pytest.mark.parametrize(
    "shape, stored", [((6, 4, 1), (6, 4)), ((6, 4, 2), (6, 4, 2)), ((3, 6, 4, 1), (3, 6, 4)), ((3, 6, 4, 2),) * 2]
)
def test_pictures_and_middle_slices_stand_in_rows_in_the_scale_of_what_is_known(shape, stored):
    strip = RANDOM.normal(size=[2, 3, *stored])
    spec = Spec("arrays", shape, channel_axis=stored == shape)
    (panel, _), _ = drawn(spec, strip, np.linspace(-20, 80, 10 * np.prod(stored)).reshape(10, *stored), ["a", "b"])
    shown = panel.images[0].get_array()
    expected = strip.reshape(2, 3, *shape)[..., 0]
    expected = expected[:, :, 1] if len(shape) == 4 else expected
    assert shown.shape == (2 * 6 + 1, 3 * 4 + 2)
    for way, place in np.ndindex(2, 3):
        np.testing.assert_array_equal(shown[7 * way : 7 * way + 6, 5 * place : 5 * place + 4], expected[way, place])
    low, high = panel.images[0].get_clim()
    assert low == -20 and high == pytest.approx(80, abs=0.2)
    assert [label.get_text() for label in panel.get_yticklabels()] == ["class a", "class b"]


def test_three_channels_are_colours():
    strip = np.full([2, 3, 4, 4, 3], 5.0)
    (panel,), _ = drawn(Spec("arrays", (4, 4, 3)), strip, np.linspace(0, 10, 2 * 48).reshape(2, 4, 4, 3))
    np.testing.assert_allclose(panel.images[0].get_array()[:4, :4], 0.5)

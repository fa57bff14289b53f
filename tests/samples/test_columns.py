import numpy as np
import pytest

from wgangp_tf.samples import columns, drawing
from wgangp_tf.samples.spec import Spec, of_pictures


def test_sample_k_is_of_the_class_of_its_column():
    made = columns.of_classes(("a", "b", "c"))
    assert made.names == ("a", "b", "c") and made.count == 24
    np.testing.assert_array_equal(made.of_samples, np.arange(24) % 3)
    assert made.of_samples.dtype == np.int32
    ragged = columns.Columns((2, 0), ("c", "a"), count=5)
    np.testing.assert_array_equal(ragged.of_samples, [2, 0, 2, 0, 2])


def test_of_many_classes_some_are_shown():
    made = columns.of_classes([str(k) for k in range(1000)])
    assert len(made.labels) == 16 and made.labels[0] == 0 and made.labels[-1] == 937
    assert made.names == tuple(map(str, made.labels))


def test_real_samples_fill_the_columns():
    labels = np.array([0] * 50 + [1] * 3 + [2] * 40)
    made = columns.of_classes("abc")
    rows = made.real(labels, seed=0)
    np.testing.assert_array_equal(labels[rows], made.of_samples)
    assert len(set(rows[::3])) == 8 and set(rows[1::3]) == {50, 51, 52}  # a class with too few repeats them
    assert np.any(rows != made.real(labels, seed=1))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_grid_has_the_names_above_its_columns(channels):
    images = np.zeros([4, 32, 32, channels], np.uint8)
    plain, named = drawing.grid(images, 2), drawing.grid(images, 2, ("a", "b"))
    above = named.shape[0] - plain.shape[0]
    assert 8 < above < 24 and named.shape[1:] == plain.shape[1:]
    np.testing.assert_array_equal(named[above:], plain)
    halves = named[:above, :36], named[:above, 36:]
    assert all(half.min() < 128 and half.max() == 255 for half in halves)
    assert np.any(drawing.grid(images, 2, ("c", "b"))[:above, :36] != halves[0])
    np.testing.assert_array_equal(drawing.grid(images, 2, ("c", "b"))[:above, 36:], halves[1])


def test_a_column_is_as_wide_as_its_name_and_no_wider_than_allowed():
    images = np.zeros([1, 8, 8, 1], np.uint8)
    short, long, longer = (drawing.grid(images, 1, [name]).shape[1] for name in ("a", "m" * 8, "m" * 100))
    assert short == 36 < min(long, longer) and max(long, longer) <= 84
    shown, _ = columns.widths(["m" * 100])
    assert shown[0].startswith("mmm") and shown[0].endswith("m…")
    picture = drawing.grid(images, 1, ["m" * 8])
    dark = np.flatnonzero(picture[-10, :, 0] == 0)
    assert len(dark) == 32 and abs(dark[0] - (long - 1 - dark[-1])) <= 1  # in the middle


def test_columns_are_of_images_with_classes_that_were_asked_for():
    spec = of_pictures((8, 8, 1), ("a", "b"))
    assert drawing.columns_of(spec).names == ("a", "b")
    assert drawing.columns_of(spec, conditional=False) is None
    assert drawing.columns_of(of_pictures((8, 8, 1))) is None
    assert drawing.columns_of(Spec("points", (2,), ("a", "b"))) is None
    images = np.zeros([16, 8, 8, 1], np.uint8)
    picture = drawing.picture(spec, images, columns=drawing.columns_of(spec))
    np.testing.assert_array_equal(picture, drawing.grid(images, 2, ("a", "b")))
    np.testing.assert_array_equal(drawing.picture_of_real(spec, images, drawing.columns_of(spec)), picture)

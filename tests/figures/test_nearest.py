"""The picture of nearest neighbours: where its tiles are, and that it says what they are."""

import numpy as np
import pytest

from wgangp_tf.figures import nearest, style


def _tiles(levels, shape):
    """Pictures of these levels; of three channels in red, which no text has."""
    tiles = np.zeros([*np.shape(levels), *shape], np.uint8)
    tiles[..., 0] = np.uint8(levels)[..., None, None]
    return tiles


@pytest.fixture
def words(monkeypatch):
    """The texts of the figures that are drawn."""
    found = []

    def kept(*of):
        figure = drawn(*of)
        for part in (figure, *figure.subfigs):
            found.extend(text.get_text() for text in part.texts)
            found.extend(text.get_text() for axes in part.axes for text in axes.texts)
        return figure

    drawn = style.drawn
    monkeypatch.setattr(style, "drawn", kept)
    return found


@pytest.mark.parametrize("shape", [(8, 8, 3), (4, 10, 3), (90, 60, 3)])
def test_each_picture_stands_left_of_its_neighbours(shape):
    generated, near = _tiles([40, 80], shape), _tiles([[120, 160], [200, 240]], shape)
    drawn = nearest.draw(generated, near, np.ones([2, 2]), features="pixels")
    assert drawn.dtype == np.uint8 and drawn.shape[-1] == 3
    centres = {}
    for level in (40, 80, 120, 160, 200, 240):
        rows, columns = np.nonzero((drawn == [level, 0, 0]).all(axis=-1))
        centres[level] = round(rows.mean()), round(columns.mean())
        assert np.ptp(rows) / np.ptp(columns) == pytest.approx(shape[0] / shape[1], rel=0.1)
    for row in ((40, 120, 160), (80, 200, 240)):
        assert np.ptp([centres[level][0] for level in row]) <= 1  # a pixel's half is rounded
        assert centres[row[0]][1] < centres[row[1]][1] < centres[row[2]][1]
    for first, second in ((40, 80), (120, 200), (160, 240)):
        assert abs(centres[first][1] - centres[second][1]) <= 1 and centres[first][0] < centres[second][0]


def test_grey_pictures_are_drawn_grey():
    drawn = nearest.draw(_tiles([80], (8, 8, 1)), _tiles([[200]], (8, 8, 1)), np.ones([1, 1]), features="pixels")
    assert all((drawn == level).all(axis=-1).sum() > 10_000 for level in (80, 200))


def test_it_says_what_it_shows(words):
    distances = np.array([[0.5, 1.25], [0.0, 12345.0]])
    nearest.draw(_tiles([40, 80], (8, 8, 1)), _tiles([[1, 2], [3, 4]], (8, 8, 1)), distances, features="digits")
    said = " ".join(words)
    assert {"generated", "nearest real ones", "0.5000", "1.250", "0.000", "12,345"} <= set(words)
    assert "its distance by digits features" in said and "held out" not in said
    assert "A distance near 0 is a sample" in " ".join(said.split())


def test_the_usual_distance_is_said_where_it_is_known(words):
    nearest.draw(_tiles([40], (8, 8, 1)), _tiles([[1]], (8, 8, 1)), np.ones([1, 1]), features="pixels", usual=1.034)
    said = " ".join(" ".join(words).split())
    assert "held out lie 1.034 from theirs" in said and "A distance far below that is a sample" in said

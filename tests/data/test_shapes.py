"""The drawn shapes: the same pictures everywhere, told apart by their class, written whole or not at all."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.data.test_store import ROOT
from wgangp_tf.config import Data
from wgangp_tf.data import registry, shapes
from wgangp_tf.errors import UserError


def test_a_picture_depends_on_its_number_alone():
    np.testing.assert_array_equal(shapes.draw(7), shapes.draw(7))
    assert shapes.draw(7).shape == (32, 32, 3) and shapes.draw(7).dtype == np.uint8
    assert len({shapes.draw(k).tobytes() for k in range(50)}) == 50


def test_each_shape_stands_out_from_its_background():
    for k in range(100):
        assert np.ptp(shapes.draw(k).astype(int), axis=(0, 1)).max() > 50


def test_areas_of_the_shapes():
    # share of the square [-1, 1] squared that lies inside: what the functions say against what geometry says
    axis = (np.arange(2000) + 0.5) / 1000 - 1
    u, v = axis[None, :], axis[:, None]
    areas = {name: (distance(u, v) < 0).mean() * 4 for name, distance in shapes.SHAPES.items()}
    expected = {
        "disc": np.pi * 0.95**2,
        "square": 1.4**2,
        "triangle": 3 * np.sqrt(3) * 0.5**2,  # of inradius 1/2
        "ring": np.pi * (0.95**2 - 0.45**2),
        "cross": 2 * 0.6 * 1.84 - 0.6**2,
    }
    assert areas == pytest.approx(expected, rel=0.01)


def test_the_command_writes_a_folder_that_trains(tmp_path, storage):
    command = [sys.executable, "-m", "wgangp_tf.data.shapes", f"--out={tmp_path / 'drawn'}", "--count=20"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == list(shapes.SHAPES)
    picture = np.asarray(Image.open(tmp_path / "drawn" / "ring" / "00007.png"))
    np.testing.assert_array_equal(picture, shapes.draw(7))
    source = registry.load(
        Data(dataset="folder", image_size=(32, 32), labels="folder"), storage(tmp_path / "drawn", max_bad_files=0.0)
    )
    assert len(source.train) == 18 and source.spec.classes == tuple(shapes.SHAPES)


def test_the_command_refuses_what_is_there(tmp_path, capsys):
    with pytest.raises(SystemExit) as exit:
        shapes.main([f"--out={tmp_path}"])
    assert exit.value.code == 2 and "expected a new folder" in capsys.readouterr().err


def test_an_interrupted_drawing_leaves_nothing(tmp_path, monkeypatch):
    def stop(number):
        raise KeyboardInterrupt

    monkeypatch.setattr(shapes, "draw", stop)
    with pytest.raises(KeyboardInterrupt):
        shapes.write_tree(tmp_path / "drawn", 20)
    assert list(tmp_path.iterdir()) == []


def test_drawn_where_another_was_first(tmp_path):
    shapes.write_tree(tmp_path / "drawn", 5)
    shapes.write_tree(tmp_path / "drawn", 5)
    assert [path.name for path in tmp_path.iterdir()] == ["drawn"]


def test_a_cache_that_is_a_file(tmp_path, storage):
    (tmp_path / "cache").touch()
    with pytest.raises(UserError, match="prepared data cannot be written to"):
        registry.load(Data(dataset="shapes"), storage())


def test_drawn_once(storage, monkeypatch):
    monkeypatch.setattr(shapes, "COUNT", 20)
    first = registry.load(Data(dataset="shapes", labels="auto"), storage())
    monkeypatch.setattr(shapes, "draw", None)
    assert registry.load(Data(dataset="shapes"), storage()).fingerprint == first.fingerprint
    assert first.spec.classes == tuple(shapes.SHAPES)

import io

import numpy as np
import pytest
from PIL import Image

from wgangp_tf.samples import drawing
from wgangp_tf.samples.spec import of_shape

IMAGES, POINTS = of_shape((8, 8, 1)), of_shape((2,))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("height, width, scale", [(33, 17, 1), (8, 8, 4), (5, 40, 6), (64, 48, 1)])
def test_grids_of_any_size(height, width, channels, scale):
    images = np.random.default_rng(0).integers(0, 255, size=(5, height, width, channels), dtype=np.uint8)
    grid = drawing.grid(images)  # 3 columns, 2 rows, lines of 2 pixels between and around
    tall, wide = height * scale, width * scale
    assert grid.shape == (2 * tall + 6, 3 * wide + 8, channels)
    for k, image in enumerate(images):
        top, left = 2 + (k // 3) * (tall + 2), 2 + (k % 3) * (wide + 2)
        np.testing.assert_array_equal(grid[top : top + tall : scale, left : left + wide : scale], image)
    assert np.all(grid[-tall - 2 :, -wide - 2 :] == 255), "the sixth place is empty"
    assert np.all(grid[:2] == 255) and np.all(grid[:, :2] == 255)


def test_grid_with_columns():
    images = np.zeros([4, 32, 32, 1], np.uint8)
    assert drawing.grid(images, columns=4).shape == (36, 4 * 34 + 2, 1)
    assert drawing.grid(images[:1]).shape == (36, 36, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_png_holds_the_pixels(channels, tmp_path):
    image = np.random.default_rng(0).integers(0, 256, size=(5, 7, channels), dtype=np.uint8)
    drawing.write(tmp_path / "a.png", image)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    read = Image.open(io.BytesIO((tmp_path / "a.png").read_bytes()))
    assert read.mode == ("L" if channels == 1 else "RGB")
    assert read.text == {"Software": "wgangp_tf"}
    np.testing.assert_array_equal(np.asarray(read).reshape(image.shape), image)


def test_draw_makes_grids_of_images_and_clouds_of_points():
    images = np.zeros([4, 32, 32, 3], np.uint8)
    np.testing.assert_array_equal(drawing.picture(IMAGES, images), drawing.grid(images))
    points = np.array([[0.5, 0.5]], np.float32)
    cloud = drawing.picture(POINTS, points, real=np.array([[-0.5, -0.5], [1, 1]], np.float32))
    assert cloud.shape == (512, 512, 3) and cloud.dtype == np.uint8
    # reach 1.3: (0.5, 0.5) lies at 0.69 of the way, upper right; blue over white there, white in the middle
    at = round(512 * (0.5 + 1.3) / 2.6)
    assert cloud[512 - at, at].astype(int).tolist() != [255, 255, 255]
    assert cloud[256, 256].tolist() == [255, 255, 255]
    assert drawing.picture(POINTS, points).shape == (512, 512, 3)


def test_real_points_alone_look_as_they_do_under_generated_ones():
    real = np.array([[-2, -1], [2, 1.5]], np.float32)
    alone, with_others = (
        drawing.picture_of_real(POINTS, real),
        drawing.picture(POINTS, np.zeros([0, 2], np.float32), real),
    )
    for x, y in real:  # the same place, within the picture, the same colour
        at = 512 - round(512 * (y + 2.6) / 5.2), round(512 * (x + 2.6) / 5.2)
        assert alone[at].tolist() == with_others[at].tolist() != [255, 255, 255]
    np.testing.assert_array_equal(drawing.picture_of_real(IMAGES, np.zeros([4, 8, 8, 1], np.uint8)).shape[2], 1)


def test_points_in_the_origin_are_drawn():
    assert drawing.picture(POINTS, np.zeros([3, 2], np.float32))[256, 256].tolist() != [255, 255, 255]


def test_generated_points_alone_are_all_seen():
    far = np.array([[-7, 0], [5, 3]], np.float32)
    picture = drawing.picture(POINTS, far)
    for x, y in far:
        at = 512 - round(512 * (y + 9.1) / 18.2), round(512 * (x + 9.1) / 18.2)
        assert picture[at].tolist() != [255, 255, 255]

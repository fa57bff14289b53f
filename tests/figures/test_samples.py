import io

import numpy as np
import pytest
from PIL import Image

from wgangp_tf.errors import UserError
from wgangp_tf.figures import drawing as figures
from wgangp_tf.figures import number_files, samples, style
from wgangp_tf.samples import drawing
from wgangp_tf.samples.spec import Spec

RANDOM = np.random.default_rng(0)
IMAGES = {"spec": Spec("images", (8, 6, 3), encoding="uint8").to_values(), "frame_steps": [0, 7], "caption": "Words."}
POINTS = {"spec": Spec("points", (2,)).to_values(), "frame_steps": [], "caption": "Words."}


def images():
    shapes = {"samples": (64, 8, 6, 3), "strip": (5, 14, 8, 6, 3), "real": (50, 50, 3), "frames": (2, 40, 70, 3)}
    return {name: RANDOM.integers(0, 256, shape).astype(np.uint8) for name, shape in shapes.items()}


def test_real_and_generated_pictures_stand_above_the_strip():
    arrays = images()
    above, below = samples.draw(IMAGES, arrays).subfigs[0].subfigs
    assert [a.get_title() for a in above.axes] == ["real", "generated"]
    np.testing.assert_array_equal(above.axes[0].images[0].get_array(), arrays["real"])
    np.testing.assert_array_equal(above.axes[1].images[0].get_array(), drawing.grid(arrays["samples"]))
    (strip,) = below.axes
    shown = strip.images[0].get_array()
    np.testing.assert_array_equal(shown, drawing.grid(arrays["strip"].reshape(70, 8, 6, 3), columns=14))
    # 6 pixels are enlarged to 30; second row, third column: after 1 + 2 rows of 40 and gaps of 2
    np.testing.assert_array_equal(shown[44, 2 + 2 * 32], arrays["strip"][1, 2, 0, 0])
    assert strip.get_title() == "from one latent to another"
    for axes in (*above.axes, strip):
        assert axes.images[0].get_clim() == (0, 255)


def test_classes_stand_above_their_columns_and_beside_their_rows():
    arrays = images()
    values = IMAGES | {"columns": list("abcd"), "strip_classes": ["a", "b", "$d", "f", "g"]}
    above, below = samples.draw(values, arrays).subfigs[0].subfigs
    np.testing.assert_array_equal(above.axes[1].images[0].get_array(), drawing.grid(arrays["samples"], 4, list("abcd")))
    (strip,) = below.axes
    assert [label.get_text() for label in strip.get_yticklabels()] == ["a", "b", "$d", "f", "g"]
    height = len(strip.images[0].get_array())
    np.testing.assert_allclose(strip.get_yticks(), height * np.array([0.1, 0.3, 0.5, 0.7, 0.9]))
    assert strip.get_title() == "from one latent to another, of one class each"


def test_arrays_are_drawn_as_a_run_draws_them_above_the_ways():
    arrays = {"samples": RANDOM.normal(size=[16, 12, 1]), "strip": RANDOM.normal(size=[5, 14, 12, 1])}
    arrays["real_samples"] = RANDOM.normal(size=[16, 12, 1])
    values = {"spec": Spec("arrays", (12, 1)).to_values(), "frame_steps": [], "caption": "Words."}
    above, below = samples.draw(values, arrays).subfigs[0].subfigs
    assert len(above.axes) == 16
    for number, axes in enumerate(above.axes):
        real, generated = axes.lines
        np.testing.assert_array_equal(real.get_ydata(), arrays["real_samples"][number, :, 0])
        np.testing.assert_array_equal(generated.get_ydata(), arrays["samples"][number, :, 0])
    ways = below.axes[:5]
    for axes, way in zip(ways, arrays["strip"], strict=True):
        np.testing.assert_array_equal([line.get_ydata() for line in axes.lines], way[..., 0])


def test_without_real_pictures_the_generated_ones_stand_alone():
    arrays = images()
    del arrays["real"]
    above, _ = samples.draw(IMAGES, arrays).subfigs[0].subfigs
    assert [a.get_title() for a in above.axes] == ["generated"]


def test_points_and_their_ways_are_in_the_plane():
    arrays = {"samples": RANDOM.normal(size=[20, 2]), "strip": RANDOM.normal(size=[5, 14, 2])}
    left, right = samples.draw(POINTS, arrays).subfigs[0].axes
    for axes in (left, right):
        np.testing.assert_array_equal(axes.collections[0].get_offsets(), arrays["samples"])
        assert axes.get_aspect() == 1
    for line, way in zip(right.lines, arrays["strip"], strict=True):
        np.testing.assert_array_equal(line.get_data(), way.T)
    assert len({line.get_color() for line in right.lines}) == 5 and right.get_legend() is None
    _, right = samples.draw(POINTS | {"strip_classes": list("abcde")}, arrays).subfigs[0].axes
    assert [text.get_text() for text in right.get_legend().get_texts()] == list("abcde")

    arrays["frames"] = RANDOM.integers(0, 256, [2, 30, 30, 3]).astype(np.uint8)
    left, _ = samples.draw(POINTS, arrays).subfigs[0].axes
    np.testing.assert_array_equal(left.images[0].get_array(), arrays["frames"][-1])
    assert left.get_title() == "real and generated"


def opened(packed):
    """(frames as RGB, milliseconds of each) of an animation."""
    frames, durations = [], []
    with Image.open(io.BytesIO(packed)) as animation:
        for number in range(animation.n_frames):
            animation.seek(number)
            frames.append(np.asarray(animation.convert("RGB")))
            durations.append(animation.info["duration"])
    return frames, durations


@pytest.mark.parametrize("channels", [1, 3])
def test_the_animation_shows_each_picture_above_its_step(channels):
    levels = (20, 120, 220)
    frames = np.stack([np.full([30, 90, channels], level, np.uint8) for level in levels])
    found, durations = opened(samples.animation(frames, [0, 1000, 25_000]))
    assert durations == [120, 120, 2000]  # the last one stays
    for picture, level in zip(found, levels, strict=True):
        assert picture.shape == (46, 90, 3)
        assert np.abs(picture[:30].astype(int) - level).max() <= 1
        assert picture[30:].min() < 100 and (picture[30:] == 255).mean() > 0.5, "no words on white below"
    bands = [picture[30:] for picture in found]
    assert not np.array_equal(bands[0], bands[1]) and not np.array_equal(bands[1], bands[2])


def test_an_animation_that_is_too_large_leaves_pictures_out_but_never_the_ends():
    frames = RANDOM.integers(0, 256, [8, 40, 40, 1]).astype(np.uint8)
    whole = samples.animation(frames, range(8))
    for most, count in ((len(whole), 8), (len(whole) - 1, 5), (len(whole) // 2, 3), (0, 2)):
        packed = samples.animation(frames, range(8), most_bytes=most)
        found, _ = opened(packed)
        assert len(found) == count and (len(packed) <= most or count == 2)
        for picture, frame in ((found[0], frames[0]), (found[-1], frames[-1])):
            assert np.abs(picture[:40, :, 0].astype(int) - frame[..., 0]).max() <= 2  # Pillow's palettes round


def test_the_animation_is_a_file_beside_the_figure(tmp_path):
    arrays = images()
    for steps, names in (([0, 7], ["gif", "png", "svg"]), ([7], ["png", "svg"])):
        # one picture is no animation, and that of other numbers goes
        values = IMAGES | {"frame_steps": steps}
        number_files.write(tmp_path, "samples", values, arrays)
        paths = figures.draw(tmp_path, "samples")
        assert sorted(paths) == sorted(tmp_path.glob("samples.*")) == [tmp_path / f"samples.{name}" for name in names]
        if len(steps) > 1:
            assert len(opened((tmp_path / "samples.gif").read_bytes())[0]) == 2
    assert samples.extras(POINTS, {}) == {"samples.gif": None}


def test_numbers_that_cannot_be_animated_change_no_picture(tmp_path):
    arrays = images()
    number_files.write(tmp_path, "samples", IMAGES, {name: arrays[name] for name in ("samples", "strip", "real")})
    (tmp_path / "samples.png").write_text("before")
    with pytest.raises(UserError, match="the numbers in .* cannot be drawn .KeyError.'frames'"):
        figures.draw(tmp_path, "samples")
    assert (tmp_path / "samples.png").read_text() == "before" and not (tmp_path / "samples.svg").exists()


def test_a_dollar_in_the_caption_is_text():
    figure = samples.draw(IMAGES | {"caption": r"run $\bad{$"}, images())
    assert style.pictures(figure, "samples")["samples.png"].startswith(b"\x89PNG")


def test_the_caption_stands_below():
    figure = samples.draw(IMAGES, images())
    assert [text.get_text() for text in figure.subfigs[1].texts] == ["Words."]


@pytest.mark.parametrize("size", [(4, 64), (64, 4)])
def test_pictures_far_from_square_fill_the_figure(size):
    shapes = {"samples": (64, *size, 3), "strip": (5, 14, *size, 3), "frames": (2, *size, 3)}
    arrays = {name: RANDOM.integers(0, 256, shape).astype(np.uint8) for name, shape in shapes.items()}
    values = IMAGES | {"spec": Spec("images", (*size, 3), encoding="uint8").to_values()}
    figure = samples.draw(values, arrays)
    width, height = figure.get_size_inches()
    assert width == 9 and height < 20
    figure.canvas.draw()
    above, below = figure.subfigs[0].subfigs
    for axes in (*above.axes, *below.axes):
        place = axes.get_window_extent()
        assert place.height > 20 and place.width > 20
        # a wide picture takes most of the width, a tall one most of its height
        assert max(place.width / figure.bbox.width, place.height / axes.figure.bbox.height) > 0.6

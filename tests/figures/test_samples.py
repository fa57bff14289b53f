import io

import numpy as np
import pytest
from PIL import Image

from wgangp_tf.figures import samples
from wgangp_tf.samples import drawing
from wgangp_tf.samples.spec import Spec

PICTURES = Spec("images", (4, 4, 1), encoding="uint8")
POINTS = Spec("points", (2,))


def _values(spec, steps=()):
    return {"spec": spec.to_values(), "frame_steps": list(steps), "caption": "Words."}


@pytest.fixture
def arrays():
    random = np.random.default_rng(0)
    found = {"samples": [64, 4, 4, 1], "strip": [5, 14, 4, 4, 1], "real": [20, 20, 1], "frames": [6, 40, 40, 1]}
    # 64 levels: a GIF has 256 colours, one of which it may need for what does not change
    return {name: 4 * random.integers(0, 64, shape).astype(np.uint8) for name, shape in found.items()}


def _shown(axes):
    return np.asarray(axes.images[0].get_array())


def test_real_and_generated_stand_side_by_side_over_the_strip(arrays):
    above, below = samples.draw(_values(PICTURES), arrays).subfigs[0].subfigs
    real, generated = above.axes
    assert [axes.get_title() for axes in (real, generated)] == ["real", "generated"]
    np.testing.assert_array_equal(_shown(real), arrays["real"][..., 0])
    np.testing.assert_array_equal(_shown(generated), drawing.grid(arrays["samples"])[..., 0])
    strip = _shown(below.axes[0])
    assert strip.shape == (5 * 34 + 2, 14 * 34 + 2), "five rows of fourteen tiles of 32 pixels"
    np.testing.assert_array_equal(strip[36:68:8, 70:102:8], arrays["strip"][1, 2, ..., 0])
    assert {axes.images[0].get_clim() for axes in (real, generated, below.axes[0])} == {(0, 255)}


def test_without_a_training_there_is_no_real_picture(arrays):
    del arrays["real"]
    above, _ = samples.draw(_values(PICTURES), arrays).subfigs[0].subfigs
    assert [axes.get_title() for axes in above.axes] == ["generated"]


def test_colour_stays_colour(arrays):
    arrays = {name: array.repeat(3, axis=-1) for name, array in arrays.items()}
    above, _ = samples.draw(_values(Spec("images", (4, 4, 3), encoding="uint8")), arrays).subfigs[0].subfigs
    np.testing.assert_array_equal(_shown(above.axes[0]), arrays["real"])


def test_points_and_where_they_go(arrays):
    random = np.random.default_rng(1)
    points = {"samples": random.normal(size=(30, 2)), "strip": random.normal(size=(5, 14, 2))}
    left, right = samples.draw(_values(POINTS), points).subfigs[0].axes
    np.testing.assert_array_equal(left.collections[0].get_offsets(), points["samples"])
    assert left.get_title() == "generated"
    for line, way in zip(right.lines, points["strip"], strict=True):
        np.testing.assert_array_equal(line.get_data(), way.T)
    left, _ = samples.draw(_values(POINTS, [1, 2]), points | {"frames": arrays["frames"]}).subfigs[0].axes
    np.testing.assert_array_equal(_shown(left), arrays["frames"][-1, ..., 0])


def _read(packed):
    with Image.open(io.BytesIO(packed)) as picture:
        found = []
        for k in range(picture.n_frames):
            picture.seek(k)
            found.append((np.asarray(picture.convert("RGB")), picture.info["duration"]))
        return found, picture.info["loop"]


def test_the_animation_is_of_the_frames_with_their_steps_below(arrays):
    frames = arrays["frames"]
    found, loop = _read(samples.animation(frames, [10, 20, 30, 40, 50, 1000]))
    assert loop == 0 and [duration for _, duration in found] == [120] * 5 + [2000]
    bands = set()
    for (pixels, _), frame in zip(found, frames, strict=True):
        assert pixels.shape == (56, 40, 3)
        np.testing.assert_array_equal(pixels[:40], frame.repeat(3, axis=-1))
        assert pixels[40:].max() == 255 and pixels[40:].min() < 128, "dark words on white"
        bands.add(pixels[40:].tobytes())
    assert len(bands) == 6


def test_an_animation_in_colour(arrays):
    frames = np.zeros([2, 10, 40, 3], np.uint8)
    frames[0, ..., 0], frames[1, ..., 1] = 200, 150
    found, _ = _read(samples.animation(frames, [1, 2]))
    assert [tuple(pixels[5, 20]) for pixels, _ in found] == [(200, 0, 0), (0, 150, 0)]


def test_an_animation_that_is_too_large_leaves_frames_out_but_not_the_ends(arrays):
    frames = arrays["frames"]
    whole = samples.animation(frames, range(6))
    smaller = samples.animation(frames, range(6), most_bytes=len(whole) - 1)
    kept = [pixels[:40, :, :1] for pixels, _ in _read(smaller)[0]]
    np.testing.assert_array_equal(kept, frames[[0, 2, 4, 5]])
    least = [pixels[:40, :, :1] for pixels, _ in _read(samples.animation(frames, range(6), most_bytes=1))[0]]
    np.testing.assert_array_equal(least, frames[[0, 5]])


def test_only_a_training_has_an_animation(arrays, tmp_path):
    (path,) = samples.extras(_values(PICTURES, range(6)), arrays, tmp_path)
    assert path == tmp_path / "samples.gif" and len(_read(path.read_bytes())[0]) == 6
    for steps in ([], [3]):
        path.write_bytes(b"of other numbers")
        assert samples.extras(_values(PICTURES, steps), arrays, tmp_path) == []
        assert not path.exists()

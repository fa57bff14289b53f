"""One picture of each kind, prepared: the right colours, the right part, the right size."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tests.data.conftest import encoded, solid
from wgangp_tf.data import prepare
from wgangp_tf.data.prepare import BadPicture, Preparation, crop_box, decode

COLOR = Preparation((8, 8), 3)
GREY = Preparation((8, 8), 1)
ORANGE, ORANGE_GREY = (200, 100, 50), 124  # 0.299 · 200 + 0.587 · 100 + 0.114 · 50
PALETTE_ORANGE = (204, 102, 51)  # the nearest of the web palette


def adaptive(color):
    return solid(color).convert("P", palette=Image.Palette.ADAPTIVE, colors=4)


def png_header(width, height):
    """A PNG that says how large it is and then ends."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + checksum + b"\0\0\0\0IEND\xaeB`\x82"


@pytest.mark.parametrize(
    "image, kind, options, color",
    [
        (solid(ORANGE), "JPEG", {"quality": 95}, ORANGE),
        (solid(ORANGE).convert("CMYK"), "JPEG", {"quality": 95}, ORANGE),
        (solid(ORANGE).convert("L"), "JPEG", {"quality": 95}, (ORANGE_GREY,) * 3),
        (solid(ORANGE), "JPEG", {"quality": 95, "progressive": True}, ORANGE),
        (solid(ORANGE), "PNG", {}, ORANGE),
        (solid(ORANGE).convert("L"), "PNG", {}, (ORANGE_GREY,) * 3),
        (solid(ORANGE).convert("LA"), "PNG", {}, (ORANGE_GREY,) * 3),
        (solid(ORANGE).convert("P", dither=Image.Dither.NONE), "PNG", {}, PALETTE_ORANGE),
        (Image.new("1", (10, 12), 1), "PNG", {}, (255, 255, 255)),
        (Image.new("1", (10, 12), 0), "PNG", {}, (0, 0, 0)),
        (Image.fromarray(np.full((12, 10), 257 * 90, np.uint16)), "PNG", {}, (90, 90, 90)),
        (adaptive(ORANGE), "GIF", {}, ORANGE),
        (solid(ORANGE), "BMP", {}, ORANGE),
        (adaptive(ORANGE), "BMP", {}, ORANGE),
        (solid(ORANGE), "WEBP", {"lossless": True}, ORANGE),
        (solid(ORANGE).convert("RGBA"), "WEBP", {"lossless": True}, ORANGE),
    ],
)
def test_colors_of_each_format_and_mode(image, kind, options, color):
    pixels, enlarged = decode(encoded(image, kind, **options), COLOR)
    assert pixels.shape == (8, 8, 3) and pixels.dtype == np.uint8 and not enlarged
    np.testing.assert_allclose(pixels, np.broadcast_to(color, (8, 8, 3)), atol=2)


@pytest.mark.parametrize(
    "image, kind, grey",
    [
        (solid(ORANGE), "PNG", ORANGE_GREY),
        (solid(ORANGE).convert("CMYK"), "JPEG", ORANGE_GREY),
        (adaptive(ORANGE), "GIF", ORANGE_GREY),
        (Image.new("1", (10, 12), 1), "PNG", 255),
    ],
)
def test_colour_becomes_grey(image, kind, grey):
    pixels, _ = decode(encoded(image, kind), GREY)
    np.testing.assert_allclose(pixels, np.full((8, 8, 1), grey), atol=2)


def test_sixteen_bits_are_rounded_not_clipped():
    levels = np.random.default_rng(0).integers(0, 65536, (8, 8), np.uint16)
    pixels, _ = decode(encoded(Image.fromarray(levels)), GREY)
    assert np.abs(pixels[..., 0] - levels / 257).max() <= 0.5


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_alpha_lies_on_white(kind):
    half = Image.new("RGBA", (8, 8), (100, 0, 0, 128))
    pixels, _ = decode(encoded(half, kind, lossless=True) if kind == "WEBP" else encoded(half, kind), COLOR)
    # 100 · 128/255 + 255 · 127/255 = 177.2, and 127
    np.testing.assert_allclose(pixels, np.broadcast_to((177, 127, 127), (8, 8, 3)), atol=1)


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_palette_color_is_white(kind):
    image = adaptive(ORANGE)
    pixels, _ = decode(encoded(image, kind, transparency=image.getpixel((0, 0))), COLOR)
    assert (pixels == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_followed(orientation):
    upright = Image.fromarray(np.arange(24, dtype=np.uint8).reshape(4, 6) * 10)
    # stored so that the tag turns it back
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels, _ = decode(encoded(stored, "PNG", exif=exif), Preparation((4, 6), 1))
    np.testing.assert_array_equal(pixels[..., 0], np.asarray(upright))


def test_broken_exif_does_not_spoil_a_picture():
    with prepare.quiet():
        pixels, _ = decode(encoded(solid(ORANGE), "JPEG", quality=95, exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"), COLOR)
    np.testing.assert_allclose(pixels[0, 0], ORANGE, atol=2)


def test_of_an_animation_the_first_picture_counts():
    frames = [solid(ORANGE), solid((0, 0, 0))]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    np.testing.assert_allclose(decode(data, COLOR)[0][0, 0], ORANGE, atol=8)


@pytest.mark.parametrize("resize", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(64, 64), (48, 80), (7, 5), (250, 300)])
def test_resize_is_within_one_level_of_the_antialiased_resize_of_tensorflow(photo, resize, size):
    import tensorflow as tf

    pixels, _ = decode(encoded(photo), Preparation(size, 3, "none", resize))
    other = tf.image.resize(np.asarray(photo, np.float32), size, method=resize, antialias=True)
    other = np.clip(np.rint(other), 0, 255)
    assert np.abs(pixels.astype(int) - other).max() <= 1


def test_crop_then_resize_is_what_pillow_does(photo):
    pixels, _ = decode(encoded(photo), Preparation((64, 64), 3, "178", "bilinear"))
    other = photo.crop((0, 20, 178, 198)).resize((64, 64), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(pixels, np.asarray(other))


@pytest.mark.parametrize(
    "size, wanted, crop, box",
    [
        ((178, 218), (64, 64), "178", (0, 20, 178, 198)),  # CelebA
        ((178, 218), (64, 64), "center", (0, 20, 178, 198)),
        ((178, 218), (64, 64), "none", (0, 0, 178, 218)),
        ((100, 50), (32, 32), "center", (25, 0, 75, 50)),
        ((100, 50), (64, 32), "center", (0, 0, 100, 50)),
        ((100, 50), (64, 64), "20x40", (30, 15, 70, 35)),  # height x width
        ((100, 50), (64, 64), "178", (25, 0, 75, 50)),  # shrunk until it fits
        ((101, 51), (10, 10), "center", (25, 0, 76, 51)),
        ((1, 1000), (64, 64), "center", (0, 499, 1, 500)),
        ((1000, 1), (64, 4), "center", (492, 0, 508, 1)),
    ],
)
def test_crop_box(size, wanted, crop, box):
    assert crop_box(size, wanted, crop) == box


def test_a_small_picture_is_enlarged_and_said_so():
    pixels, enlarged = decode(encoded(solid(ORANGE, (4, 4))), COLOR)
    assert enlarged and (pixels == ORANGE).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1)])
def test_pictures_one_pixel_wide(size):
    assert (decode(encoded(solid(ORANGE, size)), COLOR)[0] == ORANGE).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
def test_truncated(photo, kind):
    data = encoded(photo, kind)
    for share in (0.02, 0.5, 0.9):
        with pytest.raises(BadPicture, match="broken or truncated|not a JPEG"):
            decode(data[: int(len(data) * share)], COLOR)


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "empty file"),
        (b"<html>not found</html>", "not a JPEG, PNG, GIF, BMP, WebP, TIFF"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "broken or truncated|not a JPEG"),
        (png_header(9500, 9500), "more than 89,478,485 pixels"),  # Pillow would only warn
        (png_header(60000, 60000), "more than 89,478,485 pixels"),  # Pillow would refuse
        (encoded(solid(ORANGE), "TGA"), "not a JPEG"),
    ],
)
def test_reasons(data, reason):
    with prepare.quiet(), pytest.raises(BadPicture, match=reason):
        decode(data, COLOR)


def test_no_picture_is_decoded_before_its_size_is_known_to_be_sane(monkeypatch):
    data = encoded(solid(ORANGE, (10, 10)), "BMP")
    monkeypatch.setattr(prepare, "MAX_PIXELS", 99)
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("decoded"))
    with pytest.raises(BadPicture, match="more than 99 pixels"):
        decode(data, COLOR)

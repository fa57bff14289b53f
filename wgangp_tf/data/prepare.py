"""One picture, of whatever kind, as uint8 pixels of the wanted size. Every data set of pictures goes through here."""

import contextlib
import dataclasses
import functools
import io
import warnings

import numpy as np
from PIL import Image, ImageOps, features

from wgangp_tf.config import parse_size
from wgangp_tf.errors import either

VERSION = 2  # part of the key of every store: raise it when a pixel would come out differently

# Pillow's name of each format that is read: its name in words, and the suffixes of its files
_FORMATS = {
    "JPEG": ("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif")),
    "PNG": ("PNG", (".png", ".apng")),
    "GIF": ("GIF", (".gif",)),
    "BMP": ("BMP", (".bmp",)),
    "WEBP": ("WebP", (".webp",)),
    "TIFF": ("TIFF", (".tif", ".tiff")),
    "PPM": ("PPM", (".ppm", ".pgm", ".pbm", ".pnm")),
    "AVIF": ("AVIF", (".avif",)),
}
if not features.check("avif"):  # Pillow before 11.3, or made without
    del _FORMATS["AVIF"]
FORMATS = tuple(_FORMATS)
NAMES = either([name for name, _ in _FORMATS.values()])
SUFFIXES = tuple(suffix.encode() for _, suffixes in _FORMATS.values() for suffix in suffixes)
MAX_PIXELS = 89_478_485  # Pillow's own bound on what is no decompression bomb
_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
_WHITE = 255
_PNG = b"\x89PNG\r\n\x1a\n"
_OF_PIXELS = (b"tRNS", b"eXIf")  # chunks of a PNG file that shape pixels, beside those in capitals


class BadPicture(Exception):
    """A picture that cannot be used; the message is the reason, the same for all pictures of its kind."""


@dataclasses.dataclass(frozen=True)
class Preparation:
    """Everything that shapes a pixel.

    Attributes:
      size: (height, width) of the result.
      channels: 1 grey or 3 colour.
      crop: see `config.Data.crop`.
      resize: "bilinear" or "bicubic".
    """

    size: tuple[int, int]
    channels: int
    crop: str = "center"
    resize: str = "bilinear"

    @property
    def sample_shape(self):
        return (*self.size, self.channels)


def decode(encoded, preparation):
    """The bytes of a picture's file, prepared.

    Of an animation the first picture counts. The picture is turned as its EXIF orientation says.

    Args:
      encoded: bytes.
      preparation: `Preparation`.

    Returns:
      (pixels, enlarged): uint8 [height, width, channels], and whether the picture was smaller than that.

    Raises:
      BadPicture: no such file, or a broken or absurdly large one.
    """
    if not encoded:
        raise BadPicture("empty file")
    return by_pixels(lambda content: _decode(content, preparation), encoded)


def by_pixels(look, encoded):
    """`look(encoded)`, and where that fails of a PNG file: of its pixels alone.

    A text or a colour profile longer than Pillow likes, or a broken one, is no fault of the picture.
    """
    try:
        return look(encoded)
    except MemoryError:
        raise
    except Exception:  # whatever a decoder raises
        bare = _bare(encoded)
        if bare is None:
            raise
    return look(bare)


def _bare(encoded):
    """A PNG file without what is beside its pixels; None of another file, or where that changes nothing."""
    if not encoded.startswith(_PNG):
        return None
    kept, place = [_PNG], len(_PNG)
    while place < len(encoded):
        length = int.from_bytes(encoded[place : place + 4], "big")
        name, end = encoded[place + 4 : place + 8], place + 12 + length
        if end > len(encoded):  # cut off: as far as it goes
            end = len(encoded)
        if name[:1].isupper() or name in _OF_PIXELS:
            kept.append(encoded[place:end])
        place = end
    bare = b"".join(kept)
    return bare if len(bare) < len(encoded) else None


def _decode(encoded, preparation):
    """See `decode`."""
    try:
        with Image.open(io.BytesIO(encoded), formats=FORMATS) as image:
            _check_pixels(image)
            image.load()
            _turn_upright(image)
            return prepare(image, preparation)
    except (BadPicture, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture(f"more than {MAX_PIXELS:,} pixels") from error
    except Image.UnidentifiedImageError as error:
        raise BadPicture(f"not a {NAMES} picture") from error
    except Exception as error:  # decoders raise nearly anything on broken input
        raise BadPicture("broken or truncated") from error


def prepare(image, preparation):
    """A decoded picture, cut and resized.

    Args:
      image: PIL image of any mode.
      preparation: `Preparation`.

    Returns:
      (pixels, enlarged), as `decode` does.
    """
    image = _plain(image, preparation.channels)
    height, width = preparation.size
    left, top, right, bottom = box = crop_box(image.size, (width, height), preparation.crop)
    if box != (0, 0, *image.size):
        image = image.crop(box)
    if image.size != (width, height):
        image = image.resize((width, height), _FILTERS[preparation.resize])
    pixels = np.asarray(image).reshape(height, width, preparation.channels)
    return pixels, right - left < width or bottom - top < height


def notes_on_size(enlarged, count, preparation):
    """What a user should know of pictures smaller than they are prepared: lines, none where all are large enough."""
    if not enlarged:
        return ()
    height, width = preparation.size
    return (f"{enlarged:,} of {count:,} pictures are smaller than {height}x{width} and were enlarged",)


@contextlib.contextmanager
def quiet():
    """Keeps decoders from warning about what they tolerate; to be entered once, around the threads that decode."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@functools.lru_cache(maxsize=1024)
def crop_box(size, wanted, crop):
    """Which part of a picture is used.

    Args:
      size: (width, height) of the picture.
      wanted: (width, height) after resizing.
      crop: "none", "center" or a centred size as in `config.Data.crop`; a cut that does not fit is shrunk, its
        aspect ratio kept.

    Returns:
      (left, top, right, bottom) in whole pixels; at least one pixel each way.
    """
    if crop == "none":
        return (0, 0, *size)
    if crop == "center":
        cut_width, cut_height = wanted
        scale = min(size[0] / cut_width, size[1] / cut_height)
    else:
        cut_height, cut_width = parse_size("crop", crop)
        scale = min(1.0, size[0] / cut_width, size[1] / cut_height)
    cut = [max(1, round(side * scale)) for side in (cut_width, cut_height)]
    left, top = ((whole - part) // 2 for whole, part in zip(size, cut, strict=True))
    return (left, top, left + cut[0], top + cut[1])


def _check_pixels(image):
    """Pillow warns of, and only above twice the bound refuses, what is refused here."""
    if image.width * image.height > MAX_PIXELS:
        raise BadPicture(f"more than {MAX_PIXELS:,} pixels")


def _turn_upright(image):
    """As the EXIF orientation says; EXIF data that cannot be read says nothing."""
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)


def _plain(image, channels):
    """Eight-bit grey or colour without alpha; transparent parts become white."""
    if image.mode == "F":  # of TIFF files
        raise BadPicture("numbers with a fraction, whose range is not known")
    if image.mode == "I" and image.format == "TIFF":  # 32 bits, whose use Pillow does not tell
        raise BadPicture("numbers of 32 bits, whose range is not known")
    if image.mode.startswith("I"):  # 16-bit grey, which Pillow's own conversion clips
        image = Image.fromarray(np.rint(np.clip(np.asarray(image), 0, 65535) / 257.0).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (_WHITE,) * 4)
        image = Image.alpha_composite(white, image).convert("RGB")
    mode = "L" if channels == 1 else "RGB"
    if image.mode == mode:
        return image
    if mode == "L" and image.mode not in ("1", "RGB"):
        image = image.convert("RGB")  # palettes and CMYK have no direct way to grey that keeps their colours
    return image.convert(mode)

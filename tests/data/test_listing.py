"""A folder of sound pictures and one odd thing: the others are read, and the odd one is read or said."""

import os
import pathlib
import socket
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from tests.data.conftest import encoded, solid
from wgangp_tf.config import Data
from wgangp_tf.data import listing, native, prepare, registry
from wgangp_tf.errors import UserError

SMALL = Data(dataset="folder", image_size=(8, 8))
SOUND = 5  # pictures, none of grey 77
ODD = 77


def _with_text(count, zipped):
    said = PngImagePlugin.PngInfo()
    said.add_text("prompt", "a" * count, zip=zipped)
    return encoded(solid((ODD,) * 3), pnginfo=said)


def _chunk(name, content):
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


def _with_chunk(name, content):
    """A PNG file with another chunk before its last."""
    data = encoded(solid((ODD,) * 3))
    return data[:-12] + _chunk(name, content) + data[-12:]


def _apng():
    frames = [solid((grey,) * 3) for grey in (ODD, 200)]
    return encoded(frames[0], save_all=True, append_images=frames[1:])


def _wide(kind):
    """Sixteen bits of grey."""
    return encoded(Image.fromarray(np.full([10, 12], ODD * 257, np.uint16)), kind)


_GREY = solid((ODD,) * 3)
# files that hold a sound picture of grey 77
READ = {
    "a.tif": encoded(_GREY, "TIFF"),
    "a.TIFF": encoded(_GREY, "TIFF", compression="tiff_lzw"),
    "cmyk.tif": encoded(_GREY.convert("CMYK"), "TIFF"),
    "wide.tif": _wide("TIFF"),
    "wide.png": _wide("PNG"),
    "pages.tif": encoded(_GREY, "TIFF", save_all=True, append_images=[solid((200,) * 3)]),
    "a.pgm": encoded(_GREY.convert("L"), "PPM"),
    "a.ppm": encoded(_GREY, "PPM"),
    "a.webp": encoded(_GREY, "WEBP", lossless=True),
    "a.apng": _apng(),
    "phone.jpg": encoded(_GREY, "MPO", save_all=True, append_images=[_GREY]),
    "cmyk.jpg": encoded(_GREY.convert("CMYK"), "JPEG"),
    "a jpeg.png": encoded(_GREY, "JPEG"),
    "a png.jpg": encoded(_GREY),
    "text.png": _with_text(2_000_000, zipped=True),
    "plain text.png": _with_text(9_000_000, zipped=False),
    "texts.png": _with_chunk(b"zTXt", b"x\0\0" + zlib.compress(b"a" * 2_000_000)),
    "broken text.png": _with_chunk(b"zTXt", b"x\0\0no deflate"),
    "unicode.png": _with_chunk(b"iTXt", b"x\0\1\0\0\0" + zlib.compress(b"a" * 2_000_000)),
    "profile.png": encoded(_GREY, icc_profile=b"a" * 2_000_000),
    os.fsdecode(b"na\xefve.png"): encoded(_GREY),
    "new\nline.png": encoded(_GREY),
    "-rf.png": encoded(_GREY),
}
if "AVIF" in prepare.FORMATS:
    READ["a.avif"] = encoded(_GREY, "AVIF", quality=100)


@pytest.mark.parametrize("name", READ)
def test_a_sound_picture_is_read(pictures, storage, name):
    place = pictures(SOUND)
    (place / name).write_bytes(READ[name])
    source = registry.load(SMALL, storage(place, max_bad_files=0.0))
    greys = np.concatenate([split.samples[:][:, 0, 0, 0] for split in (source.train, source.validation)])
    assert len(greys) == SOUND + 1 and source.report is None and source.notes == ()
    assert np.abs(greys.astype(int) - ODD).min() <= 2


def test_a_picture_with_a_long_text_has_a_size(tmp_path):
    (tmp_path / "a.png").write_bytes(READ["text.png"])
    assert native.of_folder(tmp_path).size == (12, 10)


# files that are called pictures and are none, and the reason that is told
LEFT_OUT = {
    "zero.png": (b"", "empty file"),
    "text.png": (b"hello", f"not a {prepare.NAMES} picture"),
    "half.png": (encoded(Image.effect_noise((60, 60), 50))[:900], "broken or truncated"),
    "half.tif": (encoded(Image.effect_noise((60, 60), 50), "TIFF")[:1500], "broken or truncated"),
    "half.jpg": (encoded(Image.effect_noise((60, 60), 50), "JPEG")[:900], "broken or truncated"),
    "bits.tif": (encoded(Image.new("I", (8, 8), 100), "TIFF"), "numbers of 32 bits, whose range is not known"),
    "fractions.tif": (encoded(Image.new("F", (8, 8)), "TIFF"), "numbers with a fraction, whose range is not known"),
    "drawing.svg.png": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", f"not a {prepare.NAMES} picture"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_no_picture_is_left_out_and_said(pictures, storage, name):
    content, reason = LEFT_OUT[name]
    place = pictures(SOUND)
    (place / name).write_bytes(content)
    _left_out(registry.load(SMALL, storage(place)), name, reason)


def _left_out(source, name, reason):
    assert len(source.train) + len(source.validation) == SOUND
    assert source.report["files"] == [{"file": name, "reason": reason}]
    assert source.notes == (f"left out 1 of {SOUND + 1} pictures (1 {reason}); data_report.json names them",)


@pytest.mark.parametrize("make", ["mkfifo", "socket", "device", "broken link", "loop"])
def test_what_is_no_file_is_left_out_and_not_opened(pictures, storage, make, monkeypatch):
    place = pictures(SOUND)
    monkeypatch.chdir(place)
    with socket.socket(socket.AF_UNIX) as listening:
        {
            "mkfifo": lambda: os.mkfifo("x.png"),
            "socket": lambda: listening.bind("x.png"),
            "device": lambda: os.symlink("/dev/zero", "x.png"),
            "broken link": lambda: os.symlink("nowhere", "x.png"),
            "loop": lambda: os.symlink("x.png", "x.png"),
        }[make]()
        _left_out(registry.load(SMALL, storage(place)), "x.png", "not a file")


# what is passed over, and how it is called
PASSED_OVER = {
    "IMG_1.HEIC": ".heic",
    "a.jxl": ".jxl",
    "a.svg": ".svg",
    "a.psd": ".psd",
    "a.cr2": ".cr2",
    "Thumbs.db": ".db",
    "labels.txt": ".txt",
    "000001": "without a suffix",
    "a.of-many-letters": "without a suffix",
    ".DS_Store": "hidden",
    "._a.jpg": "hidden",
    ".thumbnails/a.png": "hidden",
    ".Trash-1000/files/a.png": "hidden",
    "class0/@eaDir/a.png/SYNOPHOTO_THUMB_M.jpg": "@eaDir",
    "__MACOSX/class0/._000.png": "__MACOSX",
    "$RECYCLE.BIN/S-1/a.png": "$RECYCLE.BIN",
    "lost+found/a.png": "lost+found",
    "#recycle/a.png": "#recycle",
}


@pytest.mark.parametrize("name", PASSED_OVER)
def test_what_is_passed_over_is_counted_and_said(pictures, storage, name):
    what = PASSED_OVER[name]
    place = pictures(SOUND)
    (place / name).parent.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(encoded(_GREY))
    data = Data(dataset="folder", image_size=(8, 8), labels="folder")
    for _ in range(2):  # made, then found
        source = registry.load(data, storage(place))
        assert len(source.train) + len(source.validation) == SOUND
        assert source.spec.classes == ("class0", "class1", "class2")
        assert source.report == {
            "data_dir": str(place),
            "pictures": SOUND,
            "left_out": 0,
            "reasons": {},
            "files": [],
            "passed_over": {what: 1},
        }
        assert source.notes == (f"passed over what is no picture that is read: 1 {what}; data_report.json counts them",)


def test_what_was_left_out_and_what_was_passed_over_are_told_together(pictures, storage):
    place = pictures(SOUND)
    (place / "zero.png").touch()
    for name in [f"a{number}.heic" for number in range(3)] + [f"a.b{number}" for number in range(8)]:
        (place / name).touch()
    source = registry.load(SMALL, storage(place))
    left, passed = source.notes
    assert left.startswith("left out 1 of 6 pictures") and source.report["left_out"] == 1
    assert "read: 3 .heic, 1 .b0, 1 .b1, 1 .b2, 1 .b3, 1 .b4, 3 others; data" in passed
    assert sum(source.report["passed_over"].values()) == 11


def test_a_folder_of_other_things_says_which(tmp_path, storage):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.heic").touch()
    with pytest.raises(UserError, match=r"which has none \(1 .heic were passed over\)$"):
        registry.load(SMALL, storage(tmp_path / "p"))


def _closed(monkeypatch, function, ends):
    """Makes the operating system refuse paths with an end, as it does to all but root."""
    original = getattr(os, function)

    def refuse(path, *arguments, **options):
        if os.fsencode(path).rstrip(b"/").endswith(ends):
            raise PermissionError(13, "Permission denied", path)
        return original(path, *arguments, **options)

    monkeypatch.setattr(os, function, refuse)


def test_a_folder_below_that_may_not_be_listed(pictures, storage, monkeypatch):
    place = pictures(SOUND)
    _closed(monkeypatch, "listdir", b"class1")
    source = registry.load(SMALL, storage(place))
    assert len(source.train) + len(source.validation) == 3
    assert source.report["passed_over"] == {"of folders that may not be listed": 1}


@pytest.mark.parametrize("short", range(4))
def test_a_path_that_is_too_long(pictures, storage, monkeypatch, short):
    # as deep folders of an archive may be that was unpacked step by step; the last of them is just short enough, or not
    place = pictures(SOUND)
    monkeypatch.chdir(place)
    length = len(os.fsencode(place))
    while length < 3900:
        os.mkdir("d" * 150)
        os.chdir("d" * 150)
        length += 151
    last = "e" * (4095 - length - 1 - short)  # the system's bound is 4096 with a zero at the end
    os.mkdir(last)
    os.chdir(last)
    pathlib.Path("a.png").write_bytes(encoded(_GREY))
    source = registry.load(SMALL, storage(place))
    assert len(source.train) + len(source.validation) == SOUND
    assert source.report["passed_over"] == {"of paths longer than the system allows": 1}


def test_a_picture_that_may_not_be_looked_at(pictures, storage, monkeypatch):
    place = pictures(SOUND)
    _closed(monkeypatch, "stat", b"000.png")
    source = registry.load(SMALL, storage(place))
    assert source.report["files"] == [{"file": "class0/000.png", "reason": "not a file"}]


def test_the_folder_itself_that_may_not_be_listed_is_refused(pictures, monkeypatch):
    place = pictures(SOUND)
    _closed(monkeypatch, "listdir", b"pictures")
    with pytest.raises(UserError, match=r"cannot be read \(Permission denied\)"):
        listing.list_pictures(place)

"""Folders of pictures: what counts, what is left out and said, what is held out, and what is refused."""

import json
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.data.conftest import encoded, solid
from wgangp_tf.config import Data
from wgangp_tf.data import folder, listing, prepare, registry
from wgangp_tf.errors import UserError

SMALL = Data(dataset="folder", image_size=(8, 8))
CACHES = ["disk", "memory", "none"]


def everything(source):
    """All pictures of both splits by their grey, sorted."""
    values = [split.samples[np.arange(len(split))][:, 0, 0, 0] for split in (source.train, source.validation)]
    return sorted(np.concatenate(values).tolist())


@pytest.mark.parametrize("cache", CACHES)
def test_every_picture_once(pictures, storage, cache):
    source = registry.load(SMALL, storage(pictures(30), cache=cache))
    assert (source.name, source.spec.kind, source.spec.shape) == ("folder", "images", (8, 8, 3))
    assert (len(source.train), len(source.validation)) == (27, 3)
    assert everything(source) == [6 * k for k in range(30)]
    assert source.train.labels is None and source.spec.classes == () and source.report is None


def test_the_way_of_caching_changes_no_sample(pictures, storage):
    place = pictures(12)
    sources = [registry.load(SMALL, storage(place, cache=cache)) for cache in CACHES]
    assert len({source.fingerprint for source in sources}) == 1
    index = np.array([3, 0, 9])
    for source in sources[1:]:
        np.testing.assert_array_equal(source.train.samples[index], sources[0].train.samples[index])
        np.testing.assert_array_equal(source.validation.samples[:], sources[0].validation.samples[:])


def test_what_is_held_out_hardly_changes_with_new_pictures(pictures, storage):
    before = registry.load(SMALL, storage(pictures(30))).validation.samples[:][:, 0, 0, 0]
    after = registry.load(SMALL, storage(pictures(33))).validation.samples[:][:, 0, 0, 0]
    assert len(set(before) & set(after)) >= 2


def test_what_is_held_out_is_bounded(pictures, storage, monkeypatch):
    monkeypatch.setattr(folder, "_MAX_HELD_OUT", 2)
    assert len(registry.load(SMALL, storage(pictures(30))).validation) == 2


@pytest.mark.parametrize("labels", ["folder", "auto"])
def test_labels_are_folders(pictures, storage, labels):
    source = registry.load(Data(dataset="folder", image_size=(8, 8), labels=labels), storage(pictures(30)))
    assert source.spec.classes == ("class0", "class1", "class2")
    for split in (source.train, source.validation):
        greys = split.samples[:][:, 0, 0, 0]
        assert split.labels.dtype == np.int32
        np.testing.assert_array_equal(split.labels, (greys // 6) % 3)


@pytest.mark.parametrize("cache", CACHES)
def test_labels_stay_with_their_pictures_wherever_reading_begins(pictures, storage, cache):
    from wgangp_tf.data.pipeline import training_batches

    source = registry.load(
        Data(dataset="folder", image_size=(8, 8), labels="folder"), storage(pictures(30), cache=cache)
    )
    options = {"seed": 3, "batch_size": 4, "n_critic": 2, "steps": 9}
    stream = list(training_batches(source.train, **options).as_numpy_iterator())
    later = list(training_batches(source.train, **options, start_step=5).as_numpy_iterator())
    for batch in stream:
        greys = batch["samples"][:, 0, 0, 0].astype(int)
        np.testing.assert_array_equal(batch["labels"], (greys // 6) % 3)
    for one, other in zip(stream[5:], later, strict=True):
        np.testing.assert_array_equal(one["samples"], other["samples"])
        np.testing.assert_array_equal(one["labels"], other["labels"])


def test_nested_folders_belong_to_the_class_at_the_top(tmp_path, storage):
    for k, place in enumerate(["a/deep/er", "a", "b/c"]):
        (tmp_path / "p" / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / "p" / place / "x.png").write_bytes(encoded(solid((k, k, k))))
    source = registry.load(Data(dataset="folder", image_size=(8, 8), labels="folder"), storage(tmp_path / "p"))
    found = {}
    for split in (source.train, source.validation):
        found |= dict(zip(split.samples[:][:, 0, 0, 0].tolist(), split.labels.tolist(), strict=True))
    assert source.spec.classes == ("a", "b") and found == {0: 0, 1: 0, 2: 1}


def test_a_picture_in_no_class(pictures, storage):
    place = pictures(4)
    (place / "stray.png").write_bytes(encoded(solid((1, 1, 1))))
    with pytest.raises(UserError, match="expects every picture in a folder of its class .* Received: 'stray.png'"):
        registry.load(Data(dataset="folder", labels="folder"), storage(place))


def test_mixed_formats_sizes_and_names(tmp_path, storage):
    place = tmp_path / "p"
    (place / "sp ace" / "ünï").mkdir(parents=True)
    (place / "odd.jpg").mkdir()  # a folder, whatever its name
    files = {
        "a.JPG": encoded(solid((9, 9, 9), (30, 20)), "JPEG"),
        "b.jpeg": encoded(solid((9, 9, 9), (20, 30)).convert("L"), "JPEG"),
        "sp ace/c .PNG": encoded(solid((9, 9, 9), (100, 9)).convert("RGBA")),
        "sp ace/ünï/d\n.gif": encoded(solid((9, 9, 9)).convert("P", palette=Image.Palette.ADAPTIVE), "GIF"),
        "odd.jpg/e.bmp": encoded(solid((9, 9, 9)), "BMP"),
        "odd.jpg/f.webp": encoded(solid((9, 9, 9)), "WEBP", lossless=True),
        "g.png": encoded(solid((9, 9, 9)), "JPEG"),  # content decides how it is read
        "notes.txt": b"no picture",
        "picture.heic": b"not counted",
        ".hidden.png": b"not counted",
        "sp ace/._a.jpg": b"not counted",
    }
    for name, data in files.items():
        (place / name).write_bytes(data)
    source = registry.load(SMALL, storage(place, max_bad_files=0.0))
    assert everything(source) == [9] * 7 and source.report["left_out"] == 0
    assert source.report["passed_over"] == {".txt": 1, ".heic": 1, "hidden": 2}


def test_names_that_are_not_utf_8(pictures, storage, capsys):
    place = os.fsencode(pictures(9))
    os.mkdir(place + b"/\xff\xfe")
    for name, data in ((b"\xe9t\xe9.png", encoded(solid((200, 200, 200)))), (b"bro\xdfken.png", b"x")):
        with open(place + b"/\xff\xfe/" + name, "wb") as file:
            file.write(data)
    data = Data(dataset="folder", image_size=(8, 8), labels="folder")
    for _ in range(2):  # made, then found
        source = registry.load(data, storage(os.fsdecode(place)))
        assert everything(source)[-1] == 200
        assert source.spec.classes == ("class0", "class1", "class2", "\\xff\\xfe")
        assert source.report["files"] == [{"file": "\\xff\\xfe/bro\\xdfken.png", "reason": NO_PICTURE}]
        json.dumps(source.report, ensure_ascii=False).encode("utf-8")
    capsys.readouterr().err.encode("utf-8")


def test_a_folder_whose_own_name_is_not_utf_8(pictures, storage):
    place = os.fsencode(pictures(3))
    os.rename(place, place + b"\xff")
    assert len(registry.load(SMALL, storage(os.fsdecode(place + b"\xff"))).train) == 2


NO_PICTURE = f"not a {prepare.NAMES} picture"


def spoil(place):
    """Adds one picture of each fault; returns {name: reason}."""
    good = encoded(Image.effect_noise((60, 60), 50), "JPEG")
    with open(place / "huge.jpg", "wb") as file:
        file.truncate(600 * 2**20)  # sparse: takes no space
    files = {"broken.jpg": b"abc", "empty.png": b"", "truncated.jpeg": good[: len(good) // 2]}
    for name, data in files.items():
        (place / name).write_bytes(data)
    (place / "nowhere.gif").symlink_to("does-not-exist")
    (place / "loop.gif").symlink_to("loop.gif")
    os.mkfifo(place / "pipe.bmp")  # would block whoever opens it
    bomb = bytearray(encoded(solid((0, 0, 0)), "BMP"))
    bomb[18:26] = (60_000).to_bytes(4, "little") * 2  # width and height
    (place / "bomb.bmp").write_bytes(bomb)
    return {
        "broken.jpg": NO_PICTURE,
        "empty.png": "empty file",
        "truncated.jpeg": "broken or truncated",
        "nowhere.gif": "not a file",
        "loop.gif": "not a file",
        "pipe.bmp": "not a file",
        "huge.jpg": "more than 512 MiB",
        "bomb.bmp": "more than 89,478,485 pixels",
    }


@pytest.mark.parametrize("cache", CACHES)
def test_each_fault_is_counted_named_and_left_out(pictures, storage, capsys, cache):
    place = pictures(32)
    reasons = spoil(place)
    source = registry.load(SMALL, storage(place, cache=cache))
    assert everything(source) == [6 * k for k in range(32)]
    report = source.report
    assert {bad["file"]: bad["reason"] for bad in report["files"]} == reasons
    assert (report["pictures"], report["left_out"], report["reasons"]["not a file"]) == (40, 8, 3)
    json.dumps(report)
    (note,) = source.notes
    assert note.startswith("left out 8 of 40 pictures (3 not a file, ")
    assert len(capsys.readouterr().err.splitlines()) == 1  # that the pictures are read


@pytest.mark.parametrize("cache", CACHES)
def test_too_many_bad_pictures(pictures, storage, cache):
    place = pictures(6)
    for k in range(2):
        (place / f"bad{k}.png").write_bytes(b"")
    with pytest.raises(UserError) as error:
        registry.load(SMALL, storage(place, cache=cache))
    assert str(error.value) == (
        f"max_bad_files allows 20% of the pictures in {str(place)!r} to be unreadable. "
        "Received: at least 2 of 8, the first 'bad0.png' (empty file)"
    )


def test_the_limit_holds_for_a_store_made_under_another(pictures, storage):
    place = pictures(6)
    for k in range(2):
        (place / f"bad{k}.png").write_bytes(b"")
    assert len(registry.load(SMALL, storage(place, max_bad_files=0.5)).train) == 5
    with pytest.raises(UserError, match="max_bad_files allows 20% .* Received: 2 of 8, the first 'bad0.png'"):
        registry.load(SMALL, storage(place))


@pytest.mark.parametrize("max_bad_files, said", [(0.2, "max_bad_files allows 20%"), (1.0, "Received: 0 readable of 5")])
def test_only_broken_pictures(tmp_path, storage, max_bad_files, said):
    for k in range(5):
        (tmp_path / f"{k}.png").write_bytes(b"broken")
    with pytest.raises(UserError, match=said):
        registry.load(SMALL, storage(tmp_path, max_bad_files=max_bad_files))


def test_one_picture_is_too_few_and_two_are_enough(pictures, storage):
    with pytest.raises(UserError, match="at least 2 readable pictures, one of them to be held out. Received: 1 read"):
        registry.load(SMALL, storage(pictures(1)))
    source = registry.load(SMALL, storage(pictures(2)))
    assert (len(source.train), len(source.validation)) == (1, 1)


def test_no_folder(tmp_path, storage):
    (tmp_path / "file.jpg").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    for place, said in (
        (None, "dataset 'folder' expects --data_dir=<folder of pictures>"),
        (tmp_path / "file.jpg", "which is a file"),
        (tmp_path / "nothing", "which does not exist"),
        (tmp_path / "file.jpg" / "below", "cannot be read"),
        (tmp_path / "empty", "expects a folder with JPEG, PNG, GIF, BMP, WebP, TIFF"),
    ):
        with pytest.raises(UserError, match=said) as error:
            registry.load(SMALL, storage(place))
        assert "\n" not in str(error.value)
    assert not (tmp_path / "cache").exists()


def test_links_are_followed_once(pictures, storage, tmp_path):
    place = pictures(6)
    (place / "class0" / "up").symlink_to(place)  # a loop
    (place / "again").symlink_to(place / "class1")
    elsewhere = pictures(8, "elsewhere")
    (place / "linked").symlink_to(elsewhere)
    (place / "one.png").symlink_to(elsewhere / "class0" / "000.png")
    source = registry.load(SMALL, storage(place))
    assert len(source.train) + len(source.validation) == 6 + 8 + 1


def test_larger_than_the_pictures_is_said_and_allowed(pictures, storage):
    for _ in range(2):  # made, then found
        source = registry.load(Data(dataset="folder", image_size=(16, 16)), storage(pictures(5)))
        assert source.spec.shape == (16, 16, 3)
        assert source.notes == ("5 of 5 pictures are smaller than 16x16 and were enlarged",)


def test_sizes_and_channels(pictures, storage):
    place = pictures(5)
    assert registry.load(Data(dataset="folder"), storage(place)).spec.shape == (64, 64, 3)
    assert registry.load(Data(dataset="folder", image_size=(6, 10), channels=1), storage(place)).spec.shape == (
        6,
        10,
        1,
    )


def change(place, how):
    path = place / "class1" / "004.png"
    if how == "gone":
        path.unlink()
    elif how == "grown":
        path.write_bytes(path.read_bytes() + b"x")
    else:  # same size, another time
        os.utime(path, ns=(0, 0))


@pytest.mark.parametrize("how", ["gone", "grown", "touched"])
@pytest.mark.parametrize("cache", CACHES)
def test_a_folder_that_changes_while_it_is_read(pictures, storage, monkeypatch, how, cache):
    place = pictures(6)

    def listed_then_changed(directory):
        found = listing.list_pictures(directory)
        change(place, how)
        return found

    monkeypatch.setattr(folder, "list_pictures", listed_then_changed)
    with pytest.raises(UserError) as error:
        registry.load(SMALL, storage(place, cache=cache))
    assert (
        str(error.value) == f"{str(place)!r} changed while it was read: 'class1/004.png'; run again when it is at rest"
    )
    assert not list((place.parent / "cache").glob("*.part*"))


def test_a_picture_that_goes_while_it_is_decoded_at_each_use(pictures, storage):
    place = pictures(6)
    source = registry.load(SMALL, storage(place, cache="none"))
    change(place, "gone")
    with pytest.raises(UserError, match="changed while it was read: 'class1/004.png'"):
        source.train.samples[:], source.validation.samples[:]


def test_a_folder_that_changed_since_is_prepared_again(pictures, storage):
    place = pictures(6)
    first = registry.load(SMALL, storage(place))
    (place / "class1" / "004.png").write_bytes(encoded(solid((250, 250, 250))))
    second = registry.load(SMALL, storage(place))
    assert everything(second)[-1] == 250 and second.fingerprint != first.fingerprint


def test_a_folder_elsewhere_has_the_same_fingerprint(pictures, storage, tmp_path):
    place = pictures(6)
    first = registry.load(SMALL, storage(place))
    shutil.copytree(place, tmp_path / "copy")
    assert registry.load(SMALL, storage(tmp_path / "copy")).fingerprint == first.fingerprint


@pytest.mark.parametrize("option", [{"crop": "none"}, {"resize": "bicubic"}, {"channels": 1}])
def test_what_shapes_a_pixel_is_prepared_anew(pictures, storage, tmp_path, option):
    place = pictures(3)
    registry.load(SMALL, storage(place))
    registry.load(Data(dataset="folder", image_size=(8, 8), flip=True, labels="folder"), storage(place))
    assert len(list((tmp_path / "cache").glob("*/"))) == 1  # neither flips nor labels do
    registry.load(Data(dataset="folder", image_size=(8, 8), **option), storage(place))
    assert len(list((tmp_path / "cache").glob("*/"))) == 2


def test_the_folder_itself_is_never_written(pictures, storage, tmp_path):
    place = pictures(4)
    for path in (*place.iterdir(), place):
        path.chmod(0o555)

    def state():
        return sorted((str(path), path.stat().st_mtime_ns) for path in (place, *place.rglob("*")))

    before = state()
    for cache in CACHES:
        registry.load(SMALL, storage(place, cache=cache))
    assert state() == before


def test_an_unreadable_picture_is_left_out(pictures, storage, monkeypatch):
    place = pictures(9)
    opened = open

    def refuse(path, *arguments, **options):
        if os.fsencode(path).endswith(b"004.png"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *arguments, **options)

    monkeypatch.setattr(listing, "open", refuse, raising=False)
    source = registry.load(SMALL, storage(place))
    assert source.report["reasons"] == {"cannot be read (Permission denied)": 1}


def test_order_does_not_depend_on_the_file_system(pictures, storage, monkeypatch):
    place = pictures(9)
    first = registry.load(SMALL, storage(place, cache="memory"))
    names = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: sorted(names(path), reverse=True))
    assert registry.load(SMALL, storage(place, cache="memory")).fingerprint == first.fingerprint


def digest_after(place, how):
    """The digest of a folder of one picture, of the time 1 s, after something was done to it."""
    (place / "a").mkdir(parents=True)
    picture = place / "a" / "b.png"
    picture.write_bytes(b"12345")
    os.utime(picture, ns=(10**9, 10**9))
    if how == "renamed":
        picture.rename(place / "a" / "c.png")
    elif how == "another class":
        (place / "a").rename(place / "b")
    elif how == "a folder less":
        picture.rename(place / "ab.png")
    elif how == "grown":
        picture.write_bytes(b"123456")
        os.utime(picture, ns=(10**9, 10**9))
    elif how == "touched":
        os.utime(picture, ns=(10**9, 10**9 + 1))
    elif how == "one more":
        (place / "a" / "c.png").symlink_to("nowhere")
    else:
        assert how == "nothing"
    found = listing.list_pictures(place).digest()
    shutil.rmtree(place)
    return found


@pytest.mark.parametrize("how", ["renamed", "another class", "a folder less", "grown", "touched", "one more"])
def test_the_digest_of_a_folder_tells_what_changed(tmp_path, how):
    before = digest_after(tmp_path / "place", "nothing")
    assert digest_after(tmp_path / "place", "nothing") == before
    assert digest_after(tmp_path / "place", how) != before
    assert digest_after(tmp_path / "elsewhere", "nothing") != before


def test_a_picture_of_a_far_future(pictures, storage):
    place = pictures(3)
    os.utime(place / "class0" / "000.png", (0, 13_569_465_600))  # the year 2400
    assert len(everything(registry.load(SMALL, storage(place)))) == 3


@pytest.mark.parametrize("cache", CACHES)
def test_a_picture_that_is_added_while_others_are_read(pictures, storage, monkeypatch, cache):
    place = pictures(6)
    one = folder._Reading._one

    def read_then_added(self, entry):
        (place / "class0" / "new.png").write_bytes(encoded(solid((9, 9, 9))))
        return one(self, entry)

    monkeypatch.setattr(folder._Reading, "_one", read_then_added)
    with pytest.raises(UserError) as error:
        registry.load(SMALL, storage(place, cache=cache))
    assert str(error.value) == f"{str(place)!r} changed while it was read; run again when it is at rest"

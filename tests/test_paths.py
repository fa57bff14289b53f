"""Paths as users write them: which are taken, which refused, and what can be at them."""

import os
import pathlib

import pytest

from wgangp_tf import config_file, paths
from wgangp_tf.errors import UserError
from wgangp_tf.settings import Storage


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/somebody")
    return tmp_path


@pytest.mark.parametrize(
    "text, path",
    [
        ("~", "/home/somebody"),
        ("~/a:b/~c", "/home/somebody/a:b/~c"),
        ("./~/a", "./~/a"),
        ("a b\nc/", "a b\nc/"),
        ("a:b", "a:b"),
        ("..", ".."),
        (pathlib.Path("~/x"), "/home/somebody/x"),
        (b"bytes", "bytes"),
        ("a~", "a~"),
    ],
)
def test_what_is_a_path(text, path):
    assert paths.checked(text, "it") == path


@pytest.mark.parametrize(
    "text, line",
    [
        ("", "it expects a path. Received: ''"),
        ("--next=1", "it expects a path. Received: '--next=1'"),
        ("gs://b/r", "it expects a path on this machine, not a URL. Received: 'gs://b/r'"),
        (pathlib.Path("s3://b/r"), "it expects a path on this machine, not a URL. Received: 's3:/b/r'"),
        ("file:///a", "it expects a path on this machine, not a URL. Received: 'file:///a'"),
        ("HTTPS://a.b/c.npy", "it expects a path on this machine, not a URL. Received: 'HTTPS://a.b/c.npy'"),
        (
            "~no-such-user/a",
            "it expects a path, and no home directory is known of. Received: '~no-such-user/a'",
        ),
        ("a\udcff", f"it expects a path that is {paths.UTF_8}. Received: 'a\\udcff'"),
    ],
)
def test_what_is_none(text, line):
    with pytest.raises(UserError) as refused:
        paths.checked(text, "it")
    assert str(refused.value) == line


def test_a_directory_may_look_like_a_url_where_it_is_there(somewhere):
    (somewhere / "set:").mkdir()
    assert paths.checked("set:/a", "it") == "set:/a"
    with pytest.raises(UserError, match="not a URL"):
        paths.checked("set://a", "it")


def test_a_name_of_any_bytes_where_it_will_do():
    assert paths.checked("a\udcff", "it", any_bytes=True) == "a\udcff"
    assert paths.in_utf_8("ä") and not paths.in_utf_8("a\udcff")


def test_every_path_of_a_setting_and_of_a_config_file_is_one(somewhere):
    for name in ("data_dir", "manual_dir", "cache_dir", "data_file"):
        assert getattr(Storage(**{name: "~/a"}), name) == "/home/somebody/a"
        with pytest.raises(UserError, match=f"^{name} expects a path on this machine"):
            Storage(**{name: "gs://b/r"})
    (somewhere / "c.json").write_text('{"optimization": {"init_from": "~/run"}}')
    assert config_file.read_values("c.json") == {"init_from": "/home/somebody/run"}
    (somewhere / "c.json").write_text('{"optimization": {"init_from": "gs://b/run"}}')
    with pytest.raises(UserError, match="^init_from in 'c.json' expects a path on this machine, not a URL"):
        config_file.read_values("c.json")


def test_where_a_file_or_a_directory_can_be(somewhere):
    (somewhere / "file").touch()
    (somewhere / "folder").mkdir()
    os.mkfifo("pipe")
    os.symlink("nowhere", "broken")
    os.symlink("broken2", "broken2")
    os.symlink("folder", "to_folder")
    os.symlink("file", "to_file")
    for path, why in {
        "new": None,
        "file": None,
        "to_file": None,
        "to_folder/new": None,
        "folder": "which is a directory",
        "to_folder": "which is a directory",
        "pipe": "which is no file",
        "/dev/null": "which is no file",
        "broken": "which is a link that leads nowhere",
        "broken2": "which is a link that leads nowhere",
        "file/new": "where 'file' is no directory",
    }.items():
        assert paths.no_file_at(path) == why, path
    for path, why in {
        "new": None,
        "new/er/": None,
        "folder/": None,
        "to_folder": None,
        "/": None,
        "file": "where 'file' is a file",
        "file/a/b": "where 'file' is a file",
        "pipe": "where 'pipe' is no file",
        "/dev/null": "where '/dev/null' is no file",
        "broken/a": "where 'broken' is a link that leads nowhere",
    }.items():
        assert paths.no_directory_at(path) == why, path


def test_what_lies_in_a_folder(somewhere):
    (somewhere / "a").mkdir()
    os.symlink("a", "b")
    assert paths.inside("a/x", "a") and paths.inside("b/x", "a") and paths.inside("a", "b/")
    assert not paths.inside("ab", "a") and not paths.inside(".", "a") and paths.inside("/x", "/")


def test_a_savedmodel_around_a_path_is_found(tmp_path):
    inner = tmp_path / "e" / "assets.extra" / "e"
    inner.mkdir(parents=True)
    for directory in (tmp_path / "e", inner):
        (directory / "saved_model.pb").write_bytes(b"")
    os.symlink(inner, tmp_path / "link")
    for path, around in {"e/a/b": "e", "e/assets.extra": "e", "link/a": "e/assets.extra/e", "link": "e"}.items():
        assert paths.saved_model_around(tmp_path / path) == os.path.realpath(tmp_path / around)
    assert paths.saved_model_around(tmp_path / "e") is None and paths.saved_model_around("/") is None

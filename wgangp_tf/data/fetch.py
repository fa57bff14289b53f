"""Lets tensorflow-datasets prepare what is not prepared yet: from files at hand, or from the network when asked."""

import contextlib
import importlib.util
import logging
import os
import re
import sys
import urllib.parse

from wgangp_tf.console import on_terminal, say
from wgangp_tf.errors import UserError

_NAMED = 5  # files named in a message
_READERS = {"lsun": "tensorflow_io"}  # data set: what tensorflow-datasets needs beside itself to prepare it
_PATIENCE = 20  # seconds for an answer


def prepare(builder, storage):
    """Downloads (only with `storage.download`) and prepares.

    Raises:
      UserError: nothing may be downloaded and there is no `storage.manual_dir`, or a file is missing, foreign or a web
        page, or there is no network or space.
    """
    import tensorflow_datasets as tfds

    _check_reader(builder)
    if not storage.download and storage.manual_dir is None:
        raise UserError(_what_to_do(builder))
    manual_dir = storage.manual_dir
    if manual_dir is not None:
        _check_manual_dir(builder, manual_dir)
    if storage.download:
        _before_each_download(builder, lambda url: _check_connection(builder, url))
    else:
        _before_each_download(builder, lambda url: _refuse(builder, manual_dir, url))
    if not on_terminal():
        tfds.disable_progress_bar()
    say(f"tensorflow-datasets prepares {builder.info.full_name} in {os.fspath(builder.data_path)!r}")
    config = tfds.download.DownloadConfig(manual_dir=manual_dir, try_download_gcs=False)
    try:
        with quiet():
            builder.download_and_prepare(download_config=config)
    except UserError:
        raise
    except tfds.download.DownloadError as error:
        raise UserError(f"dataset {builder.name!r} cannot be downloaded: {_first_line(error)}") from error
    except Exception as error:  # of the network, the disk, the archive: tfds has no common class for them
        raise UserError(_explained(builder, error)) from error


@contextlib.contextmanager
def quiet():
    """Without tfds' own warnings, and what it prints on stderr: what the user has to know is said in one line."""
    loggers = [logging.getLogger(name) for name in ("absl", "urllib3")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _check_reader(builder):
    """Raises a UserError where tensorflow-datasets could fetch the originals, gigabytes perhaps, but not read them."""
    package = _READERS.get(builder.name)
    if package is not None and importlib.util.find_spec(package) is None:
        raise UserError(
            f"dataset {builder.name!r} is not prepared in {os.fspath(builder.data_path)!r}, and cannot be here: "
            f"tensorflow-datasets reads its original files by {package}, which this Python does not have. A folder of "
            "its pictures goes without: see docs/data.md"
        )


def _what_to_do(builder):
    names = _originals(builder)
    if builder.name == "celeb_a":
        by_hand = f", or --manual_dir=<folder with {', '.join(names)}>, which needs no network"
    elif builder.MANUAL_DOWNLOAD_INSTRUCTIONS:
        by_hand = " with --manual_dir=<folder with the original files, as tensorflow-datasets describes for this set>"
    else:
        by_hand = ""
    return (
        f"dataset {builder.name!r} is not prepared in {os.fspath(builder.data_path)!r}: name the directory that has it "
        f"with --data_dir, or add --download to fetch and prepare it once{by_hand}"
    )


def _originals(builder):
    """Names of the original files that tfds knows, sorted."""
    return sorted(info.filename for info in (builder.url_infos or {}).values() if info.filename)


def _check_manual_dir(builder, manual_dir):
    if not os.path.isdir(manual_dir):
        raise UserError(f"manual_dir expects a folder with the original files. Received: {manual_dir!r}")
    for name in _originals(builder):
        _refuse_web_page(os.path.join(manual_dir, name))


def _refuse_web_page(path):
    """A download limit shows itself as a page of HTML saved under the name of the file."""
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        if re.match(rb"\s*<(!doctype\s+html|html)", file.read(512), re.IGNORECASE):
            raise UserError(
                f"{path!r} is a web page, not the original file (a download limit was reached, perhaps): "
                "delete it and download it again later or by hand"
            )


def _before_each_download(builder, check):
    """Calls `check(url)` before a file is fetched; one that is at hand, or was fetched before, is not."""
    make = builder._make_download_manager  # tfds has no public switch for this

    def make_checked(*arguments, **keywords):
        manager = make(*arguments, **keywords)
        download = manager._downloader.download

        def checked(url, *arguments, **keywords):
            check(url)
            return download(url, *arguments, **keywords)

        manager._downloader.download = checked
        return manager

    builder._make_download_manager = make_checked


def _refuse(builder, manual_dir, url):
    """Raises a UserError: a file is not in `manual_dir`, and nothing is to be downloaded."""
    missing = [name for name in _originals(builder) if not os.path.exists(os.path.join(manual_dir, name))]
    names = ", ".join(missing[:_NAMED]) + (", …" if len(missing) > _NAMED else "") or url
    raise UserError(f"manual_dir expects the original files in {manual_dir!r}. Missing: {names}; or add --download")


def _check_connection(builder, url):
    """Raises a UserError where nobody answers: tfds would try again for minutes."""
    import requests  # which tfds downloads with

    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return
    try:
        requests.head(url, timeout=_PATIENCE)
    except (requests.ConnectionError, requests.Timeout) as error:
        raise UserError(
            f"dataset {builder.name!r} cannot be downloaded: no connection to {parts.netloc!r} ({type(error).__name__})"
        ) from error


def _explained(builder, error):
    """One line about what went wrong inside tfds."""

    text = str(error)
    wrong = re.search(r"downloaded to (.*), has wrong checksum", text)
    if wrong is not None:
        path = wrong.group(1)
        _refuse_web_page(path)
        sums = re.findall(r"checksum='([0-9a-f]+)'", text)
        expected, got = (sums + ["?", "?"])[:2]
        return f"{path!r} has a wrong checksum: not the original file. Expected sha256 {expected}. Received: {got}"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ConnectionError):
        return f"dataset {builder.name!r} cannot be prepared in {os.fspath(builder.data_path)!r}: {error.strerror}"
    if "ConnectionError" in type(error).__name__ or isinstance(error, ConnectionError):
        return f"dataset {builder.name!r} cannot be downloaded: no connection ({_first_line(error)})"
    return f"dataset {builder.name!r} cannot be prepared: {_first_line(error)}"


def _first_line(error):
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]

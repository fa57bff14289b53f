"""Prepared samples, read once: kept on disk as plain .npy files beside each other, or in memory, or only checked.

A store is a directory named by everything that shapes a pixel. It is written under another name, synced and renamed,
so that what has the right name is complete; a lock keeps two builders of one store apart and, because the kernel
lets go of it when a process dies, tells the leftovers of a killed builder from the work of a living one.
"""

import contextlib
import dataclasses
import errno
import hashlib
import json
import os
import pathlib
import shutil
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

from wgangp_tf import files
from wgangp_tf.console import progress, say
from wgangp_tf.data.arrays import FileArray
from wgangp_tf.errors import UserError

_FORMAT = 1  # of the files below; part of every key
_FACTS, _SAMPLES, _LABELS, _HELD_OUT = "facts.json", "samples.npy", "labels.npy", "held_out.npy"
_PART = ".part-"


@dataclasses.dataclass(frozen=True)
class Facts:
    """What a pass over the data found out.

    Attributes:
      held_out: int64, rows of the validation split.
      class_names: one a label.
      report: see `source.Source`.
      notes: see `source.Source`.
    """

    held_out: np.ndarray
    class_names: tuple[str, ...] = ()
    report: dict | None = None
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How to make the samples of a data set.

    Attributes:
      name: for people: part of directory names and messages.
      key: anything JSON can hold that changes when a pixel would.
      sample_shape: (height, width, channels).
      count: samples at most.
      read: `read(write) -> Facts`; calls `write(pixels, label)` for each sample, in order.
    """

    name: str
    key: Any
    sample_shape: tuple[int, int, int]
    count: int
    read: Callable[[Callable], Facts]


@dataclasses.dataclass(frozen=True)
class Prepared:
    """Samples by row.

    Attributes:
      samples: uint8 [n, height, width, channels] by fancy indexing, or None where they were only checked.
      labels: int32 [n].
      fingerprint: of all pixels and labels, in order, and of what is held out.
      facts: `Facts`.
    """

    samples: Any
    labels: np.ndarray
    fingerprint: str
    facts: Facts


def prepared(recipe, storage):
    """The samples of a recipe, made now or found as `storage.cache` says.

    Raises:
      UserError: the store cannot be written, or what `recipe.read` raises.
    """
    if storage.cache == "disk":
        return _from_disk(recipe, cache_directory(storage))
    return _in_memory(recipe) if storage.cache == "memory" else _checked(recipe)


def cache_directory(storage):
    """Where prepared data is kept: --cache_dir, or wgangp_tf in the user's cache directory.

    Raises:
      UserError: neither is known: no home directory, as in a container that is run as a user without a name.
    """
    if storage.cache_dir is not None:
        return pathlib.Path(storage.cache_dir)
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.expanduser("~/.cache")
    if not os.path.isabs(base):
        raise UserError(
            "expected a home directory to keep prepared data in. Received: none, in HOME or of this user; name a place "
            "with --cache_dir, or keep nothing with --cache=memory"
        )
    return pathlib.Path(base) / "wgangp_tf"


@contextlib.contextmanager
def explained(directory):
    """Turns what a full or read-only disk raises into a UserError of one line."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            problem = "no space is left for prepared data in"
        elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, errno.ENOENT):
            problem = "prepared data cannot be written to"
        else:
            raise
        raise UserError(
            f"{problem} {os.fspath(directory)!r} ({os.strerror(error.errno)}); "
            "name another place with --cache_dir, or keep nothing with --cache=memory"
        ) from error


@contextlib.contextmanager
def locked(path, waiting):
    """Holds an exclusive lock on a file; says `waiting` where another process has it first.

    Yields:
      Whether it is held: some network file systems have no locks. Then two builders both build, and one wins.
    """
    with files.Lock(path) as lock:
        yield lock.take(lambda: say(waiting)) is None


def _in_memory(recipe):
    samples = np.empty((recipe.count, *recipe.sample_shape), np.uint8)
    rows = iter(samples)

    def keep(pixels):
        next(rows)[...] = pixels

    with progress(f"reading {recipe.name} into memory", recipe.count) as tick:
        facts, labels, fingerprint = _read(recipe, tick, keep)
    return Prepared(samples[: len(labels)], labels, fingerprint, facts)


def _checked(recipe):
    with progress(f"checking {recipe.name}", recipe.count) as tick:
        facts, labels, fingerprint = _read(recipe, tick, lambda pixels: None)
    return Prepared(None, labels, fingerprint, facts)


def _from_disk(recipe, directory):
    digest = hashlib.blake2b(json.dumps([_FORMAT, recipe.sample_shape, recipe.key]).encode(), digest_size=10)
    safe = "".join(c if c.isalnum() and c.isascii() else "_" for c in recipe.name)[:40]
    final = directory / f"{safe}-{'x'.join(map(str, recipe.sample_shape))}-{digest.hexdigest()}"
    found = _opened(final)
    if found is None:
        with explained(directory):
            directory.mkdir(parents=True, exist_ok=True)
            waiting = f"another process is preparing {recipe.name}; waiting for it"
            with locked(f"{final}.lock", waiting) as alone:
                found = _opened(final)  # by whom we waited for
                if found is None:
                    if final.exists():
                        say(f"prepared data in {os.fspath(final)!r} is damaged; preparing it again")
                    if alone:
                        _remove_leftovers(directory, final)
                    _build(recipe, final)
                    found = _opened(final)
    if found is None:
        raise UserError(f"prepared data in {os.fspath(final)!r} cannot be read back; is the disk sound?")
    return found


def _build(recipe, final):
    """Writes a store beside its place, then moves it there."""
    needed = recipe.count * int(np.prod(recipe.sample_shape))
    free = shutil.disk_usage(final.parent).free
    if needed > free:
        raise UserError(
            f"prepared data of {recipe.name} needs {_amount(needed)} in {os.fspath(final.parent)!r}, where "
            f"{_amount(free)} are free; name another place with --cache_dir, or keep nothing with --cache=memory"
        )
    part = final.with_name(f"{final.name}{_PART}{uuid.uuid4().hex[:8]}")
    part.mkdir()
    try:
        with open(part / _SAMPLES, "w+b", buffering=1 << 20) as file:
            _write_header(file, (0, *recipe.sample_shape))
            title = f"preparing the samples of {recipe.name} once, into {os.fspath(final.parent)!r}"
            with progress(title, recipe.count) as tick:
                facts, labels, fingerprint = _read(recipe, tick, lambda pixels: file.write(pixels.data))
            file.seek(0)
            _write_header(file, (len(labels), *recipe.sample_shape))
            files.flush(file)
        for name, array in ((_LABELS, labels), (_HELD_OUT, facts.held_out)):
            with open(part / name, "wb") as file:
                np.lib.format.write_array(file, array, version=(1, 0))
                files.flush(file)
        _write_facts(part, facts, fingerprint)
        _move(part, final)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    files.sync(final.parent)


def _amount(count):
    """Bytes in words."""
    unit, name = next((pair for pair in ((1e9, "GB"), (1e6, "MB")) if count >= pair[0]), (1e3, "kB"))
    return f"{count / unit:.1f} {name}"


def _move(part, final):
    """Puts a finished part in its place; where another builder was first, with the same samples, theirs stays."""
    if _opened(final) is not None:
        shutil.rmtree(part, ignore_errors=True)
        return
    shutil.rmtree(final, ignore_errors=True)  # there only when damaged
    part.rename(final)


def _read(recipe, tick, keep):
    """Runs a recipe; returns (facts, labels, fingerprint). `keep` is called with each sample's pixels, contiguous."""
    labels = bytearray()
    digest = hashlib.blake2b(repr(recipe.sample_shape).encode(), digest_size=10)

    def write(pixels, label=-1):
        pixels = np.ascontiguousarray(pixels)
        if pixels.shape != recipe.sample_shape or pixels.dtype != np.uint8:
            raise ValueError(f"Expected uint8 {recipe.sample_shape}. Received: {pixels.dtype} {pixels.shape}")
        keep(pixels)
        digest.update(pixels.data)
        labels.extend(np.int32(label).tobytes())
        tick()

    facts = recipe.read(write)
    labels = np.frombuffer(bytes(labels), np.int32)
    digest.update(labels.tobytes() + facts.held_out.astype("<i8").tobytes())
    return facts, labels, digest.hexdigest()


def _write_header(file, shape):
    """The header of a .npy file; NumPy leaves room in it for the first axis to grow."""
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def _write_facts(part, facts, fingerprint):
    tree = dataclasses.asdict(facts) | {
        "held_out": len(facts.held_out),
        "fingerprint": fingerprint,
        "bytes": {name: (part / name).stat().st_size for name in (_SAMPLES, _LABELS, _HELD_OUT)},
    }
    with open(part / _FACTS, "w", encoding="utf-8") as file:
        json.dump(tree, file, indent=1)
        files.flush(file)
    files.sync(part)


def _opened(final):
    """The store at a place, or None where there is none or it is damaged."""
    try:
        tree = json.loads((final / _FACTS).read_text(encoding="utf-8"))
        if any((final / name).stat().st_size != size for name, size in tree["bytes"].items()):
            return None
        facts = Facts(np.load(final / _HELD_OUT), tuple(tree["class_names"]), tree["report"], tuple(tree["notes"]))
        return Prepared(FileArray(final / _SAMPLES), np.load(final / _LABELS), tree["fingerprint"], facts)
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def _remove_leftovers(directory, final):
    """Parts whose builder is dead: nobody holds the lock of their store. The caller holds that of `final`."""
    for part in directory.glob(f"*{_PART}*"):
        store = part.name.split(_PART)[0]
        if store == final.name:
            shutil.rmtree(part, ignore_errors=True)
            continue
        with contextlib.suppress(OSError), files.Lock(directory / f"{store}.lock", create=False) as lock:
            if lock.take() is None:
                shutil.rmtree(part, ignore_errors=True)

"""Any tree of pictures, of the formats in `prepare.FORMATS`."""

import collections
import concurrent.futures
import hashlib
import os

import numpy as np

from wgangp_tf.data import prepare, store
from wgangp_tf.data.arrays import Rows, Without
from wgangp_tf.data.listing import list_pictures, readable
from wgangp_tf.data.prepare import BadPicture, Preparation
from wgangp_tf.data.source import Source, divided
from wgangp_tf.errors import UserError
from wgangp_tf.samples import spec

DEFAULT_SIZE = (64, 64)
_MAX_HELD_OUT = 5000
_THREADS = min(32, 2 * (os.cpu_count() or 1))  # decoding holds no lock of Python's; the others wait for it or the disk
_AHEAD = 8  # pictures in flight for each thread


def load(data, storage):
    """See `registry.load`. `storage.data_dir` is the folder."""
    if storage.data_dir is None:
        raise UserError("dataset 'folder' expects --data_dir=<folder of pictures>. Received: no data_dir")
    return load_tree(data, storage, storage.data_dir, name="folder")


def class_names(data, storage):
    """See `registry.class_names`."""
    del data
    if storage.data_dir is None:
        raise UserError("dataset 'folder' expects --data_dir=<folder of pictures>. Received: no data_dir")
    listing = list_pictures(storage.data_dir)
    listing.refuse_unclassed()
    return listing.class_names


def load_tree(data, storage, directory, name, size=DEFAULT_SIZE, licence="unknown"):
    """The pictures under a directory.

    A tenth of them, but at most 5,000 and at least one, is held out: those whose names have the smallest hashes, so
    that the choice does not depend on the order and hardly changes when pictures are added.

    Args:
      data: `config.Data`; the classes are the folders directly under `directory`.
      storage: `settings.Storage`.
      directory: str, bytes or path.
      name, licence: for the `Source`.
      size: (height, width) where none is asked for.

    Raises:
      UserError: no usable folder, too few pictures, too many bad ones, or a folder that changes while it is read.
    """
    with_labels = data.labels != "none"
    listing = list_pictures(directory)
    if with_labels:
        listing.refuse_unclassed()
    preparation = Preparation(data.image_size or size, data.channels or 3, data.crop, data.resize)
    reading = _Reading(listing, preparation, storage.max_bad_files)
    recipe = store.Recipe(
        name=f"folder {readable(os.path.basename(listing.root))}",
        key=["folder", prepare.VERSION, preparation.crop, preparation.resize, listing.digest()],
        sample_shape=preparation.sample_shape,
        count=len(listing),
        read=reading.run,
    )
    prepared = store.prepared(recipe, storage)
    _check_share(prepared.facts.report, storage.max_bad_files)
    samples = prepared.samples
    if samples is None:
        samples = Without(Decoder(listing, preparation), np.flatnonzero(~reading.good))
    train, validation = divided(samples, prepared.facts.held_out, prepared.labels if with_labels else None)
    return Source(
        name=name,
        spec=spec.of_pictures(
            preparation.sample_shape, prepared.facts.class_names if with_labels else (), data.dequantize
        ),
        train=train,
        validation=validation,
        licence=licence,
        fingerprint=prepared.fingerprint,
        report=_with_passed_over(prepared.facts.report, listing),
        notes=(*prepared.facts.notes, *_note_of_passed_over(listing)),
    )


def _with_passed_over(report, listing):
    """A report that counts what was passed over, too, which a store does not know; None where there is nothing."""
    if not listing.passed_over:
        return report
    return (report or _report(listing, [])) | {"passed_over": dict(listing.passed_over.most_common())}


def _note_of_passed_over(listing):
    if listing.passed_over:
        yield f"passed over what is no picture that is read: {listing.passed_in_words()}; data_report.json counts them"


class Decoder(Rows):
    """Pictures decoded when they are asked for; a row is an entry of the listing."""

    def __init__(self, listing, preparation):
        """
        Args:
          listing: `listing.Listing`.
          preparation: `prepare.Preparation`.
        """
        self._listing, self._preparation = listing, preparation
        self._pool = concurrent.futures.ThreadPoolExecutor(_THREADS, thread_name_prefix="decode")
        self.shape = (len(listing), *preparation.sample_shape)
        self.dtype = np.dtype(np.uint8)

    def _take(self, rows):
        out = np.empty((len(rows), *self.shape[1:]), np.uint8)

        ahead = iter(range(len(rows)))  # shared: whoever is done takes the next, and nobody waits for the slowest

        def fill(worker):
            for k in ahead:
                entry = int(rows[k])
                try:
                    out[k] = prepare.decode(self._listing.read(entry), self._preparation)[0]
                except BadPicture as error:
                    raise UserError(f"{self._listing.changed(entry)} ({error})") from error

        collections.deque(self._pool.map(fill, range(min(_THREADS, len(rows)))), maxlen=0)
        return out


class _Reading:
    """One pass over a listing: what was good, what was not, and why."""

    def __init__(self, listing, preparation, max_bad_files):
        self._listing, self._preparation, self._max_bad_files = listing, preparation, max_bad_files
        self.good = np.zeros(len(listing), bool)
        self._hashes = np.zeros(len(listing), np.uint64)
        self._bad = []
        self._enlarged = 0

    def run(self, write):
        """See `store.Recipe.read`."""
        listing = self._listing
        with prepare.quiet():
            for entry, (pixels, enlarged, reason) in enumerate(in_order(self._one, range(len(listing)))):
                if reason is not None:
                    self._note_bad(entry, reason)
                    continue
                self.good[entry] = True
                self._hashes[entry] = _hash(listing.name(entry))
                self._enlarged += enlarged
                write(pixels, listing.class_of(entry))
        listing.check_same()
        good = np.flatnonzero(self.good)
        if len(good) < 2:
            raise UserError(
                f"{listing.shown} expects at least 2 readable pictures, one of them to be held out. "
                f"Received: {len(good)} readable of {len(listing)}{self._first_bad()}"
            )
        return store.Facts(self._held_out(good), listing.class_names, self._report(), tuple(self._notes(len(good))))

    def _one(self, entry):
        """(pixels, enlarged, None) or (None, False, why not)."""
        try:
            return *prepare.decode(self._listing.read(entry), self._preparation), None
        except BadPicture as error:
            return None, False, str(error)

    def _note_bad(self, entry, reason):
        self._bad.append({"file": readable(self._listing.name(entry)), "reason": reason})
        if len(self._bad) > self._max_bad_files * len(self._listing):
            raise _too_many_bad(self._listing.shown, self._report(), self._max_bad_files, at_least=True)

    def _first_bad(self):
        return " ({file!r}: {reason})".format(**self._bad[0]) if self._bad else ""

    def _held_out(self, good):
        count = min(max(len(good) // 10, 1), _MAX_HELD_OUT)
        order = np.argsort(self._hashes[good], kind="stable")
        return np.sort(order[:count]).astype(np.int64)

    def _report(self):
        return _report(self._listing, self._bad) if self._bad else None

    def _notes(self, good):
        if self._bad:
            reasons = ", ".join(f"{count} {reason}" for reason, count in self._report()["reasons"].items())
            whole = f"{len(self._bad):,} of {len(self._listing):,} pictures"
            yield f"left out {whole} ({reasons}); data_report.json names them"
        yield from prepare.notes_on_size(self._enlarged, good, self._preparation)


def _report(listing, bad):
    """See `source.Source`; `bad` is a list of {"file", "reason"}."""
    return {
        "data_dir": readable(listing.root),
        "pictures": len(listing),
        "left_out": len(bad),
        "reasons": dict(collections.Counter(one["reason"] for one in bad).most_common()),
        "files": bad,
    }


def _hash(name):
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big")


def _check_share(report, max_bad_files):
    """Again for a store that was made under another limit."""
    if report and report["left_out"] > max_bad_files * report["pictures"]:
        raise _too_many_bad(repr(report["data_dir"]), report, max_bad_files)


def _too_many_bad(shown, report, max_bad_files, at_least=False):
    first = report["files"][0]
    return UserError(
        f"max_bad_files allows {max_bad_files:.0%} of the pictures in {shown} to be unreadable. "
        f"Received: {'at least ' if at_least else ''}{report['left_out']} of {report['pictures']}, "
        f"the first {first['file']!r} ({first['reason']})"
    )


def in_order(function, items):
    """`function(item)` for each item in order, computed by threads, a bounded number of them ahead."""
    with concurrent.futures.ThreadPoolExecutor(_THREADS) as pool:
        pending = collections.deque()
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) >= _AHEAD * _THREADS:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

"""Which pictures lie under a folder, in a compact form: 200,000 files are 4 megabytes, not a list of objects."""

import array
import collections
import errno
import hashlib
import os
import stat
import zlib

from wgangp_tf.data import prepare
from wgangp_tf.data.prepare import BadPicture
from wgangp_tf.errors import UserError

# folders that storage servers and other systems leave: thumbnails, what was deleted, halves of files
_OF_SYSTEMS = {
    *(b"@eadir", b"@tmp", b"@sharebin", b"@recycle", b"#recycle", b"#snapshot", b"__macosx", b"$recycle.bin"),
    *(b"lost+found", b"system volume information", b"network trash folder", b"temporary items"),
}
_HIDDEN, _UNLISTED, _PLAIN = "hidden", "of folders that may not be listed", "without a suffix"
_TOO_LONG = "of paths longer than the system allows"
_LONGEST = 12  # bytes of what is a suffix
_NAMED = 6  # kinds of what was passed over that still fit a line
_MAX_BYTES = 512 * 2**20  # no picture of at most 89 million pixels needs more


def readable(name):
    """Bytes of a path as text that any encoder can write; what is not UTF-8 as \\xff."""
    return name.decode("utf-8", "backslashreplace")


def list_pictures(directory, named="data_dir"):
    """The files under a directory that have a picture's extension, in a fixed order.

    All else is passed over and counted: files of other extensions, names that begin with a dot, folders that other
    systems leave (thumbnails, deleted files), folders below that may not be listed, paths that are too long for the
    system. Links are followed; a directory is read once, however many links lead to it.

    Args:
      directory: str or bytes.
      named: what the user named it by, for messages.

    Returns:
      A `Listing`.

    Raises:
      UserError: not a directory that can be read, or no pictures in it.
    """
    root = os.path.abspath(os.fsencode(directory))
    shown = repr(readable(os.fsencode(directory)))
    listing = Listing(root, shown)
    check_folder(directory, named)
    try:
        for name, status in _walk(root, listing.passed_over):
            listing.append(name, status)
    except FileNotFoundError as error:
        raise Changed(shown, os.fsencode(error.filename)) from error
    except OSError as error:
        raise UserError(f"{readable(os.fsencode(error.filename))!r} cannot be read ({error.strerror})") from error
    if not len(listing):
        raise UserError(
            f"{named} expects a folder with {prepare.NAMES} pictures. Received: {shown}, which has none"
            + (f" ({listing.passed_in_words()} were passed over)" if listing.passed_over else "")
        )
    return listing


def check_folder(directory, named="data_dir"):
    """Raises a UserError unless there is a directory; `named` as in `list_pictures`."""
    path = os.path.abspath(os.fsencode(directory))
    shown = repr(readable(os.fsencode(directory)))
    try:
        if not stat.S_ISDIR(os.stat(path).st_mode):
            raise UserError(f"{named} expects a folder of pictures. Received: {shown}, which is a file")
    except FileNotFoundError as error:
        raise UserError(f"{named} expects a folder of pictures. Received: {shown}, which does not exist") from error
    except OSError as error:
        raise UserError(f"{shown} cannot be read ({error.strerror})") from error


class Changed(UserError):
    """A folder that is not what it was a moment ago."""

    def __init__(self, shown, name=None):
        which = "" if name is None else f": {readable(name)!r}"
        super().__init__(f"{shown} changed while it was read{which}; run again when it is at rest")


class Listing:
    """Names of files under a root, and a stamp of the size and time of each.

    A file that changes has the same stamp once in 2³² times; the digest is of the sizes and times themselves.

    Attributes:
      root: bytes, absolute.
      shown: the folder as the user wrote it, quoted, for messages.
      passed_over: collections.Counter, {what, in a word: how many} of what is no picture that is read.
      class_names: the folders directly under the root that hold pictures, in order.
    """

    def __init__(self, root, shown):
        self.root, self.shown = root, shown
        self.passed_over = collections.Counter()
        self._names, self._ends = bytearray(), array.array("I", [0])
        self._stamps = array.array("I")  # of size and time: what tells a file that was changed
        self._unusable = {}  # entry: why
        self._classes = {}
        self._unclassed = None
        self._digest = hashlib.blake2b(os.path.realpath(root) + b"\0", digest_size=16)

    def __len__(self):
        return len(self._stamps)

    def append(self, name, status):
        """Adds a file: its path under the root, and its os.stat_result or None where it has none."""
        self._names += name
        self._ends.append(len(self._names))
        if status is None or not stat.S_ISREG(status.st_mode):
            self._unusable[len(self)] = "not a file"
        elif status.st_size > _MAX_BYTES:
            self._unusable[len(self)] = f"more than {_MAX_BYTES // 2**20} MiB"
        size_and_time = _size_and_time(status)
        self._stamps.append(zlib.crc32(size_and_time))
        self._digest.update(name + b"\0" + size_and_time)
        folder, slash, _ = name.partition(b"/")
        if slash:
            self._classes.setdefault(folder, len(self._classes))
        else:
            self._unclassed = self._unclassed or name

    def passed_in_words(self):
        """What was passed over: "3 .heic, 1 hidden", the most frequent kinds first."""
        common = self.passed_over.most_common()
        said = [f"{count:,} {what}" for what, count in common[:_NAMED]]
        others = sum(count for _, count in common[_NAMED:])
        return ", ".join([*said, f"{others:,} others"] if others else said)

    @property
    def class_names(self):
        return tuple(readable(name) for name in self._classes)

    def class_of(self, entry):
        """Index into `class_names`, or -1 for a file directly under the root."""
        folder, _, below = self.name(entry).partition(b"/")
        return self._classes[folder] if below else -1

    def name(self, entry):
        """Path under the root, bytes."""
        return bytes(self._names[self._ends[entry] : self._ends[entry + 1]])

    def read(self, entry):
        """The bytes of a file.

        Raises:
          BadPicture: it cannot be read, or is absurdly large.
          Changed: it is not the file that was listed.
        """
        if entry in self._unusable:
            raise BadPicture(self._unusable[entry])
        try:
            with open(os.path.join(self.root, self.name(entry)), "rb", buffering=0) as file:
                status = os.fstat(file.fileno())
                if zlib.crc32(_size_and_time(status)) != self._stamps[entry]:
                    raise self.changed(entry)
                encoded = file.read(status.st_size)
        except FileNotFoundError as error:
            raise self.changed(entry) from error
        except OSError as error:
            raise BadPicture(f"cannot be read ({error.strerror})") from error
        if len(encoded) != status.st_size:
            raise self.changed(entry)
        return encoded

    def changed(self, entry):
        return Changed(self.shown, self.name(entry))

    def check_same(self):
        """Raises `Changed` if the folder is not what was listed; files that were added are noticed here."""
        if list_pictures(self.root).digest() != self.digest():
            raise Changed(self.shown)

    def digest(self):
        """Short string that changes with the place of the folder and the names, sizes and times of its files."""
        return self._digest.hexdigest()

    def refuse_unclassed(self):
        """Raises a UserError where a picture lies in no class's folder."""
        if self._unclassed is not None:
            raise UserError(
                f"labels=folder expects every picture in a folder of its class under {self.shown}. "
                f"Received: {readable(self._unclassed)!r}"
            )


def _size_and_time(status):
    """Of a file, as bytes that end in a zero; of what is none, the same for all."""
    if status is None or not stat.S_ISREG(status.st_mode):
        return b"none\0"
    return b"%d %d\0" % (status.st_size, status.st_mtime_ns)


def _walk(root, passed_over):
    """Yields (path under the root, status or None) of the pictures in a directory, then of those further down.

    Counts in `passed_over` what is none.
    """
    seen, ahead = set(), [b""]
    while ahead:
        below = ahead.pop()
        path = os.path.join(root, below.rstrip(b"/")) if below else root  # a slash more may be one too many
        status = os.stat(path)
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        folders = []
        for name in _names(path, below, passed_over):
            if name.startswith(b"."):
                passed_over[_HIDDEN] += 1
                continue
            try:
                status = _status(os.path.join(path, name))
            except OSError as error:
                if error.errno != errno.ENAMETOOLONG:
                    raise
                passed_over[_TOO_LONG] += 1
                continue
            if status is not None and stat.S_ISDIR(status.st_mode):
                if name.lower() in _OF_SYSTEMS:
                    passed_over[readable(name)] += 1
                else:
                    folders.append(below + name + b"/")
            elif name.lower().endswith(prepare.SUFFIXES):
                yield below + name, status
            else:
                suffix = os.path.splitext(name)[1].lower()
                passed_over[readable(suffix) if 1 < len(suffix) <= _LONGEST else _PLAIN] += 1
        ahead.extend(reversed(folders))


def _names(path, below, passed_over):
    """What is in a directory, sorted; nothing where that may not be seen, unless it is the root."""
    try:
        return sorted(os.listdir(path))
    except PermissionError:
        if not below:
            raise
        passed_over[_UNLISTED] += 1
        return []


def _status(path):
    """None for a link that leads nowhere or to itself, and for what may not be looked at."""
    try:
        return os.stat(path)
    except PermissionError:
        return None
    except OSError:
        if os.path.islink(path):
            return None
        raise

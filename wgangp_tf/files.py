"""Files that are whole or not there: written beside, synced, renamed; and locks. As far as the file system can."""

import contextlib
import errno
import fcntl
import os
import pathlib
import uuid

# "this is not done here", as some network, shared and FUSE file systems say of a directory
_NOT_DONE_HERE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def replace(path, data):
    """Writes bytes or text to `path` so that a reader, or a machine that stops, sees the old file or the new one.

    A link stays one: what it leads to is written. Text that no encoding has, of a path that is not UTF-8, is escaped.
    """
    path = pathlib.Path(os.path.realpath(path))
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(beside, "wb") as file:
            file.write(data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data)
            flush(file)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync(path.parent)


def check_place(path, inside=False, directory=False):
    """Tries whether a file or a directory can be made at a path, or replaced there; leaves nothing.

    To ask for permissions is not enough: a file system may be read-only, full, or not for files at all; and a umask may
    keep a program out of the directories that it makes.

    Args:
      path: there or not; so are folders above it.
      inside: whether it is a directory that is written into, and stays.
      directory: whether it is a directory that is made anew.

    Raises:
      OSError: it cannot.
    """
    path = pathlib.Path(path).absolute()
    folder = path if inside else path.parent
    above = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    longest = os.pathconf(above, "PC_NAME_MAX")
    for name in folder.relative_to(above).parts:
        if len(os.fsencode(name)) > longest:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), os.fspath(path))
    # as long as the names that a file or an export has before it is whole
    beside = above / f".{'' if inside else path.name}.{uuid.uuid4().hex[:8]}.part"
    os.mkdir(beside)
    try:
        if directory or above != folder:
            os.mkdir(beside / "in")
            os.rmdir(beside / "in")
    finally:
        os.rmdir(beside)


def sync_tree(directory):
    """Everything below a directory, and its entries, to disk."""
    for folder, _, names in os.walk(directory):
        for name in names:
            sync(os.path.join(folder, name))
        sync(folder)


def sync(path):
    """The content of a file, or the entries of a directory, to disk."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        if os.path.isdir(path):  # one that may be written and not read: its entries are written in their own time
            return
        raise
    try:
        _fsync(descriptor)
    finally:
        os.close(descriptor)


def flush(file):
    """What was written to an open file, to disk."""
    file.flush()
    _fsync(file.fileno())


def _fsync(descriptor):
    """As `os.fsync`; where the file system has no such thing it writes in its own time, which is no fault."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOT_DONE_HERE:
            raise


class Lock:
    """The kernel's exclusive lock on a file. It ends with the process that holds it, however that ends.

    As a context it lets go at the end.
    """

    def __init__(self, path, create=True):
        """
        Args:
          path: of the file.
          create: whether to make it where it is missing.

        Raises:
          OSError: it cannot be opened.
        """
        self.descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o666)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def take(self, waiting=None):
        """Takes the lock.

        Args:
          waiting: called where another process has it, which is then waited for; None for not waiting.

        Returns:
          None where it is held, else why it cannot be, in words: the file system has no locks, and nothing keeps
          other processes out.

        Raises:
          BlockingIOError: another process has it, and is not to be waited for.
        """
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is None:
                raise
            waiting()
            fcntl.flock(self.descriptor, fcntl.LOCK_EX)
        except OSError as error:
            return error.strerror or str(error)
        return None

    def close(self):
        """Lets another process take it."""
        os.close(self.descriptor)


@contextlib.contextmanager
def alone(path, waiting):
    """Holds the lock on a file that is there meanwhile only, so that nothing is left beside what it guards.

    Args:
      path: of the file.
      waiting: called where another process has it, which is then waited for.

    Yields:
      Whether it is held: some file systems have no locks.
    """
    while True:
        lock = Lock(path)
        try:
            missing = lock.take(waiting)
            if missing or _leads_to(path, lock.descriptor):
                break
        except BaseException:
            lock.close()
            raise
        lock.close()  # whom we waited for has removed it: the next one would make another
    try:
        yield missing is None
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        lock.close()


def _leads_to(path, descriptor):
    """Whether the file at a path is an open one."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False

"""Whether what a command makes can be written where a flag says, before it is made."""

import os

from wgangp_tf import files
from wgangp_tf.errors import UserError


def check(flag, path, inside=False):
    """Raises a UserError where nothing can be written.

    Args:
      flag: its name.
      path: of a file, or of a directory.
      inside: whether it is a directory that is written into.
    """
    try:
        files.check_place(path, inside)
    except OSError as error:
        what = "directory" if inside else "file"
        raise UserError(
            f"--{flag} expects a {what} that can be written. Received: {os.fspath(path)!r} ({error.strerror})"
        ) from error

"""Warnings that point at the user's own line, however many constructors lie between."""

import os
import sys
import warnings

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def warn(message):
    """Warns, as `warnings.warn` does, of what the nearest caller outside this package did.

    Args:
      message: str.
    """
    frame, level = sys._getframe(1), 2  # Python 3.11 has no skip_file_prefixes
    while frame.f_back is not None and os.path.abspath(frame.f_code.co_filename).startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)

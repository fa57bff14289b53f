"""Labels as a file has them → the number of each sample's class, and the classes' names."""

import numpy as np

from wgangp_tf.errors import UserError

_LEAST = 2  # samples of a class, on average


def classes_of(raw, name):
    """Classes in the order of their values, numbers as numbers.

    Args:
      raw: array [n] of text, whole numbers or booleans.
      name: of the labels, for messages.

    Returns:
      (int32 [n], tuple of the classes' names).

    Raises:
      UserError: they tell no classes apart.
    """
    values = _whole(raw, name)
    found, numbers = np.unique(values, return_inverse=True)
    if len(found) < 2:
        raise UserError(f"--labels expects at least two classes. Received: {name!r}, which is {found[0]} everywhere")
    if len(found) * _LEAST > len(values):
        raise UserError(
            f"--labels expects classes of at least {_LEAST} samples on average. "
            f"Received: {name!r}, with {len(found):,} values in {len(values):,} samples"
        )
    return numbers.reshape(-1).astype(np.int32), tuple(str(value) for value in found)


def _whole(raw, name):
    """The labels as they are sorted: integers where all of them are some, else text."""
    if raw.dtype.kind in "biu":
        return raw
    if raw.dtype.kind == "f":
        if not (np.isfinite(raw).all() and (raw == np.round(raw)).all()):
            odd = raw[~(raw == np.round(raw)) | ~np.isfinite(raw)][0]
            raise UserError(f"--labels expects whole numbers or text. Received: {name!r}, with {odd}")
        return raw.astype(np.int64)
    try:
        return raw.astype(np.int64)
    except ValueError:
        return raw

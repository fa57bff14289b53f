"""Labels as a file has them → the number of each sample's class, and the classes' names."""

import re

import numpy as np

from wgangp_tf.errors import UserError

_LEAST = 2  # samples of a class, on average
_NUMBER = re.compile(r"[+-]?[0-9]{1,100}")  # so many digits at most: Python refuses to read thousands
_MOST = 2.0**63  # from here on float64 is no int64


def classes_of(raw, name):
    """Classes in the order of their values, numbers as numbers. Text keeps its letters: "01" is no "1".

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
    order = _order(found)
    return np.argsort(order)[numbers.reshape(-1)].astype(np.int32), tuple(str(found[k]) for k in order)


def _order(values):
    """Rows of distinct values, ascending, as they are to stand: text that is whole numbers by those."""
    texts = values.tolist()
    if values.dtype.kind == "U" and all(map(_NUMBER.fullmatch, texts)):
        return np.array(sorted(range(len(texts)), key=lambda k: (int(texts[k]), texts[k])))
    return np.arange(len(texts))


def _whole(raw, name):
    """The labels without a fraction."""
    if raw.dtype.kind != "f":
        return raw
    whole = (raw == np.round(raw)) & (np.abs(raw) < _MOST)  # neither is true of nan
    if not whole.all():
        raise UserError(
            f"--labels expects whole numbers below 2**63, or text. Received: {name!r}, with {raw[~whole][0]}"
        )
    return raw.astype(np.int64)

"""Single arguments: what each must be, said in one line."""

import math
import numbers
import operator


def whole(name, value, least=1, most=None):
    """An integer as Python's own: NumPy's will do, a bool or a float will not.

    Args:
      name: of the argument.
      value: what came.
      least, most: int, the bounds; None for no upper one.

    Returns:
      int.

    Raises:
      ValueError: it is something else, or out of range.
    """
    expected = f"{name} must be an integer of at least {least}{'' if most is None else f' and at most {most}'}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise ValueError(f"{expected}. Received: {name}={value!r}")
    found = operator.index(value)
    if found < least or (most is not None and found > most):
        raise ValueError(f"{expected}. Received: {name}={found}")
    return found


def number(name, value, expected, within):
    """A number as a float.

    Args:
      name: of the argument.
      value: what came.
      expected: str, "at least 0, and finite" say.
      within: callable of a float -> whether it is that.

    Returns:
      float.

    Raises:
      ValueError: it is no number, not finite, or not within.
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not (real and math.isfinite(value) and within(value)):
        kind = "" if real else "a number, "
        raise ValueError(f"{name} must be {kind}{expected}. Received: {name}={value if real else repr(value)}")
    return float(value)


def choice(name, value):
    """A bool; NumPy's will do.

    Raises:
      ValueError: it is something else: 0 and "no" are not told apart by what they look like.
    """
    if not isinstance(value, bool) and type(value).__name__ not in ("bool_", "bool"):
        raise ValueError(f"{name} must be True or False. Received: {name}={value!r}")
    return bool(value)


def seed(value, name="seed", least=-(2**31), most=2**32 - 1):
    """A seed as an int of 32 bits; see `whole`."""
    if value is None:
        raise ValueError(f"{name} must be an integer: the same seed makes the same samples. Received: {name}=None")
    return whole(name, value, least, most)

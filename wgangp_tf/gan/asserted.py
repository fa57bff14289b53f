"""What a graph can see only when it runs, told as all else that is refused: in one line, as a ValueError."""

import ast
import contextlib

import tensorflow as tf


def holding(value, condition, *parts):
    """A tensor as it is, of a graph that ends where the condition is false.

    Args:
      value: tensor.
      condition: bool tensor [].
      *parts: of the message: texts, the first of which says what was expected and has "Received:", and numbers, [].

    Raises:
      tf.errors.InvalidArgumentError: the condition is false, when the graph runs; XLA leaves it out.
    """
    held = tf.debugging.Assert(condition, list(parts))
    with tf.control_dependencies([] if held is None else [held]):
        return tf.identity(value)


@contextlib.contextmanager
def in_one_line():
    """Raises a ValueError of the message alone in place of what `holding` raises; other errors pass."""
    try:
        yield
    except tf.errors.InvalidArgumentError as error:
        parts = _parts(str(error))
        if parts is None:
            raise  # an assertion of somebody else's
        told = " ".join(_short(part) for part in parts)
        raise ValueError(told) from None


def _parts(raised):
    """The parts of a message of `holding`, as texts, from the two forms that TensorFlow gives them; None of others."""
    _, of_graph, message = raised.partition("assertion failed: [")
    if of_graph:
        parts = message.partition("\n")[0].rpartition("]")[0].replace("\\'", "'").split("] [")
        return parts if "Received:" in parts[0] else None
    lines = raised.partition("Summarized data: ")[2].splitlines()
    if not lines or "Received:" not in lines[0]:
        return None
    try:
        return [ast.literal_eval(line).decode() if line.startswith("b") else line for line in lines]
    except (ValueError, SyntaxError, AttributeError):  # by chance in the same words
        return None


def _short(part):
    if part.lstrip("-").isdecimal():
        return part
    try:
        return f"{float(part):g}"
    except ValueError:
        return part

"""The parts of a batch, one after the other through a function: at once they would take the memory of all."""

import tensorflow as tf

# The first part is traced by itself, which tells the loop over the others what it carries; so two parts need none.
_LOOPED_FROM = 3


def each(parts, function, looped=True):
    """What a function makes of each part, in their order.

    Args:
      parts: list of structures of tensors, the same in all; None may stand for a tensor.
      function: callable (number of the part, part) -> (list of tensors to be summed over the parts, a structure of
        tensors to be kept of each); None may stand for a tensor, then in all parts. The number is an int, or an int32
        tensor in a loop of the graph.
      looped: whether the function may be traced in a loop of a graph, where it cannot speak to other replicas
        (TensorFlow 2.21). Else each part is in the graph by itself, so that tracing takes as long as there are parts.

    Returns:
      (the sums, the list of what is kept).
    """
    sums, first = function(0, parts[0])
    if looped and len(parts) >= _LOOPED_FROM and not tf.executing_eagerly():
        return _in_a_loop(parts, function, sums, first)
    kept = [first]
    for number, part in enumerate(parts[1:], 1):
        with tf.control_dependencies([*_there(sums), *_there(kept[-1])]):
            values, found = function(number, part)
        sums = [added(*pair) for pair in zip(sums, values, strict=True)]
        kept.append(found)
    return sums, kept


def added(first, second):
    """The sum of two tensors, of which one may be None; None of two Nones."""
    if first is None or second is None:
        return second if first is None else first
    return tf.convert_to_tensor(first) + tf.convert_to_tensor(second)


def _in_a_loop(parts, function, sums, first):
    """As `each`, the parts after the first in a loop of the graph."""
    flat = [tf.nest.flatten(part) for part in parts]
    stacked = [None if values[0] is None else tf.stack(values) for values in zip(*flat, strict=True)]

    def step(number, sums, kept):
        values = [None if value is None else value[number] for value in stacked]
        found_sums, found = function(number, tf.nest.pack_sequence_as(parts[0], values))
        sums = [value + more for value, more in zip(sums, _there(found_sums), strict=True)]
        # a loop keeps the shapes that it begins with
        return number + 1, sums, [a.write(number, v) for a, v in zip(kept, _there(found), strict=True)]

    kept = [
        tf.TensorArray(value.dtype, len(parts), element_shape=value.shape).write(0, value) for value in _there(first)
    ]
    # a loop begins before all that it carries is there: the first part must be done
    with tf.control_dependencies([*_there(sums), *_there(first)]):
        second = tf.identity(1)
    _, total, kept = tf.while_loop(
        lambda number, *_: number < len(parts),
        step,
        (second, _there(sums), kept),
        parallel_iterations=1,
        maximum_iterations=len(parts) - 1,
    )
    of_each = [tf.unstack(array.stack(), len(parts)) for array in kept]
    return _like(sums, total), [_like(first, [values[place] for values in of_each]) for place in range(len(parts))]


def _there(structure):
    """The tensors of a structure that are no None, as a list."""
    return [tf.convert_to_tensor(value) for value in tf.nest.flatten(structure) if value is not None]


def _like(structure, tensors):
    """Tensors in the places of a structure where it has some."""
    left = iter(tensors)
    return tf.nest.map_structure(lambda value: None if value is None else next(left), structure)

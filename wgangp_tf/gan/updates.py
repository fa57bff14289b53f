"""One update of a network, by the mean of a loss over the parts of a batch and over replicas."""

import tensorflow as tf

from wgangp_tf.gan import in_parts, precision, replicas

# TensorFlow 2.21's dependency optimizer drops, in some of the graphs of several updates, what makes the reading of a
# weight wait for the update before it: the penalty then sees old weights. Three steps by r3gan in two parts went astray
# in 5 of 10 tracings, in none of 24 without that optimizer.
tf.config.optimizer.set_experimental_options({"dependency_optimization": False})


def minimise(optimizer, variables, parts, loss_of, looped=True):
    """One step of an optimizer against the mean loss.

    Args:
      optimizer: built Keras optimizer.
      variables: list of Keras variables that it moves.
      parts: list of structures of tensors, as many samples in each.
      loss_of: callable (number of a part, part) -> (loss float32 [], what else it saw).
      looped: see `in_parts.each`.

    Returns:
      List of what `loss_of` saw.
    """
    gradients, seen = _differentiated(optimizer, variables, parts, loss_of, looped)
    optimizer.apply(precision.agreed(optimizer, gradients), variables)
    return seen


def minimise_either(condition, optimizer, variables, parts, loss_of, other_loss_of, looped=True):
    """As `minimise`, by the first loss where the condition holds and by the other elsewhere: only one is computed.

    Args:
      condition: bool tensor [], the same in all replicas.
      optimizer, variables, parts, looped: see `minimise`.
      loss_of, other_loss_of: as in `minimise`; they see the same names and types. Neither may speak to other replicas,
        which a choice in a graph cannot (TensorFlow 2.21).

    Returns:
      List of what the one that was taken saw.
    """

    def side(loss_of):
        gradients, seen = _differentiated(optimizer, variables, parts, loss_of, looped)
        zeros = [tf.zeros(variable.shape, variable.dtype) for variable in variables]
        return [in_parts.added(*pair) for pair in zip(gradients, zeros, strict=True)], seen

    gradients, seen = tf.cond(condition, lambda: side(loss_of), lambda: side(other_loss_of))
    optimizer.apply(precision.agreed(optimizer, gradients), variables)
    return seen


def _differentiated(optimizer, variables, parts, loss_of, looped):
    """The gradients of the mean loss, and what `loss_of` saw of each part; see `minimise`."""
    _, replica_count = replicas.position()

    def of_part(number, part):
        with tf.GradientTape() as tape:
            loss, found = loss_of(number, part)
            # Keras sums gradients over replicas: each contributes its share of the mean
            share = optimizer.scale_loss(loss / (replica_count * len(parts)))
        # that of an embedding comes as rows, which not every optimizer and strategy takes
        return [g if g is None else tf.convert_to_tensor(g) for g in tape.gradient(share, variables)], found

    return in_parts.each(parts, of_part, looped)

"""Where in a `tf.distribute` strategy the code runs, and what all replicas see together."""

import numpy as np
import tensorflow as tf


def position():
    """(number of this replica, how many there are); (0, 1) outside a replica."""
    context = tf.distribute.get_replica_context()
    if context is None:
        return 0, 1
    return context.replica_id_in_sync_group, context.num_replicas_in_sync


def gathered(values):
    """The values of all replicas, a list of float32 [n] -> a list of [n over all replicas]; as many on each.

    Logs are averaged over replicas, which would not give the least and the greatest of them.
    """
    number, replicas = position()
    if replicas == 1 or not values:
        return values
    # all in one exchange, a sum in which each replica has its own row: TensorFlow's own gathering exchanges the shapes
    # before
    row = tf.concat(values, axis=0)[tf.newaxis]
    own = tf.equal(tf.range(replicas), number)[:, tf.newaxis]
    rows = tf.distribute.get_replica_context().all_reduce(
        tf.distribute.ReduceOp.SUM, tf.where(own, row, tf.zeros_like(row))
    )
    return [tf.reshape(part, [-1]) for part in tf.split(rows, [tf.size(value) for value in values], axis=1)]


def mean(values):
    """The mean over replicas of a tensor."""
    _, replicas = position()
    if replicas == 1:
        return values
    # a variable's value may have no device, without which several processes cannot reduce it
    values = tf.identity(values)
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, values)


def share_means(variables):
    """Gives all replicas the means over replicas of the floats among these variables, such as moving statistics."""
    _, replicas = position()
    variables = [variable for variable in variables if tf.as_dtype(variable.dtype).is_floating]
    if replicas == 1 or not variables:
        return
    # those of a type in one exchange: over several processes each costs milliseconds, however little it carries
    for kind in dict.fromkeys(variable.dtype for variable in variables):
        alike = [variable for variable in variables if variable.dtype == kind]
        values = tf.concat([tf.reshape(variable.value, [-1]) for variable in alike], axis=0)
        means = tf.split(mean(values), [int(np.prod(variable.shape)) for variable in alike])
        for variable, value in zip(alike, means, strict=True):
            variable.assign(tf.reshape(value, variable.shape))


def over_processes(strategy, step):
    """A step over the replicas of several processes, as Keras calls one.

    Keras' own way of putting the replicas' values together fails there ("Invalid reduction dimension 0", Keras 3.15).

    Args:
      strategy: tf.distribute.MultiWorkerMirroredStrategy.
      step: callable, a batch -> {name: tensor []}, in a replica.

    Returns:
      Callable, an iterator over batches -> {name: mean over all replicas}.
    """

    names = []  # of what a step says, known once it is traced

    def said(batch):
        values = step(batch)
        names[:] = values
        return tf.stack([tf.cast(value, tf.float32) for value in values.values()])

    def of_all(batch):
        values = strategy.reduce(tf.distribute.ReduceOp.MEAN, strategy.run(said, args=(batch,)), axis=None)
        return dict(zip(names, tf.unstack(values), strict=True))

    of_all = tf.function(of_all, autograph=False)
    # in a graph the iterator has no device to tell the others on that it is at its end
    return lambda iterator: of_all(next(iterator))


def check_keywords(keywords):
    """Raises a ValueError for what Keras fails at, obscurely, over several replicas (TensorFlow 2.21, Keras 3.15)."""
    reasons = {
        "run_eagerly": "without a graph the replicas cannot put their updates together",
        "jit_compile": "XLA cannot reach the variables of another device",
    }
    for keyword, reason in reasons.items():
        if keywords.get(keyword) is True:
            raise ValueError(f"{keyword} must be off over several replicas: {reason}. Received: {keyword}=True")
    steps = keywords.get("steps_per_execution", 1)
    if steps > 1:
        raise ValueError(
            "steps_per_execution must be 1 over several replicas: a loop in the graph cannot merge their updates. "
            f"Received: steps_per_execution={steps}"
        )

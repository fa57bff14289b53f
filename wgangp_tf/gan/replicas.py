"""Where in a `tf.distribute` strategy the code runs, and what all replicas see together."""

import tensorflow as tf


def position():
    """(number of this replica, how many there are); (0, 1) outside a replica."""
    context = tf.distribute.get_replica_context()
    if context is None:
        return 0, 1
    return context.replica_id_in_sync_group, context.num_replicas_in_sync


def gathered(values):
    """The values of all replicas, [batch] -> [batch over all replicas].

    Logs are averaged over replicas, which would not give the least and the greatest of them.
    """
    _, replicas = position()
    return values if replicas == 1 else tf.distribute.get_replica_context().all_gather(values, axis=0)


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
    if replicas == 1:
        return
    for variable in variables:
        if tf.as_dtype(variable.dtype).is_floating:
            variable.assign(mean(variable.value))


def over_processes(strategy, step):
    """A step over the replicas of several processes, as Keras calls one.

    Keras' own way of putting the replicas' values together fails there ("Invalid reduction dimension 0", Keras 3.15).

    Args:
      strategy: tf.distribute.MultiWorkerMirroredStrategy.
      step: callable, a batch -> {name: tensor []}, in a replica.

    Returns:
      Callable, an iterator over batches -> {name: mean over all replicas}.
    """

    def of_all(batch):
        values = strategy.run(step, args=(batch,))
        return {name: strategy.reduce(tf.distribute.ReduceOp.MEAN, value, axis=None) for name, value in values.items()}

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

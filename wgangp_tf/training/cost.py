"""What a step costs."""

import tensorflow as tf


def step_operations(model, batch_size):
    """Floating-point operations of one training step, counted over its traced graph.

    TensorFlow's profiler counts products and convolutions, forward and backward; element-wise work is a few percent.

    Args:
      model: compiled `GAN`.
      batch_size: real samples per critic update.

    Returns:
      int.
    """
    spec = model.codec.spec
    batch = tf.TensorSpec([model.n_critic * batch_size, *spec.shape], spec.dtype)
    graph = tf.function(model.train_step, autograph=False).get_concrete_function(batch).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder
    wanted = options(options.float_operation()).with_empty_output().build()
    return tf.compat.v1.profiler.profile(graph, options=wanted).total_float_ops

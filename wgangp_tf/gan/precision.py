"""Half precision: what the optimizers and gradients of networks that compute in float16 need.

What a norm, a mean or a loss is made of is float32 whatever the networks compute in: see `penalties`, `objective`, and
the last layers of the networks. bfloat16 has float32's range and needs nothing more.
"""

import keras
import tensorflow as tf

from wgangp_tf.gan import replicas


def scaled(optimizer, networks):
    """The optimizer with its loss scaled, where a network computes in float16, whose least numbers are 6e-8.

    Keras does so for the optimizer of `compile(optimizer=…)` alone.

    Args:
      optimizer: keras.optimizers.Optimizer.
      networks: Keras models that its gradients go through.

    Returns:
      `keras.optimizers.LossScaleOptimizer` around it; itself where no network needs one, or where it is one.
    """
    layers = [layer for network in networks for layer in network._flatten_layers()]
    needed = any(layer.compute_dtype == "float16" for layer in layers)
    if not needed or scales(optimizer):
        return optimizer
    return keras.optimizers.LossScaleOptimizer(optimizer)


def scales(optimizer):
    """Whether an optimizer scales its loss, and so leaves out updates whose gradients are not finite."""
    return isinstance(optimizer, keras.optimizers.LossScaleOptimizer)


def skipped(optimizer, updates):
    """How many of so many updates were left out, float32 []."""
    return tf.cast(updates, tf.float32) - tf.cast(optimizer.iterations, tf.float32)


def agreed(optimizer, gradients):
    """The gradients, none of them finite where those of another replica are not.

    Keras looks at one replica's gradients before they are summed, and takes its word for all.
    """
    _, replica_count = replicas.position()
    if replica_count == 1 or not scales(optimizer):
        return gradients
    finite = [tf.reduce_all(tf.math.is_finite(g)) for g in gradients if g is not None]
    share = replicas.mean(tf.cast(tf.reduce_all(finite), tf.float32))
    # a factor would not do: it may be fused with what divides by the scale
    return [None if g is None else tf.where(share < 1.0, tf.constant(float("nan"), g.dtype), g) for g in gradients]

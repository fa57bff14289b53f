"""What a step costs: operations, and time on this machine."""

import time

import numpy as np
import tensorflow as tf

from wgangp_tf.training.stretches import Stretches
from wgangp_tf.training.summary import Summary

_CALLS, _SECONDS = 5, 5.0  # to time at most: calls of some steps each, and all of them


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
    batch = tf.TensorSpec([model.n_critic * batch_size, *spec.stored_shape], spec.dtype)
    if model.classes:
        batch = {"samples": batch, "labels": tf.TensorSpec(batch.shape[:1], tf.int32)}
    graph = tf.function(model.train_step, autograph=False).get_concrete_function(batch).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder
    wanted = options(options.float_operation()).with_empty_output().build()
    return tf.compat.v1.profiler.profile(graph, options=wanted).total_float_ops


def step_seconds(model, batch_size, jit_compile=False):
    """Seconds that a training step takes here, measured: the median over some calls, after one that traces the step.

    The steps are real ones, on samples that are random numbers: the weights of the model change.

    Args:
      model: compiled `GAN`.
      batch_size: real samples per critic update.
      jit_compile: whether XLA compiles the step.

    Returns:
      float.
    """
    spec = model.codec.spec
    random, shape = np.random.default_rng(0), [model.n_critic * batch_size, *spec.stored_shape]
    samples = random.normal(size=shape) if spec.dtype == "float32" else random.integers(0, 256, shape)
    batch = samples.astype(spec.dtype)
    if model.classes:
        batch = {"samples": batch, "labels": random.integers(0, model.classes, len(batch)).astype(np.int32)}
    stretches = Stretches(model, Summary(model), tf.data.Dataset.from_tensors(batch).repeat(), jit_compile=jit_compile)
    stretches.run(1)
    begun, measured = time.monotonic(), []
    while not measured or (len(measured) < _CALLS and time.monotonic() - begun < _SECONDS):
        then = time.monotonic()
        steps = stretches.run(100)
        measured.append((time.monotonic() - then) / steps)
    return float(np.median(measured))

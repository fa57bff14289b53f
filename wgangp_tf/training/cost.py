"""What a step costs: operations, and time on this machine."""

import time

import numpy as np
import tensorflow as tf

from wgangp_tf.training import memory, operations
from wgangp_tf.training.stretches import Stretches
from wgangp_tf.training.summary import Summary

# Of what a step has at once at its peak, as measured (benchmarks/README.md): shares of all that the layers make of its
# samples in an update of the critic and in one of the generator, and of what the generator makes for each later update
# of the critic or part of one, which TensorFlow begins before its turn; copies of the weights; bytes of the programs.
_OF_CRITIC, _OF_GENERATOR, _AHEAD = (1.5, 0.0), (0.4, 0.45), 0.4
_WEIGHTS, _PROGRAMS = 4, 75e6
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
    parts, model.accumulate = model.accumulate, 1  # as many operations, of which a loop's would count once
    try:
        graph = tf.function(model.train_step, autograph=False).get_concrete_function(batch).graph
    finally:
        model.accumulate = parts
    options = tf.compat.v1.profiler.ProfileOptionBuilder
    wanted = options(options.float_operation()).with_empty_output().build()
    return tf.compat.v1.profiler.profile(graph, options=wanted).total_float_ops


def step_memory(model, batch_size, processes=1):
    """Bytes that a training step takes at its peak beside what a process has: an estimate from the layers' shapes.

    Nothing is run, so that it can be told of a step that does not fit.

    Args:
      model: compiled `GAN`.
      batch_size: real samples per critic update, of all processes.
      processes: int, that train together, each on its part of the samples.

    Returns:
      float; what was measured was between half and twice as much, see benchmarks/README.md.
    """
    networks = model.critic, model.generator
    made = [operations.of_network(network).made for network in networks]
    parts = processes * model.accumulate
    sizes = batch_size, model.generator_batch_size or batch_size
    updates = [
        -(-size // parts) * sum(share * bytes_ for share, bytes_ in zip(of, made, strict=True))
        for size, of in zip(sizes, (_OF_CRITIC, _OF_GENERATOR), strict=True)
    ]
    calls = model.n_critic * model.accumulate
    ahead = _AHEAD * (calls - 1) * -(-batch_size // parts) * made[1]
    weights = sum(4 * network.count_params() for network in networks)
    return _PROGRAMS + _WEIGHTS * weights + max(updates) + ahead


def memory_warning(model, batch_size, processes=1, here=1):
    """A line where a step is expected to take more memory than is left here; "" elsewhere, and where there is a GPU.

    Args:
      model: compiled `GAN`.
      batch_size: real samples per critic update, of all processes.
      processes: int, that train together.
      here: int, how many of them share this machine's memory.
    """
    left = memory.available()
    if left is None or tf.config.list_physical_devices("GPU"):
        return ""
    needed = step_memory(model, batch_size, processes)
    if here * needed <= left:
        return ""
    of = " of this process" if processes > 1 else ""
    times = f", {here} processes here {memory.in_words(here * needed)}," if here > 1 else " of memory,"
    return (
        f"a step{of} is expected to take about {memory.in_words(needed)}{times} and {memory.in_words(left)} are left "
        "here: it may not fit; a smaller --batch_size, or --accumulate, takes less"
    )


def random_batch(spec, count, classes=0):
    """Random numbers in the place of real samples, the same ones each time.

    Args:
      spec: `samples.Spec` of them.
      count: int.
      classes: int, of their labels; 0 for samples without.

    Returns:
      [count, *stored_shape] as they are stored, or {"samples": it, "labels": [count] int32}.
    """
    random, shape = np.random.default_rng(0), [count, *spec.stored_shape]
    drawn = random.normal(size=shape) if spec.dtype == "float32" else random.integers(0, 256, shape)
    samples = drawn.astype(spec.dtype)
    if not classes:
        return samples
    return {"samples": samples, "labels": random.integers(0, classes, count).astype(np.int32)}


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
    batch = random_batch(model.codec.spec, model.n_critic * batch_size, model.classes)
    stretches = Stretches(model, Summary(model), tf.data.Dataset.from_tensors(batch).repeat(), jit_compile=jit_compile)
    stretches.run(1)
    begun, measured = time.monotonic(), []
    while not measured or (len(measured) < _CALLS and time.monotonic() - begun < _SECONDS):
        then = time.monotonic()
        steps = stretches.run(100)
        measured.append((time.monotonic() - then) / steps)
    return float(np.median(measured))

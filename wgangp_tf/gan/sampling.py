"""Samples by number: sample k depends on (seed, k), and on its label, alone; memory is bounded by chunks."""

import math
import os

import numpy as np
import tensorflow as tf

from wgangp_tf import randomness
from wgangp_tf.gan import classes

# Part of what a sample is: another chunk gives other samples. Chunks are always whole, since a product over
# another number of rows may round otherwise.
CHUNK = 64
MOST = 2**31 - 1  # samples of a seed: their numbers are int32


def check_memory(count, sample_shape):
    """Raises a ValueError for samples that do not fit into this machine's memory at once."""
    needed = 4 * count * math.prod(sample_shape)
    here = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > here:
        raise ValueError(
            f"n samples must fit into memory, {here / 2**30:.0f} GB here: generated_chunks gives them some at a time. "
            f"Received: n={count}, {needed / 2**30:,.0f} GB"
        )


def latents_of_chunk(seed, chunk, latent_dim):
    """Latents of the samples CHUNK·chunk … CHUNK·(chunk + 1) − 1 of a seed: float32 [CHUNK, latent_dim]."""
    return randomness.normal([CHUNK, latent_dim], randomness.key(seed, randomness.Use.GENERATE, chunk))


def labels_of_chunk(seed, chunk, shares, labels):
    """Labels of the same samples: those that are given, and where one is left open, a draw by (seed, number).

    Args:
      shares: float64 [classes], see `classes.shares`.
      labels: int32 [CHUNK], `classes.ANY` where the class is left open.

    Returns:
      int32 [CHUNK].
    """
    uniform = randomness.uniform([CHUNK], randomness.key(seed, randomness.Use.GENERATE_LABELS, chunk))
    return tf.where(labels == classes.ANY, classes.drawn(uniform, shares), labels)


def inputs_of_chunk(seed, chunk, latent_dim, shares=None, labels=None):
    """What a generator makes the samples of a chunk from.

    Args:
      seed, chunk, latent_dim: see `latents_of_chunk`.
      shares: float64 [classes] for a generator that takes classes, else None.
      labels: int32 [CHUNK], see `labels_of_chunk`; None leaves all open.

    Returns:
      (latents,) or (latents, labels).
    """
    latents = latents_of_chunk(seed, chunk, latent_dim)
    if shares is None:
        return (latents,)
    open_ones = tf.fill([CHUNK], classes.ANY)
    return latents, labels_of_chunk(seed, chunk, shares, open_ones if labels is None else labels)


def place(seed, chunk):
    """(seed, chunk, part) of a whole chunk, as tensors: what keys the noise of a generator's own, see `of_chunk`."""
    return tuple(tf.constant(number, tf.int32) for number in (seed, chunk, 0))


def rows_at_once(sample_shape):
    """How many samples of a chunk are made at a time: a divisor of CHUNK, by the shape of a sample alone.

    So many that a layer of 64 maps of their size stays below 256 MB: a device that trains on such samples holds it.
    """
    rows = CHUNK
    while rows > 1 and rows * math.prod(sample_shape[:-1]) * 64 * 4 > 2**28:
        rows //= 2
    return rows


def of_chunk(network, inputs, sample_shape, seed, chunk):
    """Samples of what `inputs_of_chunk` gives, float32 [CHUNK, *sample], in a graph or eagerly; see `rows_at_once`.

    Args:
      network: callable of inputs and of `place`, (seed, chunk, part), which keys the noise of its own -> samples.
      inputs: see `inputs_of_chunk`.
      sample_shape: tuple of ints.
      seed, chunk: integers or integer tensors [], which samples these are.
    """
    rows = rows_at_once(sample_shape)
    if rows == CHUNK:
        return network(*inputs, place=(seed, chunk, 0))
    parts = tf.map_fn(
        lambda part: network(*part[1:], place=(seed, chunk, part[0])),
        (
            tf.range(CHUNK // rows),
            *(tf.reshape(each, [CHUNK // rows, rows, *each.shape[1:]]) for each in inputs),
        ),
        fn_output_signature=tf.TensorSpec([rows, *sample_shape], tf.float32),
        parallel_iterations=1,
    )
    return tf.reshape(parts, [CHUNK, *sample_shape])


def chunks(network, count, seed, latent_dim, shares=None, labels=None):
    """Yields the first `count` samples of a seed, a chunk at a time.

    Args:
      network: callable, float32 [CHUNK, latent_dim], and labels int32 [CHUNK] with `shares`, and `place`, which tells
        (seed, chunk, part) apart for noise of its own -> [CHUNK, *sample].
      count: int.
      seed: int.
      latent_dim: int.
      shares: see `inputs_of_chunk`.
      labels: int32 array [count], or None for classes as frequent as in the data.

    Yields:
      float32 array [≤ CHUNK, *sample].
    """
    for start in range(0, count, CHUNK):
        some = None
        if labels is not None:
            some = np.zeros(CHUNK, np.int32)  # a chunk is whole; what is beyond the last sample is left out below
            given = labels[start : start + CHUNK]
            some[: len(given)] = given
        inputs = inputs_of_chunk(seed, start // CHUNK, latent_dim, shares, some)
        made = network(*inputs, place=place(seed, start // CHUNK))
        yield np.asarray(tf.cast(made, tf.float32))[: count - start]


def generate(network, count, seed, latent_dim, shares=None, labels=None):
    """The first `count` samples of a seed, float32 array [count, *sample]; see `chunks`."""
    return np.concatenate(list(chunks(network, count, seed, latent_dim, shares, labels)))


def labels_of(count, seed, shares):
    """The labels of the first `count` samples of a seed where all are left open: int32 array [count]."""
    every = [labels_of_chunk(seed, chunk, shares, tf.fill([CHUNK], classes.ANY)) for chunk in range(-(-count // CHUNK))]
    return np.concatenate(every)[:count]

"""Samples by number: sample k depends on (seed, k) alone, and memory is bounded by chunks."""

import math

import numpy as np
import tensorflow as tf

from wgangp_tf import randomness

# Part of what a sample is: another chunk gives other samples. Chunks are always whole, since a product over
# another number of rows may round otherwise.
CHUNK = 64


def latents_of_chunk(seed, chunk, latent_dim):
    """Latents of the samples CHUNK·chunk … CHUNK·(chunk + 1) − 1 of a seed: float32 [CHUNK, latent_dim]."""
    return randomness.normal([CHUNK, latent_dim], randomness.key(seed, randomness.Use.GENERATE, chunk))


def rows_at_once(sample_shape):
    """How many samples of a chunk are made at a time: a divisor of CHUNK, by the shape of a sample alone.

    So many that a layer of 64 maps of their size stays below 256 MB: a device that trains on such samples holds it.
    """
    rows = CHUNK
    while rows > 1 and rows * math.prod(sample_shape[:-1]) * 64 * 4 > 2**28:
        rows //= 2
    return rows


def of_chunk(network, latents, sample_shape):
    """Samples of a chunk's latents, float32 [CHUNK, *sample], in a graph or eagerly; see `rows_at_once`."""
    rows = rows_at_once(sample_shape)
    if rows == CHUNK:
        return network(latents)
    parts = tf.map_fn(
        network,
        tf.reshape(latents, [CHUNK // rows, rows, latents.shape[-1]]),
        fn_output_signature=tf.TensorSpec([rows, *sample_shape], tf.float32),
        parallel_iterations=1,
    )
    return tf.reshape(parts, [CHUNK, *sample_shape])


def chunks(network, count, seed, latent_dim):
    """Yields the first `count` samples of a seed, a chunk at a time.

    Args:
      network: callable, float32 [CHUNK, latent_dim] -> [CHUNK, *sample].
      count: int.
      seed: int.
      latent_dim: int.

    Yields:
      float32 array [≤ CHUNK, *sample].
    """
    for start in range(0, count, CHUNK):
        samples = tf.cast(network(latents_of_chunk(seed, start // CHUNK, latent_dim)), tf.float32)
        yield np.asarray(samples)[: count - start]


def generate(network, count, seed, latent_dim):
    """The first `count` samples of a seed, float32 array [count, *sample]; see `chunks`."""
    return np.concatenate(list(chunks(network, count, seed, latent_dim)))

"""Samples by number: sample k depends on (seed, k) alone, and memory is bounded by chunks."""

import numpy as np
import tensorflow as tf

from wgangp_tf import randomness

# Part of what a sample is: another chunk gives other samples. Chunks are always whole, since a product over
# another number of rows may round otherwise.
CHUNK = 64


def latents_of_chunk(seed, chunk, latent_dim):
    """Latents of the samples CHUNK·chunk … CHUNK·(chunk + 1) − 1 of a seed: float32 [CHUNK, latent_dim]."""
    return randomness.normal([CHUNK, latent_dim], randomness.key(seed, randomness.Use.GENERATE, chunk))


def generate(network, count, seed, latent_dim):
    """The first `count` samples of a seed.

    Args:
      network: callable, float32 [CHUNK, latent_dim] -> [CHUNK, *sample].
      count: int.
      seed: int.
      latent_dim: int.

    Returns:
      float32 array [count, *sample].
    """
    chunks = -(-count // CHUNK)
    samples = [np.asarray(tf.cast(network(latents_of_chunk(seed, k, latent_dim)), tf.float32)) for k in range(chunks)]
    return np.concatenate(samples)[:count]

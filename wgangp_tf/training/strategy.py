"""Over which devices a run is spread."""

import tensorflow as tf

from wgangp_tf.errors import UserError


def make(name):
    """A tf.distribute strategy by name: "one", "mirrored", or "auto" (mirrored where there are several GPUs)."""
    gpus = tf.config.list_logical_devices("GPU")
    if name == "mirrored" or (name == "auto" and len(gpus) > 1):
        return tf.distribute.MirroredStrategy([device.name for device in gpus or tf.config.list_logical_devices("CPU")])
    return tf.distribute.get_strategy()


def check_batch_size(strategy, batch_size):
    """Raises a UserError unless every replica gets the same number of samples."""
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise UserError(f"batch_size must be a multiple of the {replicas} replicas. Received: batch_size={batch_size}")

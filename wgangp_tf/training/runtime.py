"""Who this process is: its role, its devices, its strategy. Comes before any data is touched.

A strategy over several machines must exist before TensorFlow's first operation, and tensorflow-datasets runs some when
it reads; so this is where TensorFlow is imported and set up, once.
"""

import contextlib
import dataclasses
import os
import pathlib
from typing import Any

from wgangp_tf import quiet
from wgangp_tf.errors import UserError


@dataclasses.dataclass(frozen=True)
class Runtime:
    """What a training runs on.

    Attributes:
      strategy: tf.distribute strategy.
      chief: whether this process writes the run directory.
      deterministic: whether the same bits come in every run on one machine.
      devices: one line for people.
    """

    strategy: Any
    chief: bool
    deterministic: bool
    devices: str

    @property
    def replicas(self):
        return self.strategy.num_replicas_in_sync

    def check_batch_sizes(self, optimization):
        """Raises a UserError unless every replica gets the same number of samples.

        Args:
          optimization: `config.Optimization`.
        """
        for name in ("batch_size", "generator_batch_size"):
            size = getattr(optimization, name)
            if size is not None and size % self.replicas:
                raise UserError(f"{name} must be a multiple of the {self.replicas} replicas. Received: {name}={size}")


def start(execution, seed):
    """Sets TensorFlow up for a training.

    Args:
      execution: `settings.Execution`.
      seed: int, of the run.

    Returns:
      `Runtime`.
    """
    quiet.import_tensorflow()
    import keras
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        with contextlib.suppress(RuntimeError, ValueError):  # TensorFlow runs already, for somebody else too
            tf.config.experimental.set_memory_growth(gpu, True)
    if execution.deterministic:
        keras.utils.set_random_seed(seed)
        tf.config.experimental.enable_op_determinism()
    strategy = _strategy(execution.strategy)
    return Runtime(strategy, chief=True, deterministic=execution.deterministic, devices=_devices(strategy))


def _strategy(name):
    """ "one", "mirrored", or "auto": mirrored where there are several GPUs."""
    import tensorflow as tf

    gpus = tf.config.list_logical_devices("GPU")
    if name == "mirrored" or (name == "auto" and len(gpus) > 1):
        return tf.distribute.MirroredStrategy([device.name for device in gpus or tf.config.list_logical_devices("CPU")])
    return tf.distribute.get_strategy()


def _devices(strategy):
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus]
    count = strategy.num_replicas_in_sync
    over = f", {count} replicas" if count > 1 else ""
    if names:
        return f"training on {', '.join(names)}{over}"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"training on {cores} processor cores{over}{_unused_gpu()}"


def _unused_gpu():
    """Why a GPU of this machine is not used, where there is one."""
    if not pathlib.Path("/dev/nvidia0").exists():
        return ""
    import tensorflow as tf

    if not tf.test.is_built_with_cuda():
        return "; there is an NVIDIA GPU, but this TensorFlow is built without CUDA"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "; there is an NVIDIA GPU, hidden by CUDA_VISIBLE_DEVICES"
    return "; there is an NVIDIA GPU, but TensorFlow finds no CUDA libraries for it: pip install 'wgangp_tf[gpu]'"

"""Who this process is: its role, its devices, its strategy. Comes before any data is touched.

A strategy over several machines must exist before TensorFlow's first operation, and tensorflow-datasets runs some when
it reads; so this is where TensorFlow is imported and set up, once.
"""

import contextlib
import dataclasses
import functools
import os
import pathlib
from typing import Any

from wgangp_tf import quiet
from wgangp_tf.errors import UserError
from wgangp_tf.training import chosen, workers
from wgangp_tf.training import cluster as clusters


@dataclasses.dataclass(frozen=True)
class Runtime:
    """What a training runs on.

    Attributes:
      strategy: tf.distribute strategy.
      workers: `workers.Workers`, the processes that train together.
      deterministic: whether the same bits come in every run on one machine.
      jit_compile: whether a step is compiled by XLA.
      steps_per_execution: most steps in one call, 1 over several; None for as many as a short while holds.
      devices: one line for people.
      chosen: one line for people, of what was left to the machine and why; "" where nothing was.
    """

    strategy: Any
    workers: workers.Workers
    deterministic: bool
    jit_compile: bool
    steps_per_execution: int | None
    devices: str
    chosen: str = ""

    @property
    def replicas(self):
        return self.strategy.num_replicas_in_sync

    @property
    def chief(self):
        """Whether this process writes the run directory."""
        return self.workers.chief

    def check_batch_sizes(self, optimization):
        """Raises a UserError unless every replica gets the same number of samples, and of those that are penalised.

        Args:
          optimization: `config.Optimization`.
        """
        of = self.replicas * optimization.accumulate
        times = f" times accumulate {optimization.accumulate}" if optimization.accumulate > 1 else ""
        for name in ("batch_size", "generator_batch_size"):
            size = getattr(optimization, name)
            if size is not None and size % of:
                fitting = sorted({max(size // of, 1) * of, (size // of + 1) * of})
                raise UserError(
                    f"{name} must be a multiple of the {self.replicas} replicas{times}. Received: {name}={size}; set "
                    f"--{name}={' or '.join(map(str, fitting))}, or --strategy=one"
                )
        optimization.check_penalised(of, f"{self.replicas} replicas{times}")


def start(execution, seed, narrow=False):
    """Sets TensorFlow up for a training.

    Args:
      execution: `settings.Execution`.
      seed: int, of the run.
      narrow: whether all networks of this process are narrow, see `networks.registry.narrow`.

    Returns:
      `Runtime`.

    Raises:
      UserError: what is asked for cannot be had here.
    """
    name = clusters.strategy_of(execution.strategy)
    cluster = clusters.of_strategy(name)
    quiet.start()
    import keras
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        with contextlib.suppress(RuntimeError, ValueError):  # TensorFlow runs already, for somebody else too
            tf.config.experimental.set_memory_growth(gpu, True)
    if execution.deterministic:
        keras.utils.set_random_seed(seed)
        tf.config.experimental.enable_op_determinism()
    # TF32 keeps 10 bits of a number: who wants speed names a half precision
    tf.config.experimental.enable_tensor_float_32_execution(False)
    why_threads = set_threads(execution, narrow)
    strategy = _strategy(name, cluster)
    together = several(execution)
    if together:
        check_several(execution)
    jit_compile, why_xla = chosen.xla(execution.jit_compile, together)
    most, why_most = chosen.steps_in_a_call(execution.steps_per_execution, together)
    return Runtime(
        strategy,
        workers.Workers(strategy, cluster),
        deterministic=execution.deterministic,
        jit_compile=jit_compile,
        steps_per_execution=most,
        devices=_devices(strategy, cluster) + (", XLA" if jit_compile else ""),
        chosen=chosen.in_words(why_xla, why_threads, why_most),
    )


def set_threads(execution, narrow):
    """Has TensorFlow run operations as `chosen.threads` says, where it has not begun to run any.

    Args:
      execution, narrow: see `start`.

    Returns:
      The reason, for people; "" where they run in TensorFlow's own way.
    """
    import tensorflow as tf

    # by its name: asking for devices starts them, and then no thread can be changed
    over_several = clusters.strategy_of(execution.strategy) not in ("auto", "one")
    jit_compile, _ = chosen.xla(execution.jit_compile, over_several)
    count, why = chosen.threads(narrow, over_several, jit_compile)
    if count is None:
        ours = tf.config.threading.get_intra_op_parallelism_threads() == 1
        return "one thread for each operation, as TensorFlow was set up in this process before" if ours else ""
    try:
        tf.config.threading.set_intra_op_parallelism_threads(count)
    except RuntimeError:  # it runs already, for somebody else too
        return ""
    return why


def check_several(execution):
    """Raises a UserError for what TensorFlow cannot do over several replicas.

    Args:
      execution: `settings.Execution` of a training over `several`.
    """
    if execution.jit_compile == "on":
        raise UserError(
            "jit_compile must be off over several replicas: XLA cannot reach the variables of another device "
            "(TensorFlow 2.21). Received: jit_compile=on; try --jit_compile=off"
        )
    if (execution.steps_per_execution or 1) > 1:
        raise UserError(
            "steps_per_execution must be 1 over several replicas: a loop in the graph cannot merge their updates "
            f"(TensorFlow 2.21). Received: steps_per_execution={execution.steps_per_execution}"
        )


def several(execution):
    """Whether a training is cut over several replicas or processes; a cluster of one process is several too.

    It asks TensorFlow for its devices, which thereby start: what sets them up comes before.

    Args:
      execution: `settings.Execution`.
    """
    name = clusters.strategy_of(execution.strategy)
    if name in ("multi_worker", "tpu"):
        return True
    import tensorflow as tf

    devices = tf.config.list_logical_devices("GPU")
    if name == "mirrored":
        devices = devices or tf.config.list_logical_devices("CPU")
    return name != "one" and len(devices) > 1


def _strategy(name, cluster):
    """The strategy of a name; "auto": mirrored where there are several GPUs."""
    import tensorflow as tf

    if name == "multi_worker":
        return workers.connect(cluster)
    if name == "tpu":
        return _tpu()
    gpus = tf.config.list_logical_devices("GPU")
    if name == "mirrored" or (name == "auto" and len(gpus) > 1):
        return _mirrored(tuple(device.name for device in gpus or tf.config.list_logical_devices("CPU")))
    return tf.distribute.get_strategy()


@functools.cache
def _mirrored(devices):
    """One for a process: what two of them exchange gets mixed up (TensorFlow 2.21)."""
    import tensorflow as tf

    return tf.distribute.MirroredStrategy(list(devices))


def _tpu():
    """Of the TPU VM that this is; not run for want of one."""
    import tensorflow as tf

    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu="local")
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    except (ValueError, tf.errors.OpError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0].partition(". ")[0]  # behind it operations are listed
        raise UserError(f"strategy tpu expects a TPU VM. Received: a machine without a TPU ({reason})") from error


def _devices(strategy, cluster):
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus]
    count = strategy.num_replicas_in_sync
    over = f", {count} replicas" if count > 1 else ""
    if cluster is not None:
        over = f", {_counted(count, 'replica')} in {_counted(cluster.count, 'process', 'es')}"
    if names:
        return f"training on {', '.join(names)}{over}; float32 is float32 (TF32 is off)"
    cores = chosen.cores()
    return f"training on {_counted(cores, 'processor core')}{over}{_unused_gpu()}"


def _counted(count, what, several="s"):
    return f"{count} {what}{'' if count == 1 else several}"


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

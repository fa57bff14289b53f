"""Steps in stretches: as many in one call as a short while holds, none of which waits for the host."""

import time

import tensorflow as tf

from wgangp_tf.training.chosen import SECONDS

_MOST = 256
_AHEAD = 2  # batches on a GPU before their steps


class Stretches:
    """Runs training steps of a model on the batches of a pipeline."""

    def __init__(self, model, summary, batches, *, workers=1, most=None, jit_compile=False):
        """
        Args:
          model: compiled `GAN`.
          summary: `Summary` of the model.
          batches: tf.data.Dataset, a batch a step: of the replicas of this process, one after the other.
          workers: int, processes that train together.
          most: int, steps in a call; None for as many as a short while holds.
          jit_compile: whether XLA compiles a step.
        """
        strategy = model.distribute_strategy
        self._model, self._summary = model, summary
        self._most = most or _MOST
        self._train_step = model.train_step
        if jit_compile:
            self._train_step = tf.function(model.train_step, autograph=False, jit_compile=True)
        # over replicas a loop in the graph cannot merge their updates (TensorFlow 2.21): one step a call
        self._looped = strategy.num_replicas_in_sync == 1
        self._batches = _ahead(batches, _gpu()) if self._looped else iter(_of_replicas(batches, strategy, workers))
        self._call = tf.function(self._loop if self._looped else self._single, autograph=False)
        self._traced = False
        self._step_seconds = SECONDS
        self._timed = _has_clock()
        with tf.device("CPU:0"):  # where the clock is read
            self._waited = tf.Variable(0.0, trainable=False, dtype=tf.float64, name="waited")

    @property
    def seconds(self):
        """What the next call may take."""
        return max(self._step_seconds, SECONDS)

    def take_waited(self):
        """Seconds that steps waited for their batches since the last call; None where nothing may depend on the clock.

        The first step's is left out.
        """
        if not self._timed:
            return None
        waited = float(self._waited.numpy())
        self._waited.assign(0.0)
        return waited

    def run(self, most):
        """Runs at least one and at most `most` steps in one call; returns how many.

        Always through the same graph, so that the numbers do not depend on how many.
        """
        count = max(1, min(most, self._most, int(SECONDS / self._step_seconds))) if self._looped and self._traced else 1
        then = time.monotonic()
        self._call(self._batches, tf.constant(count))
        if self._traced:
            self._step_seconds = max((time.monotonic() - then) / count, 1e-6)
        else:
            self._waited.assign(0.0)  # while the reading begins
        self._traced = True
        return count

    def _loop(self, batches, count):
        def body(done):
            self._step(self._next(batches))
            return done + 1

        tf.while_loop(lambda done: done < count, body, [tf.constant(0)], parallel_iterations=1)

    def _single(self, batches, count):
        del count
        self._model.distribute_strategy.run(self._step, args=(self._next(batches),))

    def _next(self, batches):
        """The next batch; the time until it is there is counted."""
        if not self._timed:
            return next(batches)
        asked = tf.timestamp()
        with tf.control_dependencies([asked]):
            batch = next(batches)
        with tf.control_dependencies(tf.nest.flatten(batch, expand_composites=True)):
            self._waited.assign_add(tf.timestamp() - asked)
        return batch

    def _step(self, batch):
        self._summary.update(self._train_step(batch))


def _has_clock():
    """Whether graphs may read the clock: not where TensorFlow's operations must be deterministic."""
    try:
        tf.timestamp()
    except tf.errors.FailedPreconditionError:
        return False
    return True


def _gpu():
    """Name of the GPU that the steps of a single replica run on; None where they run on the processor."""
    gpus = tf.config.list_logical_devices("GPU")
    return gpus[0].name if gpus else None


def _ahead(batches, device):
    """An iterator over batches, which are on a device before their steps begin: that of several replicas sees to it.

    Not run on a GPU.
    """
    if device is None:
        return iter(batches)
    batches = batches.apply(tf.data.experimental.copy_to_device(device))
    with tf.device(device):  # or what is kept would go back to the processor
        return iter(batches.prefetch(_AHEAD))


def _of_replicas(batches, strategy, workers):
    """Batches of this process' replicas, each replica's to itself."""
    here = strategy.num_replicas_in_sync // workers

    def cut(tensor):
        count = tensor.shape[0]
        return tf.reshape(tensor, [here, -1 if count is None else count // here, *tensor.shape[1:]])

    each = batches.map(lambda batch: tf.nest.map_structure(cut, batch)).unbatch()
    # there is a batch for every step of the run: who says so is not asked before each step, in an exchange between all
    # processes, whether there is one more everywhere
    each = each.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)).prefetch(2 * here)
    return strategy.distribute_datasets_from_function(lambda context: each)

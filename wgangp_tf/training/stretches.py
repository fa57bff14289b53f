"""Steps in stretches: as many in one call as a short while holds, none of which waits for the host."""

import time

import tensorflow as tf

_SECONDS = 0.2  # of a call: what a signal may have to wait, and how often the bar moves
_MOST = 256


class Stretches:
    """Runs training steps of a model on the batches of a pipeline."""

    def __init__(self, model, summary, batches):
        """
        Args:
          model: compiled `GAN`.
          summary: `Summary` of the model.
          batches: tf.data.Dataset, a batch a step.
        """
        strategy = model.distribute_strategy
        self._model, self._summary = model, summary
        # over replicas a loop in the graph cannot merge their updates (TensorFlow 2.21): one step a call
        self._several = strategy.num_replicas_in_sync == 1
        self._batches = iter(batches if self._several else strategy.experimental_distribute_dataset(batches))
        self._call = tf.function(self._loop if self._several else self._single, autograph=False)
        self._traced = False
        self._step_seconds = _SECONDS

    def run(self, most):
        """Runs at least one and at most `most` steps in one call; returns how many.

        Always through the same graph, so that the numbers do not depend on how many.
        """
        count = max(1, min(most, _MOST, int(_SECONDS / self._step_seconds))) if self._several and self._traced else 1
        then = time.monotonic()
        self._call(self._batches, tf.constant(count))
        if self._traced:
            self._step_seconds = max((time.monotonic() - then) / count, 1e-6)
        self._traced = True
        return count

    def _loop(self, batches, count):
        def body(done):
            self._step(next(batches))
            return done + 1

        tf.while_loop(lambda done: done < count, body, [tf.constant(0)], parallel_iterations=1)

    def _single(self, batches, count):
        del count
        self._model.distribute_strategy.run(self._step, args=(next(batches),))

    def _step(self, batch):
        self._summary.update(self._model.train_step(batch))
